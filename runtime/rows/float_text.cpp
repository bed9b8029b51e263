#include "runtime/rows/float_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "runtime/rows/integer_text.hpp"
#include "runtime/rows/wide_integer.hpp"

namespace weir {
namespace {

bool has_nonzero_digit(std::string_view text) noexcept {
  for (const char c : text) {
    if ((c | 0x20) == 'e') return false;
    if (c >= '1' && c <= '9') return true;
  }
  return false;
}

template <class Float>
parse_outcome parse_float(std::string_view text, double& value) noexcept {
  text = trim_blanks(text);
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1); // from_chars knows no '+'
    if (!text.empty() && text.front() == '-') return parse_outcome::syntax;
  }
  Float parsed = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, parsed);
  if (failure == std::errc::invalid_argument || stop != end || text.back() == ')') return parse_outcome::syntax;
  if (failure == std::errc::result_out_of_range) return parse_outcome::out_of_range;
  if (std::isinf(parsed) && has_nonzero_digit(text)) return parse_outcome::out_of_range;
  if (parsed == 0 && has_nonzero_digit(text)) return parse_outcome::out_of_range;
  value = static_cast<double>(parsed);
  return parse_outcome::ok;
}

/// digits * 10^exponent.
struct decimal_digits {
  uint128 digits = 0;
  int exponent = 0;
};

decimal_digits take_apart(std::string_view scientific) noexcept {
  decimal_digits number;
  std::size_t at = 0;
  for (bool point = false; scientific[at] != 'e'; ++at) {
    if (scientific[at] == '.') {
      point = true;
    } else {
      number.digits = number.digits * 10 + static_cast<unsigned>(scientific[at] - '0');
      if (point) --number.exponent;
    }
  }
  int exponent = 0;
  if (scientific[++at] == '+') ++at; // from_chars knows no '+'
  std::from_chars(scientific.data() + at, scientific.data() + scientific.size(), exponent);
  number.exponent += exponent;
  return number;
}

/// Does a decimal number lie exactly half-way between `value` and one of its neighbours?
///
/// Only a large integer can: it is the odd number of one bit more than the mantissa, times a power of two, and the
/// powers of five in it end at 5^27.
template <class Float>
bool is_half_way(Float value, std::string_view scientific) noexcept {
  constexpr int precision = std::numeric_limits<Float>::digits;
  int exponent = 0;
  const auto mantissa = static_cast<uint128>(std::ldexp(std::frexp(value, &exponent), precision));
  exponent -= precision;
  if (exponent < 1) return false;
  auto [scaled, ten_exponent] = take_apart(scientific);
  if (ten_exponent < 0 || ten_exponent > 27) return false;
  for (int i = 0; i < ten_exponent; ++i) scaled *= 5;
  // Both sides without their common powers of two, times four, so that half a gap and a quarter are integers.
  const int common = std::min(exponent, ten_exponent);
  const auto number = scaled << (2 + ten_exponent - common);
  const auto exact = mantissa << (2 + exponent - common);
  const auto half_gap = uint128{2} << (exponent - common);
  if (number >= exact) return number - exact == half_gap;
  const bool power_of_two = mantissa == uint128{1} << (precision - 1); // the gap below it is half as wide
  return exact - number == (power_of_two ? half_gap / 2 : half_gap);
}

/// The shortest digits that read back as `value`, in scientific form. Where they lie half-way to a neighbour they do so
/// only for readers that round to even, and PostgreSQL prefers more digits.
template <class Float>
std::string_view shortest_digits(Float value, std::array<char, 48>& buffer) noexcept {
  char* const begin = buffer.data();
  char* const limit = begin + buffer.size();
  const auto* end = std::to_chars(begin, limit, value, std::chars_format::scientific).ptr;
  const auto text = [&] { return std::string_view(begin, static_cast<std::size_t>(end - begin)); };
  for (int precision = 0; is_half_way(value, text()); ++precision) {
    Float read_back = 0;
    do {
      end = std::to_chars(begin, limit, value, std::chars_format::scientific, precision).ptr;
      std::from_chars(begin, end, read_back);
    } while (read_back != value && ++precision < std::numeric_limits<Float>::max_digits10);
  }
  return text();
}

template <class Float>
void write_float(Float value, Float plain_below, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::signbit(value)) out.push_back('-');
  const auto size = std::fabs(value);
  if (std::isinf(size)) {
    out += "Infinity";
    return;
  }
  std::array<char, 48> buffer;
  // The bounds are exact: the shortest digits of a value below 10^k never round up to 10^k.
  if (size == 0 || (size >= static_cast<Float>(1e-4) && size < plain_below)) {
    out.append(buffer.data(),
               std::to_chars(buffer.data(), buffer.data() + buffer.size(), size, std::chars_format::fixed).ptr);
  } else {
    out += shortest_digits(size, buffer);
  }
}

} // namespace

parse_outcome parse_float8(std::string_view text, double& value) noexcept { return parse_float<double>(text, value); }

parse_outcome parse_float4(std::string_view text, double& value) noexcept { return parse_float<float>(text, value); }

void write_float8(double value, std::string& out) { write_float(value, 1e15, out); }

void write_float4(float value, std::string& out) { write_float(value, 1e6F, out); }

} // namespace weir
