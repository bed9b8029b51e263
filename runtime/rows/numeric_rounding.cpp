#include "runtime/rows/numeric_rounding.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/rows/decimal_text.hpp"

namespace weir {
namespace {

/// -1, 0, 1: where the rounded number goes from the truncated one.
template <class Compare>
int step(rounding how, int sign_of_rest, Compare at_least_half) {
  switch (how) {
    case rounding::half_away_from_zero: return sign_of_rest != 0 && at_least_half() ? sign_of_rest : 0;
    case rounding::toward_zero: return 0;
    case rounding::up: return sign_of_rest > 0 ? 1 : 0;
    case rounding::down: return sign_of_rest < 0 ? -1 : 0;
  }
  return 0;
}

numeric size_of(const numeric& value) { return value.sign() < 0 ? value.negated() : value; }

/// To a power of ten that is itself beyond the format.
result<numeric> round_to_nothing(const numeric& value, int scale, rounding how) {
  WEIR_ASSIGN(const auto half, numeric::parse(fmt::format("5e{}", numeric_max_integer_digits - 1)));
  const bool up =
      how == rounding::half_away_from_zero && scale == -numeric_max_integer_digits && size_of(value) >= half;
  if (up) return error{errc::numeric_value_out_of_range, "value overflows numeric format"};
  return numeric();
}

} // namespace

result<numeric> round_to(const numeric& value, int scale, rounding how) {
  if (!value.is_finite()) return value;
  if (scale >= value.scale()) return value.rounded(scale);
  if (scale <= -numeric_max_integer_digits) return round_to_nothing(value, scale, how);
  WEIR_ASSIGN(const auto unit, numeric::parse(fmt::format("1e{}", -scale)));
  WEIR_ASSIGN(const auto rest, modulo(value, unit));
  WEIR_ASSIGN(auto rounded, subtract(value, rest));
  WEIR_ASSIGN(const auto doubled, add(rest, rest));
  const int away = step(how, rest.sign(), [&] { return size_of(doubled) >= unit; });
  if (away > 0) {
    WEIR_ASSIGN(rounded, add(rounded, unit));
  } else if (away < 0) {
    WEIR_ASSIGN(rounded, subtract(rounded, unit));
  }
  return rounded.rounded(std::max(scale, 0));
}

bool round_small(const decimal& value, int scale, rounding how, decimal& out) noexcept {
  if (value.form != decimal::kind::finite) return false;
  const int dropped = value.scale - scale;
  if (dropped > max_small_power || scale < -18) return false;
  out = {value.coefficient, std::max(scale, 0), decimal::kind::finite};
  if (dropped <= 0) {
    if (dropped < -18 || !fits_int64(value.coefficient)) return false;
    out.coefficient *= static_cast<std::int64_t>(powers_of_ten[static_cast<std::size_t>(-dropped)]);
    return fits_coefficient(out.coefficient);
  }
  const auto unit = static_cast<int128>(powers_of_ten[static_cast<std::size_t>(dropped)]);
  const auto rest = value.coefficient % unit;
  const int sign = rest < 0 ? -1 : rest > 0 ? 1 : 0;
  out.coefficient =
      value.coefficient / unit + step(how, sign, [&] { return magnitude(rest) >= magnitude(unit) - magnitude(rest); });
  if (scale >= 0) return true;
  if (!fits_int64(out.coefficient)) return false;
  out.coefficient *= static_cast<std::int64_t>(powers_of_ten[static_cast<std::size_t>(-scale)]);
  return fits_coefficient(out.coefficient);
}

result<numeric> divide_truncating(const numeric& a, const numeric& b) {
  if (!a.is_finite() || !b.is_finite() || b.sign() == 0) return divide(a, b);
  WEIR_ASSIGN(const auto rest, modulo(a, b));
  WEIR_ASSIGN(const auto exact, subtract(a, rest));
  WEIR_ASSIGN(const auto quotient, divide(exact, b));
  return quotient.rounded(0);
}

} // namespace weir
