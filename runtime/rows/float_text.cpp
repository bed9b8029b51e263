#include "runtime/rows/float_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "runtime/rows/integer_text.hpp"

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

template <class Float>
void write_float(Float value, Float plain_below, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  std::array<char, 48> buffer;
  char* const begin = buffer.data();
  const auto size = std::fabs(value);
  // The bounds are exact: the shortest digits of a value below 10^k never round up to 10^k.
  const bool plain = size == 0 || (size >= static_cast<Float>(1e-4) && size < plain_below);
  const auto form = plain ? std::chars_format::fixed : std::chars_format::scientific;
  out.append(begin, std::to_chars(begin, begin + buffer.size(), value, form).ptr);
}

} // namespace

parse_outcome parse_float8(std::string_view text, double& value) noexcept { return parse_float<double>(text, value); }

parse_outcome parse_float4(std::string_view text, double& value) noexcept { return parse_float<float>(text, value); }

void write_float8(double value, std::string& out) { write_float(value, 1e15, out); }

void write_float4(float value, std::string& out) { write_float(value, 1e6F, out); }

} // namespace weir
