#include <array>
#include <limits>

#include <fmt/format.h>

#include "runtime/rows/column.hpp"
#include "runtime/rows/datetime_text.hpp"
#include "runtime/rows/decimal_text.hpp"
#include "runtime/rows/float_text.hpp"
#include "runtime/rows/integer_text.hpp"
#include "runtime/rows/interval_text.hpp"

namespace weir {
namespace {

constexpr std::size_t uuid_size = 36;

/// How much of a value an error message quotes.
constexpr std::size_t quoted_bytes = 100;

/// The words are PostgreSQL's.
error describe(const data_type& type, std::string_view text, parse_outcome outcome) {
  const auto name = to_sql(without_modifier(type));
  const auto quoted = text.substr(0, quoted_bytes);
  if (outcome == parse_outcome::syntax) {
    return {errc::invalid_text_representation, fmt::format("invalid input syntax for type {}: \"{}\"", name, quoted)};
  }
  if (is_integer(type.id)) {
    return {errc::numeric_value_out_of_range, fmt::format("value \"{}\" is out of range for type {}", quoted, name)};
  }
  if (type.id == type_id::numeric) return {errc::numeric_value_out_of_range, "value overflows numeric format"};
  if (type.id == type_id::interval)
    return {errc::numeric_value_out_of_range, fmt::format("interval field value out of range: \"{}\"", quoted)};
  return {errc::numeric_value_out_of_range, fmt::format("\"{}\" is out of range for type {}", quoted, name)};
}

template <class Parse>
status append_i64(column& to, std::string_view text, Parse parse) {
  std::int64_t value = 0;
  if (const auto outcome = parse(text, value); outcome != parse_outcome::ok) return describe(to.type, text, outcome);
  to.append_i64(value);
  return {};
}

/// Are the digits before what is no digit too many already? PostgreSQL stops there, and never sees the fault.
template <class Int>
bool overflows_first(std::string_view text) noexcept {
  text = trim_blanks(text);
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  Int value = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    if (__builtin_mul_overflow(value, Int{10}, &value)) return true;
    if (__builtin_sub_overflow(value, static_cast<Int>(text.front() - '0'), &value)) return true;
  }
  return false;
}

template <class Int>
status append_integer(column& to, std::string_view text) {
  return append_i64(to, text, [](std::string_view given, std::int64_t& value) {
    const auto outcome = parse_integer(given, value);
    if (outcome == parse_outcome::syntax && overflows_first<Int>(given)) return parse_outcome::out_of_range;
    if (outcome == parse_outcome::ok && value != static_cast<Int>(value)) return parse_outcome::out_of_range;
    return outcome;
  });
}

template <class Parse>
status append_f64(column& to, std::string_view text, Parse parse) {
  double value = 0;
  if (const auto outcome = parse(text, value); outcome != parse_outcome::ok) return describe(to.type, text, outcome);
  to.append_f64(value);
  return {};
}

status append_numeric(column& to, std::string_view text) {
  decimal value;
  std::string big_text; // owns memory for big values only
  const auto outcome = parse_decimal(text, value, big_text);
  if (outcome != parse_outcome::ok) return describe(to.type, text, outcome);
  to.append_decimal(value, big_text);
  return {};
}

/// The lower-case form of a hexadecimal digit, or 0.
constexpr char hex_digit(char c) noexcept {
  if (is_digit(c) || (c >= 'a' && c <= 'f')) return c;
  return c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : '\0';
}

/// Any of PostgreSQL's spellings: braces around, upper case, hyphens after any group of four digits or none.
parse_outcome parse_uuid(std::string_view text, std::array<char, uuid_size>& out) noexcept {
  const bool braces = !text.empty() && text.front() == '{';
  if (braces && text.back() != '}') return parse_outcome::syntax;
  if (braces) text = text.substr(1, text.size() - 2);
  std::size_t digits = 0;
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-' && digits > 0 && digits % 4 == 0 && text[i - 1] != '-' && i + 1 < text.size()) continue;
    const char digit = hex_digit(text[i]);
    if (digit == '\0' || digits == 32) return parse_outcome::syntax;
    if (written == 8 || written == 13 || written == 18 || written == 23) out[written++] = '-';
    out[written++] = digit;
    ++digits;
  }
  return digits == 32 ? parse_outcome::ok : parse_outcome::syntax;
}

status append_bytes(column& to, std::string_view text) {
  if (to.arena.size() + text.size() > std::numeric_limits<std::uint32_t>::max()) {
    return error{errc::internal, "a column of one batch holds at most 4 GiB of text", "use smaller batches"};
  }
  to.append_bytes(text);
  return {};
}

status append_interval(column& to, std::string_view text) {
  interval value;
  const auto outcome = parse_interval(text, value);
  if (outcome != parse_outcome::ok) return describe(to.type, text, outcome);
  to.append_interval(value);
  return {};
}

/// The blanks at the end of a char(n) do not count: a value lies without them.
std::string_view without_padding(std::string_view text) noexcept {
  const auto last = text.find_last_not_of(' ');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// Is it in the form that PostgreSQL writes already?
bool is_canonical_uuid(std::string_view text) noexcept {
  if (text.size() != uuid_size) return false;
  unsigned ok = 1;
  for (std::size_t i = 0; i < uuid_size; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23; // known to the compiler, which unrolls this
    ok &= static_cast<unsigned>(hyphen ? c == '-' : (c - unsigned{'0'} <= 9) | (c - unsigned{'a'} <= 5));
  }
  return ok != 0;
}

status append_uuid(column& to, std::string_view text) {
  if (is_canonical_uuid(text)) return append_bytes(to, text);
  std::array<char, uuid_size> canonical;
  if (const auto outcome = parse_uuid(text, canonical); outcome != parse_outcome::ok) {
    return describe(to.type, text, outcome);
  }
  return append_bytes(to, {canonical.data(), canonical.size()});
}

} // namespace

status append_text(column& to, std::string_view text) {
  switch (to.type.id) {
    case type_id::boolean: return append_i64(to, text, parse_boolean);
    case type_id::int2: return append_integer<std::int16_t>(to, text);
    case type_id::int4: return append_integer<std::int32_t>(to, text);
    case type_id::int8: return append_integer<std::int64_t>(to, text);
    case type_id::numeric: return append_numeric(to, text);
    case type_id::float4: return append_f64(to, text, parse_float4);
    case type_id::float8: return append_f64(to, text, parse_float8);
    case type_id::text:
    case type_id::varchar:
    case type_id::verbatim:
    case type_id::opaque:
    case type_id::citext: return append_bytes(to, text);
    case type_id::character: return append_bytes(to, without_padding(text));
    case type_id::date: return append_i64(to, text, parse_date);
    case type_id::timestamp: return append_i64(to, text, parse_timestamp);
    case type_id::timestamptz: return append_i64(to, text, parse_timestamptz);
    case type_id::uuid: return append_uuid(to, text);
    case type_id::time: return append_i64(to, text, parse_time);
    case type_id::interval: return append_interval(to, text);
  }
  return error{errc::internal, "a column of a type that is none"};
}

void write_text(const column& from, std::size_t row, std::string& out) {
  switch (from.type.id) {
    case type_id::boolean: out.push_back(from.i64[row] != 0 ? 't' : 'f'); return;
    case type_id::int2:
    case type_id::int4:
    case type_id::int8: write_integer(from.i64[row], out); return;
    case type_id::float4: write_float4(static_cast<float>(from.f64[row]), out); return;
    case type_id::float8: write_float8(from.f64[row], out); return;
    case type_id::text:
    case type_id::varchar:
    case type_id::character:
    case type_id::verbatim:
    case type_id::opaque:
    case type_id::citext:
    case type_id::uuid: out += from.bytes_at(row); return;
    case type_id::date: write_date(from.i64[row], out); return;
    case type_id::timestamp: write_timestamp(from.i64[row], out); return;
    case type_id::timestamptz: write_timestamptz(from.i64[row], out); return;
    case type_id::time: write_time(from.i64[row], out); return;
    case type_id::interval: write_interval(from.intervals[row], out); return;
    case type_id::numeric: break;
  }
  const decimal& value = from.decimals[row];
  if (value.form == decimal::kind::big) {
    out += from.bigs[static_cast<std::size_t>(value.coefficient)];
  } else {
    write_decimal(value, out);
  }
}

} // namespace weir
