#pragma once

#include <string>
#include <string_view>

#include "runtime/rows/decimal.hpp"
#include "runtime/rows/parse_outcome.hpp"

namespace weir {

/// The most digits PostgreSQL's numeric has before and after the point.
inline constexpr int numeric_max_integer_digits = 131072;
inline constexpr int numeric_max_scale = 16383;

/// Reads a numeric as PostgreSQL's numeric_in does (exponents too).
///
/// Output   `value`; if it does not fit, its form is `big` and `big_text` has its plain text ("-123.40": sign, digits,
///          point; no blanks, no exponent, no leading zeros beyond one before the point).
/// Cost     O(text); memory is used for big values only.
parse_outcome parse_decimal(std::string_view text, decimal& value, std::string& big_text);

/// Writes a decimal that is not `big`, with exactly its display scale.
void write_decimal(const decimal& value, std::string& out);

/// Writes sign, digits and a point before the last `scale` of them, with zeros where there are too few.
void write_scaled(bool negative, std::string_view digits, int scale, std::string& out);

} // namespace weir
