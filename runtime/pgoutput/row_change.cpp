#include "runtime/pgoutput/row_change.hpp"

#include "runtime/pgoutput/decode_error.hpp"
#include "runtime/pgoutput/wire_reader.hpp"

namespace weir::pgoutput {

namespace {

constexpr std::string_view name_of(std::uint8_t tag) {
  return tag == 'I' ? "Insert" : tag == 'U' ? "Update" : "Delete";
}

/// False where some column is of a kind that is not known (`kind` says which) or the bytes end (`in` has failed).
bool read_tuple(wire_reader& in, tuple& values, std::uint8_t& kind) {
  const std::size_t count = in.u16();
  // Every column takes a byte at least: a count that lies must not make memory.
  if (in.failed() || count > in.left()) {
    in.bytes(in.left() + 1);
    return false;
  }
  values.resize(count);
  for (auto& value : values) {
    kind = in.u8();
    value.kind = static_cast<value_kind>(kind);
    switch (kind) {
      case 't':
      case 'b': {
        const auto size = in.u32();
        const auto bytes = in.bytes(size);
        value.data = bytes.data();
        value.size = static_cast<std::uint32_t>(bytes.size());
        break;
      }
      case 'n':
      case 'u':
        value.data = nullptr;
        value.size = 0;
        break;
      default: return false;
    }
  }
  return !in.failed();
}

[[gnu::cold]] error tuple_error(const wire_reader& in, std::uint8_t tag, std::uint8_t kind, std::size_t size) {
  if (in.failed()) return truncated(name_of(tag), size);
  return bad_byte(errc::invalid_value, "column kind", kind);
}

} // namespace

status decode_row(std::span<const std::byte> payload, row_change& out) {
  wire_reader in(payload);
  const auto tag = in.u8();
  out.relation = table_oid{in.u32()};
  auto part = in.u8();
  if (in.failed()) return truncated("row message", payload.size());
  switch (tag) {
    case 'I': out.kind = row_kind::insert; break;
    case 'U': out.kind = row_kind::update; break;
    case 'D': out.kind = row_kind::removal; break;
    default: return bad_byte(errc::unknown_tag, "row message tag", tag);
  }
  out.old = old_row::none;
  std::uint8_t kind = 0;
  if (tag != 'I' && (part == 'K' || part == 'O')) {
    out.old = part == 'K' ? old_row::key : old_row::full;
    if (!read_tuple(in, out.old_values, kind)) return tuple_error(in, tag, kind, payload.size());
    if (tag == 'U') part = in.u8();
    if (in.failed()) return truncated(name_of(tag), payload.size());
  } else {
    out.old_values.clear();
  }
  if (tag == 'D') {
    if (out.old == old_row::none) return bad_byte(errc::invalid_value, "tuple tag of Delete", part);
    out.new_values.clear();
  } else {
    if (part != 'N') return bad_byte(errc::invalid_value, "tuple tag", part);
    if (!read_tuple(in, out.new_values, kind)) return tuple_error(in, tag, kind, payload.size());
  }
  if (in.left() != 0) return trailing_bytes(name_of(tag), in.left());
  return {};
}

} // namespace weir::pgoutput
