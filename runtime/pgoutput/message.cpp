#include "runtime/pgoutput/message.hpp"

#include <fmt/format.h>

#include "runtime/pgoutput/decode_error.hpp"
#include "runtime/pgoutput/wire_reader.hpp"

namespace weir::pgoutput {

namespace {

using payload_bytes = std::span<const std::byte>;

/// The last step of every decoder: were all fields there, and nothing after them?
result<message> finish(const wire_reader& in, std::string_view name, payload_bytes payload, message&& decoded) {
  if (in.failed()) return truncated(name, payload.size());
  if (in.left() != 0) return trailing_bytes(name, in.left());
  return std::move(decoded);
}

// Fields are read inside braces: an initializer list, unlike a function's arguments, is evaluated in order.

result<message> decode_begin(wire_reader in, payload_bytes payload) {
  return finish(in, "Begin", payload, begin{lsn{in.u64()}, in.i64(), xid{in.u32()}});
}

result<message> decode_commit(wire_reader in, payload_bytes payload) {
  if (const auto flags = in.u8(); flags != 0) return bad_byte(errc::invalid_value, "flags of Commit", flags);
  return finish(in, "Commit", payload, commit{lsn{in.u64()}, lsn{in.u64()}, in.i64()});
}

result<message> decode_origin(wire_reader in, payload_bytes payload) {
  return finish(in, "Origin", payload, origin{lsn{in.u64()}, in.c_string()});
}

result<message> decode_relation(wire_reader in, payload_bytes payload) {
  relation r;
  r.oid = table_oid{in.u32()};
  r.schema = in.c_string();
  if (r.schema.empty()) r.schema = "pg_catalog";
  r.table = in.c_string();
  r.replica_identity = static_cast<char>(in.u8());
  const std::size_t count = in.u16();
  constexpr std::size_t smallest_column = 1 + 1 + 4 + 4;
  if (in.failed() || count > in.left() / smallest_column) return truncated("Relation", payload.size());
  r.columns.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto flags = in.u8();
    if (flags > 1) return bad_byte(errc::invalid_value, "flags of a Relation's column", flags);
    r.columns.push_back(relation_column{flags == 1, in.c_string(), in.u32(), in.i32()});
  }
  return finish(in, "Relation", payload, std::move(r));
}

result<message> decode_type(wire_reader in, payload_bytes payload) {
  type_name t{in.u32(), in.c_string(), in.c_string()};
  if (t.schema.empty()) t.schema = "pg_catalog";
  return finish(in, "Type", payload, t);
}

result<message> decode_row_message(payload_bytes payload) {
  row_change row;
  WEIR_TRY(decode_row(payload, row));
  return message{std::move(row)};
}

result<message> decode_truncate(wire_reader in, payload_bytes payload) {
  truncate t;
  const std::size_t count = in.u32();
  const auto flags = in.u8();
  if (in.failed() || count > in.left() / sizeof(std::uint32_t)) return truncated("Truncate", payload.size());
  if (flags > 3) return bad_byte(errc::invalid_value, "flags of Truncate", flags);
  t.cascade = (flags & 1) != 0;
  t.restart_identity = (flags & 2) != 0;
  t.relations.reserve(count);
  for (std::size_t i = 0; i < count; ++i) t.relations.push_back(table_oid{in.u32()});
  return finish(in, "Truncate", payload, std::move(t));
}

result<message> decode_logical_message(wire_reader in, payload_bytes payload) {
  const auto flags = in.u8();
  if (flags > 1) return bad_byte(errc::invalid_value, "flags of Message", flags);
  return finish(in, "Message", payload, logical_message{flags == 1, lsn{in.u64()}, in.c_string(), in.bytes(in.u32())});
}

result<message> decode_begin_prepare(wire_reader in, payload_bytes payload) {
  return finish(in, "Begin Prepare", payload,
                begin_prepare{lsn{in.u64()}, lsn{in.u64()}, in.i64(), xid{in.u32()}, in.c_string()});
}

result<message> decode_prepare(wire_reader in, payload_bytes payload) {
  if (const auto flags = in.u8(); flags != 0) return bad_byte(errc::invalid_value, "flags of Prepare", flags);
  return finish(in, "Prepare", payload, prepare{lsn{in.u64()}, lsn{in.u64()}, in.i64(), xid{in.u32()}, in.c_string()});
}

result<message> decode_commit_prepared(wire_reader in, payload_bytes payload) {
  if (const auto flags = in.u8(); flags != 0) return bad_byte(errc::invalid_value, "flags of Commit Prepared", flags);
  return finish(in, "Commit Prepared", payload,
                commit_prepared{lsn{in.u64()}, lsn{in.u64()}, in.i64(), xid{in.u32()}, in.c_string()});
}

result<message> decode_rollback_prepared(wire_reader in, payload_bytes payload) {
  if (const auto flags = in.u8(); flags != 0) return bad_byte(errc::invalid_value, "flags of Rollback Prepared", flags);
  return finish(in, "Rollback Prepared", payload,
                rollback_prepared{lsn{in.u64()}, lsn{in.u64()}, in.i64(), in.i64(), xid{in.u32()}, in.c_string()});
}

/// Streaming is an option of the slot's session that weir leaves off.
error streaming(std::string_view name) {
  return {errc::unsupported,
          fmt::format("pgoutput: {} belongs to the streaming of transactions in progress, which is not decoded", name),
          "read the slot without the option streaming"};
}

} // namespace

result<message> decode(payload_bytes payload) {
  wire_reader in(payload);
  const auto tag = in.u8();
  if (in.failed()) return truncated("message", payload.size());
  switch (tag) {
    case 'B': return decode_begin(in, payload);
    case 'C': return decode_commit(in, payload);
    case 'O': return decode_origin(in, payload);
    case 'R': return decode_relation(in, payload);
    case 'Y': return decode_type(in, payload);
    case 'I':
    case 'U':
    case 'D': return decode_row_message(payload);
    case 'T': return decode_truncate(in, payload);
    case 'M': return decode_logical_message(in, payload);
    case 'b': return decode_begin_prepare(in, payload);
    case 'P': return decode_prepare(in, payload);
    case 'K': return decode_commit_prepared(in, payload);
    case 'r': return decode_rollback_prepared(in, payload);
    case 'S': return streaming("Stream Start");
    case 'E': return streaming("Stream Stop");
    case 'c': return streaming("Stream Commit");
    case 'A': return streaming("Stream Abort");
    case 'p': return streaming("Stream Prepare");
    default: return bad_byte(errc::unknown_tag, "message tag", tag);
  }
}

} // namespace weir::pgoutput
