#pragma once

#include <cstdint>

namespace weir {

/// What became of reading one value's text. The words for people are made where the column and its type are known.
enum class parse_outcome : std::uint8_t {
  ok,
  syntax,       ///< not a text of the type
  out_of_range, ///< a text of the type, for a value that the type does not hold
};

/// Blanks that PostgreSQL's input functions skip around a value.
constexpr bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

constexpr bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') <= 9; }

} // namespace weir
