#include "runtime/rows/codec.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include "runtime/rows/decimal_text.hpp"
#include "runtime/rows/wide_integer.hpp"

namespace weir {
namespace {

constexpr std::array<char, 4> magic{'w', 'b', '0', '2'};

template <class T>
void put(std::vector<std::byte>& out, const T* elements, std::size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto* const bytes = reinterpret_cast<const std::byte*>(elements);
  out.insert(out.end(), bytes, bytes + count * sizeof(T));
}

template <class T>
void put(std::vector<std::byte>& out, const T& value) {
  put(out, &value, 1);
}

/// A decimal without its padding.
struct packed_decimal {
  std::uint64_t low;
  std::uint64_t high;
  std::int32_t scale;
  std::uint32_t form;
};
static_assert(sizeof(packed_decimal) == 24 && std::has_unique_object_representations_v<packed_decimal>);

void put_decimals(std::vector<std::byte>& out, const column& from) {
  const auto begin = out.size();
  out.resize(begin + from.rows() * sizeof(packed_decimal));
  auto* at = out.data() + begin;
  for (const decimal& value : from.decimals) {
    const packed_decimal packed{static_cast<std::uint64_t>(value.coefficient),
                                static_cast<std::uint64_t>(static_cast<uint128>(value.coefficient) >> 64), value.scale,
                                static_cast<std::uint32_t>(value.form)};
    std::memcpy(at, &packed, sizeof packed);
    at += sizeof packed;
  }
  put(out, static_cast<std::uint64_t>(from.bigs.size()));
  for (const auto& text : from.bigs) {
    put(out, static_cast<std::uint64_t>(text.size()));
    put(out, text.data(), text.size());
  }
}

void put_column(std::vector<std::byte>& out, const column& from) {
  const bool any_null = std::any_of(from.nulls.begin(), from.nulls.end(), [](std::uint8_t n) { return n != 0; });
  put(out, static_cast<std::uint8_t>(from.type.id));
  put(out, static_cast<std::uint8_t>(any_null ? 1 : 0));
  put(out, from.type.typmod);
  put(out, static_cast<std::uint64_t>(from.type.name.size()));
  put(out, from.type.name.data(), from.type.name.size());
  if (any_null) put(out, from.nulls.data(), from.rows());
  switch (storage_of(from.type.id)) {
    case storage::i64: return put(out, from.i64.data(), from.rows());
    case storage::f64: return put(out, from.f64.data(), from.rows());
    case storage::decimal: return put_decimals(out, from);
    case storage::interval: return put(out, from.intervals.data(), from.rows());
    case storage::bytes:
      put(out, from.offsets.data(), from.rows() + 1);
      return put(out, from.arena.data(), from.offsets[from.rows()]);
  }
}

error damaged(std::string_view what) {
  return {errc::invalid_value, fmt::format("an encoded batch is damaged: {}", what)};
}

/// The bytes still to be read. Sizes are checked before memory is reserved for them.
class reader {
public:
  explicit reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool done() const noexcept { return bytes_.empty(); }

  template <class T>
  status get(T* elements, std::size_t count) {
    if (count > bytes_.size() / sizeof(T)) return too_short();
    if (count == 0) return {};
    std::memcpy(elements, bytes_.data(), count * sizeof(T));
    bytes_ = bytes_.subspan(count * sizeof(T));
    return {};
  }

  template <class T>
  status get(T& value) {
    return get(&value, 1);
  }

  template <class Container>
  status get_many(Container& into, std::size_t count) {
    if (count > bytes_.size() / sizeof(typename Container::value_type)) return too_short();
    into.resize(count);
    return get(into.data(), count);
  }

private:
  static error too_short() { return {errc::truncated, "an encoded batch is cut off"}; }

  std::span<const std::byte> bytes_;
};

bool is_plain_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos && is_digit(text.front()) &&
         is_digit(text.back()) && text.find('.') == text.rfind('.');
}

status get_decimals(reader& in, column& into, std::size_t rows) {
  std::vector<packed_decimal> packed;
  WEIR_TRY(in.get_many(packed, rows));
  std::uint64_t bigs = 0;
  WEIR_TRY(in.get(bigs));
  if (bigs > rows) return damaged("more big numerics than rows");
  for (std::uint64_t i = 0; i < bigs; ++i) {
    std::uint64_t size = 0;
    WEIR_TRY(in.get(size));
    WEIR_TRY(in.get_many(into.bigs.emplace_back(), size));
    if (!is_plain_number(into.bigs.back())) return damaged("a big numeric that is no number");
  }
  into.decimals.reserve(rows);
  for (const auto& p : packed) {
    const auto coefficient = static_cast<int128>(static_cast<uint128>(p.high) << 64 | p.low);
    const auto form = static_cast<decimal::kind>(p.form);
    const bool is_big = form == decimal::kind::big;
    if (p.form > static_cast<std::uint32_t>(decimal::kind::big) || p.scale < 0 || p.scale > numeric_max_scale ||
        (is_big ? coefficient < 0 || coefficient >= static_cast<int128>(bigs) : !fits_coefficient(coefficient))) {
      return damaged("a numeric out of bounds");
    }
    into.decimals.push_back({coefficient, p.scale, form});
  }
  return {};
}

status get_bytes(reader& in, column& into, std::size_t rows) {
  WEIR_TRY(in.get_many(into.offsets, rows + 1));
  if (into.offsets.front() != 0 || !std::is_sorted(into.offsets.begin(), into.offsets.end())) {
    return damaged("offsets that do not ascend");
  }
  return in.get_many(into.arena, into.offsets.back());
}

result<column> get_column(reader& in, std::size_t rows) {
  std::uint8_t id = 0;
  std::uint8_t any_null = 0;
  std::int32_t typmod = -1;
  WEIR_TRY(in.get(id));
  WEIR_TRY(in.get(any_null));
  WEIR_TRY(in.get(typmod));
  std::uint64_t name_size = 0;
  std::string name;
  WEIR_TRY(in.get(name_size));
  WEIR_TRY(in.get_many(name, name_size));
  if (id > static_cast<std::uint8_t>(type_id::citext) || any_null > 1) return damaged("an unknown type");
  column made({static_cast<type_id>(id), typmod, std::move(name)});
  if (any_null == 1) WEIR_TRY(in.get_many(made.nulls, rows));
  made.nulls.resize(rows);
  switch (storage_of(made.type.id)) {
    case storage::i64: WEIR_TRY(in.get_many(made.i64, rows)); break;
    case storage::f64: WEIR_TRY(in.get_many(made.f64, rows)); break;
    case storage::decimal: WEIR_TRY(get_decimals(in, made, rows)); break;
    case storage::interval: WEIR_TRY(in.get_many(made.intervals, rows)); break;
    case storage::bytes: WEIR_TRY(get_bytes(in, made, rows)); break;
  }
  return made;
}

} // namespace

void encode(const batch& rows, std::vector<std::byte>& out) {
  put(out, magic);
  put(out, static_cast<std::uint64_t>(rows.rows()));
  put(out, static_cast<std::uint64_t>(rows.columns.size()));
  put(out, rows.weights.data(), rows.rows());
  for (const auto& c : rows.columns) put_column(out, c);
}

result<batch> decode(std::span<const std::byte> bytes) {
  reader in(bytes);
  std::array<char, 4> found{};
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  WEIR_TRY(in.get(found));
  if (found != magic) return damaged("it does not begin as one");
  WEIR_TRY(in.get(rows));
  WEIR_TRY(in.get(columns));
  batch decoded;
  WEIR_TRY(in.get_many(decoded.weights, rows));
  for (std::uint64_t i = 0; i < columns; ++i) {
    WEIR_ASSIGN(auto next, get_column(in, rows));
    decoded.columns.push_back(std::move(next));
  }
  if (!in.done()) return error{errc::trailing_bytes, "bytes follow an encoded batch"};
  return decoded;
}

} // namespace weir
