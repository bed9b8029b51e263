#include "runtime/rows/key_value.hpp"

#include <string_view>

namespace weir {
namespace {

constexpr std::size_t digits_that_fit = 37; // 10^37 < 2^126

/// "-00123.4500" as sign, digits without leading and trailing zeros, and scale; integers keep their trailing zeros.
canonical_decimal canonical_big(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  std::string digits;
  std::int32_t scale = 0;
  bool fraction = false;
  for (const char c : text) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    digits.push_back(c);
    if (fraction) ++scale;
  }
  while (scale > 0 && digits.back() == '0') {
    digits.pop_back();
    --scale;
  }
  digits.erase(0, digits.find_first_not_of('0'));
  canonical_decimal out;
  out.scale = scale;
  if (digits.size() > digits_that_fit) {
    out.form = decimal::kind::big;
    out.big = negative ? "-" + digits : digits;
    return out;
  }
  for (const char c : digits) out.coefficient = out.coefficient * 10 + (c - '0');
  if (negative) out.coefficient = -out.coefficient;
  return out;
}

} // namespace

canonical_decimal canonical(const column& from, std::size_t row) {
  const decimal& d = from.decimals[row];
  if (d.form == decimal::kind::big) return canonical_big(from.bigs[static_cast<std::size_t>(d.coefficient)]);
  canonical_decimal out;
  out.form = d.form;
  if (d.form != decimal::kind::finite) return out;
  out.coefficient = d.coefficient;
  out.scale = d.coefficient == 0 ? 0 : d.scale;
  while (out.scale > 0 && out.coefficient % 10 == 0) {
    out.coefficient /= 10;
    --out.scale;
  }
  // A coefficient of 38 digits fits a column but not `digits_that_fit`: one form for one value, whatever column it is
  // in.
  const int128 bound = static_cast<int128>(10'000'000'000'000'000'000ULL) * 1'000'000'000'000'000'000LL;
  if (out.coefficient < bound && out.coefficient > -bound) return out;
  std::string digits;
  for (auto rest = out.coefficient < 0 ? -out.coefficient : out.coefficient; rest != 0; rest /= 10)
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  out.form = decimal::kind::big;
  out.big = out.coefficient < 0 ? "-" + digits : digits;
  out.coefficient = 0;
  return out;
}

} // namespace weir
