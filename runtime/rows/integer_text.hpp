#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "runtime/rows/parse_outcome.hpp"

namespace weir {

/// The text without blanks at its ends.
std::string_view trim_blanks(std::string_view text) noexcept;

/// Eight characters as a number; false if one of them is no digit.
inline bool parse_eight_digits(const char* p, std::uint64_t& value) noexcept {
  std::uint64_t chunk;
  std::memcpy(&chunk, p, sizeof chunk);
  if constexpr (std::endian::native == std::endian::big) chunk = __builtin_bswap64(chunk);
  const auto high = chunk & 0xf0f0f0f0f0f0f0f0U;
  const auto above_nine = ((chunk + 0x0606060606060606U) & 0xf0f0f0f0f0f0f0f0U) >> 4;
  if ((high | above_nine) != 0x3333333333333333U) return false;
  // Neighbours are joined to numbers of two, four, then eight digits; the first character is the lowest byte.
  chunk = ((chunk & 0x0f0f0f0f0f0f0f0fU) * 2561) >> 8;
  chunk = ((chunk & 0x00ff00ff00ff00ffU) * 6553601) >> 16;
  value = ((chunk & 0x0000ffff0000ffffU) * 42949672960001U) >> 32;
  return true;
}

/// The careful way, see parse_integer.
parse_outcome parse_integer_slowly(std::string_view text, std::int64_t& value) noexcept;

/// Reads an integer as PostgreSQL's int8in does: blanks around it, a sign, decimal digits.
inline parse_outcome parse_integer(std::string_view text, std::int64_t& value) noexcept {
  // The form that PostgreSQL writes, of at most 18 digits; the rest goes the careful way.
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  if (p == end || end - p > 18) return parse_integer_slowly(text, value);
  std::uint64_t size = 0;
  for (; end - p >= 8; p += 8) {
    std::uint64_t eight = 0;
    if (!parse_eight_digits(p, eight)) return parse_integer_slowly(text, value);
    size = size * 100'000'000 + eight;
  }
  for (; p != end; ++p) {
    const auto digit = static_cast<unsigned char>(*p - '0');
    if (digit > 9) return parse_integer_slowly(text, value);
    size = size * 10 + digit;
  }
  value = static_cast<std::int64_t>(negative ? 0 - size : size);
  return parse_outcome::ok;
}

/// Reads a boolean as PostgreSQL's boolin does: t, true, yes, on, 1 and their opposites, any case, unique prefixes.
parse_outcome parse_boolean(std::string_view text, std::int64_t& value) noexcept;

void write_integer(std::int64_t value, std::string& out);

} // namespace weir
