#include "runtime/rows/decimal_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/rows/integer_text.hpp"
#include "runtime/rows/wide_integer.hpp"

namespace weir {
namespace {

/// A number taken apart: its digits without leading zeros, and how many of them follow the point.
struct plain_digits {
  bool negative = false;
  std::string digits;
  std::int64_t scale = 0;
};

bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

bool parse_special(std::string_view text, decimal& value) noexcept {
  if (equals_ignoring_case(text, "nan")) {
    value = {.form = decimal::kind::nan};
    return true;
  }
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  if (!equals_ignoring_case(text, "infinity") && !equals_ignoring_case(text, "inf")) return false;
  value = {.form = negative ? decimal::kind::negative_infinity : decimal::kind::positive_infinity};
  return true;
}

/// The number after 'e', clamped: beyond a billion every exponent is out of range alike.
bool parse_exponent(std::string_view text, std::int64_t& exponent) noexcept {
  std::int64_t value = 0;
  const auto outcome = text.empty() || is_blank(text.front()) ? parse_outcome::syntax : parse_integer(text, value);
  if (outcome == parse_outcome::syntax) return false;
  constexpr std::int64_t bound = 1'000'000'000;
  if (outcome == parse_outcome::out_of_range) value = text.front() == '-' ? -bound : bound;
  exponent = std::clamp(value, -bound, bound);
  return true;
}

bool take_apart(std::string_view text, plain_digits& number, std::int64_t& exponent) {
  number.negative = !text.empty() && text.front() == '-';
  if (number.negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  bool point = false;
  bool any_digit = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (is_digit(c)) {
      any_digit = true;
      if (point) ++number.scale;
      if (c != '0' || !number.digits.empty()) number.digits.push_back(c);
    } else if (c == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (!any_digit) return false;
  if (at == text.size()) return true;
  return (text[at] | 0x20) == 'e' && parse_exponent(text.substr(at + 1), exponent);
}

/// Moves the exponent into the scale. False if the number is outside the format.
bool apply_exponent(plain_digits& number, std::int64_t exponent) {
  number.scale -= exponent;
  if (number.digits.empty()) number.scale = std::max<std::int64_t>(number.scale, 0);
  const auto integer_digits = static_cast<std::int64_t>(number.digits.size()) - number.scale;
  if (integer_digits > numeric_max_integer_digits || number.scale > numeric_max_scale) return false;
  if (number.scale < 0) {
    number.digits.append(static_cast<std::size_t>(-number.scale), '0');
    number.scale = 0;
  }
  return true;
}

parse_outcome parse_decimal_slowly(std::string_view text, decimal& value, std::string& big_text) {
  text = trim_blanks(text);
  if (parse_special(text, value)) return parse_outcome::ok;
  plain_digits number;
  std::int64_t exponent = 0;
  if (!take_apart(text, number, exponent)) return parse_outcome::syntax;
  if (!apply_exponent(number, exponent)) return parse_outcome::out_of_range;
  value = {.scale = static_cast<std::int32_t>(number.scale)};
  uint128 size = 0;
  if (number.digits.size() <= 38) {
    for (const char c : number.digits) size = size * 10 + static_cast<unsigned>(c - '0');
  }
  if (number.digits.size() <= 38 && size < static_cast<uint128>(coefficient_limit)) {
    value.coefficient = number.negative ? -static_cast<int128>(size) : static_cast<int128>(size);
    return parse_outcome::ok;
  }
  value.form = decimal::kind::big;
  big_text.clear();
  write_scaled(number.negative, number.digits, value.scale, big_text);
  return parse_outcome::ok;
}

constexpr std::uint64_t ten_to_19 = 10'000'000'000'000'000'000ULL;

/// Writes the digits of `size` to the end of `buffer`; returns where they begin.
char* write_digits(uint128 size, char* end) noexcept {
  char* p = end;
  auto low = static_cast<std::uint64_t>(size);
  if (size >> 64 != 0) {
    low = static_cast<std::uint64_t>(size % ten_to_19);
    const auto high = size / ten_to_19;
    for (int i = 0; i < 19; ++i, low /= 10) *--p = static_cast<char>('0' + low % 10);
    return write_digits(high, p);
  }
  do {
    *--p = static_cast<char>('0' + low % 10);
    low /= 10;
  } while (low != 0);
  return p;
}

} // namespace

parse_outcome parse_decimal(std::string_view text, decimal& value, std::string& big_text) {
  // The form that PostgreSQL writes, of at most 18 digits and a point; the rest goes the careful way.
  const char* p = text.data();
  const char* const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (negative) ++p;
  if (end - p > 19 || end - p < 2) {
    if (end - p != 1 || !is_digit(*p)) return parse_decimal_slowly(text, value, big_text);
  }
  std::uint64_t size = 0;
  const char* point = nullptr;
  for (const char* at = p; at != end; ++at) {
    const auto digit = static_cast<unsigned char>(*at - '0');
    if (digit <= 9) {
      size = size * 10 + digit;
    } else if (*at == '.' && point == nullptr) {
      point = at;
    } else {
      return parse_decimal_slowly(text, value, big_text);
    }
  }
  const auto coefficient = static_cast<std::int64_t>(size);
  // 19 digits, 2^63 or more:
  if (coefficient < 0) return parse_decimal_slowly(text, value, big_text);
  value.coefficient = negative ? -coefficient : coefficient;
  value.scale = point == nullptr ? 0 : static_cast<std::int32_t>(end - point - 1);
  value.form = decimal::kind::finite;
  return parse_outcome::ok;
}

void write_decimal(const decimal& value, std::string& out) {
  switch (value.form) {
    case decimal::kind::nan: out += "NaN"; return;
    case decimal::kind::positive_infinity: out += "Infinity"; return;
    case decimal::kind::negative_infinity: out += "-Infinity"; return;
    case decimal::kind::big:
    case decimal::kind::finite: break;
  }
  std::array<char, 40> buffer;
  char* const end = buffer.data() + buffer.size();
  const char* const begin = write_digits(magnitude(value.coefficient), end);
  write_scaled(value.coefficient < 0, {begin, static_cast<std::size_t>(end - begin)}, value.scale, out);
}

void write_scaled(bool negative, std::string_view digits, int scale, std::string& out) {
  if (negative) out.push_back('-');
  const auto fraction = static_cast<std::size_t>(scale);
  if (fraction == 0) {
    out.append(digits);
  } else if (digits.size() > fraction) {
    out.append(digits.substr(0, digits.size() - fraction)).push_back('.');
    out.append(digits.substr(digits.size() - fraction));
  } else {
    out.append("0.").append(fraction - digits.size(), '0').append(digits);
  }
}

} // namespace weir
