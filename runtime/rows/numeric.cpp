#include "runtime/rows/numeric.hpp"

#include <algorithm>
#include <utility>

#include "runtime/rows/decimal_text.hpp"
#include "runtime/rows/float_text.hpp"

namespace weir {
namespace {

// PostgreSQL keeps a numeric in digits of base 10000, aligned to the point; some choices below depend on that.
constexpr int digits_of_base = 4;
constexpr int min_significant_digits = 16; // NUMERIC_MIN_SIG_DIGITS
constexpr int max_display_scale = 1000;    // NUMERIC_MAX_DISPLAY_SCALE

error overflow() { return {errc::numeric_value_out_of_range, "value overflows numeric format"}; }

error divided_by_zero() { return {errc::division_by_zero, "division by zero"}; }

constexpr int floor_divide(int a, int b) noexcept { return a / b - (a % b < 0 ? 1 : 0); }

/// The first base-10000 digit of a number that is not 0, and its weight: value = digit * 10000^weight + less.
struct leading_digit {
  int weight = 0;
  unsigned digit = 0;
};

/// Where the leading digit of a coefficient of `digits` decimal digits ends, as a power of ten of the coefficient.
int leading_cut(int digits, int scale, int& weight) noexcept {
  weight = floor_divide(digits - scale - 1, digits_of_base);
  return weight * digits_of_base + scale;
}

leading_digit leading_digit_of(uint128 coefficient, int scale) noexcept {
  leading_digit lead;
  if (coefficient == 0) return lead;
  const int cut = leading_cut(digit_count(coefficient), scale, lead.weight);
  const auto power = powers_of_ten[static_cast<std::size_t>(cut < 0 ? -cut : cut)];
  lead.digit = static_cast<unsigned>(cut < 0 ? coefficient * power : coefficient / power);
  return lead;
}

leading_digit leading_digit_of(const big_integer& coefficient, int scale) {
  leading_digit lead;
  if (coefficient.is_zero()) return lead;
  const int cut = leading_cut(coefficient.digit_count(), scale, lead.weight);
  big_integer digit = coefficient;
  if (cut < 0) {
    digit.multiply_by_power_of_ten(-cut);
  } else {
    mpz_tdiv_q(digit.raw(), digit.raw(), power_of_ten(cut).raw());
  }
  lead.digit = static_cast<unsigned>(magnitude(digit.narrow()));
  return lead;
}

/// PostgreSQL's select_div_scale.
int quotient_scale(leading_digit a, int a_scale, leading_digit b, int b_scale) noexcept {
  const int weight = a.weight - b.weight - (a.digit <= b.digit ? 1 : 0);
  const int scale = std::max({min_significant_digits - weight * digits_of_base, a_scale, b_scale, 0});
  return std::min(scale, max_display_scale);
}

/// a / b, rounded half away from zero.
void divide_rounding(big_integer& a, const big_integer& b) {
  big_integer remainder;
  const bool negative = a.sign() * b.sign() < 0;
  mpz_tdiv_qr(a.raw(), remainder.raw(), a.raw(), b.raw());
  mpz_mul_2exp(remainder.raw(), remainder.raw(), 1);
  if (mpz_cmpabs(remainder.raw(), b.raw()) >= 0) a.add(static_cast<int128>(negative ? -1 : 1));
}

std::weak_ordering ordering(int sign) noexcept {
  return sign < 0 ? std::weak_ordering::less : sign > 0 ? std::weak_ordering::greater : std::weak_ordering::equivalent;
}

/// The place of values that are not finite in the order; finite ones are 0.
int rank(decimal::kind form) noexcept {
  switch (form) {
    case decimal::kind::negative_infinity: return -1;
    case decimal::kind::positive_infinity: return 1;
    case decimal::kind::nan: return 2;
    case decimal::kind::finite:
    case decimal::kind::big: break;
  }
  return 0;
}

} // namespace

numeric::numeric(const column& from, std::size_t row) : small_(from.decimals[row]) {
  if (!is_big()) return;
  big_ = big_integer(from.bigs[static_cast<std::size_t>(small_.coefficient)]);
  small_.coefficient = 0;
}

numeric::numeric(big_integer coefficient, int scale) {
  small_.scale = scale;
  if (coefficient.fits_coefficient()) {
    small_.coefficient = coefficient.narrow();
    return;
  }
  small_.form = decimal::kind::big;
  big_ = std::move(coefficient);
}

numeric numeric::special(decimal::kind form) noexcept {
  return numeric(decimal{.coefficient = 0, .scale = 0, .form = form});
}

/// The result of an operation, if the format holds it.
result<numeric> numeric::checked(big_integer coefficient, int scale) {
  // GMP's quick count of digits may be one too many; only at the bound is that worth a closer look.
  const auto digits = static_cast<int>(mpz_sizeinbase(std::as_const(coefficient).raw(), 10));
  const bool too_long =
      digits - scale > numeric_max_integer_digits && coefficient.digit_count() - scale > numeric_max_integer_digits;
  if (too_long || scale > numeric_max_scale) return overflow();
  return numeric(std::move(coefficient), scale);
}

result<numeric> numeric::parse(std::string_view text) {
  column one({type_id::numeric, -1});
  WEIR_TRY(append_text(one, text));
  return numeric(one, 0);
}

int numeric::sign() const noexcept {
  if (is_big()) return big_.sign();
  if (small_.form == decimal::kind::finite) return small_.coefficient < 0 ? -1 : small_.coefficient > 0 ? 1 : 0;
  return is_nan() ? 0 : rank(small_.form);
}

void numeric::write_text(std::string& out) const {
  if (is_big()) {
    write_scaled(big_.sign() < 0, big_.magnitude_digits(), small_.scale, out);
  } else {
    write_decimal(small_, out);
  }
}

std::string numeric::to_string() const {
  std::string text;
  write_text(text);
  return text;
}

void numeric::append_to(column& to) const {
  if (is_big()) {
    to.append_decimal(small_, to_string());
  } else {
    to.append_decimal(small_);
  }
}

numeric numeric::negated() const {
  numeric out = *this;
  switch (small_.form) {
    case decimal::kind::finite: out.small_.coefficient = -small_.coefficient; break;
    case decimal::kind::big: mpz_neg(out.big_.raw(), out.big_.raw()); break;
    case decimal::kind::positive_infinity: return special(decimal::kind::negative_infinity);
    case decimal::kind::negative_infinity: return special(decimal::kind::positive_infinity);
    case decimal::kind::nan: break;
  }
  return out;
}

numeric numeric::rounded(int scale) const {
  if (!is_finite() || scale == small_.scale) return *this;
  if (scale > small_.scale) return numeric(coefficient_at(scale), scale);
  auto shortened = coefficient();
  divide_rounding(shortened, power_of_ten(small_.scale - scale));
  return numeric(std::move(shortened), scale);
}

result<double> numeric::to_float8() const {
  const auto text = to_string();
  double value = 0;
  if (parse_float8(text, value) == parse_outcome::ok) return value;
  return error{errc::numeric_value_out_of_range, "\"" + text + "\" is out of range for type double precision"};
}

result<double> numeric::to_float4() const {
  const auto text = to_string();
  double value = 0;
  if (parse_float4(text, value) == parse_outcome::ok) return value;
  return error{errc::numeric_value_out_of_range, "\"" + text + "\" is out of range for type real"};
}

big_integer numeric::coefficient_at(int scale) const {
  auto value = coefficient();
  value.multiply_by_power_of_ten(scale - small_.scale);
  return value;
}

result<numeric> add_finite(const numeric& a, const numeric& b, bool negate_b) {
  const int scale = std::max(a.scale(), b.scale());
  auto sum = a.coefficient_at(scale);
  const auto other = b.coefficient_at(scale);
  negate_b ? mpz_sub(sum.raw(), sum.raw(), other.raw()) : mpz_add(sum.raw(), sum.raw(), other.raw());
  return numeric::checked(std::move(sum), scale);
}

result<numeric> add(const numeric& a, const numeric& b) {
  decimal sum;
  if (add_small(a.small_, b.small_, sum)) return numeric(sum);
  if (a.is_finite() && b.is_finite()) return add_finite(a, b, false);
  if (a.is_nan() || b.is_nan()) return numeric::special(decimal::kind::nan);
  if (a.is_finite()) return b;
  if (b.is_finite() || a.small_.form == b.small_.form) return a;
  return numeric::special(decimal::kind::nan); // infinity - infinity
}

result<numeric> subtract(const numeric& a, const numeric& b) {
  if (a.is_finite() && b.is_finite()) return add_finite(a, b, true);
  return add(a, b.negated());
}

result<numeric> multiply(const numeric& a, const numeric& b) {
  decimal product;
  if (multiply_small(a.small_, b.small_, product)) return numeric(product);
  if (a.is_nan() || b.is_nan()) return numeric::special(decimal::kind::nan);
  if (!a.is_finite() || !b.is_finite()) {
    const int sign = a.sign() * b.sign(); // 0: zero times infinity
    if (sign == 0) return numeric::special(decimal::kind::nan);
    return numeric::special(sign < 0 ? decimal::kind::negative_infinity : decimal::kind::positive_infinity);
  }
  auto exact = a.coefficient();
  const auto other = b.coefficient();
  mpz_mul(exact.raw(), exact.raw(), other.raw());
  int scale = a.scale() + b.scale();
  if (scale > numeric_max_scale) {
    divide_rounding(exact, power_of_ten(scale - numeric_max_scale));
    scale = numeric_max_scale;
  }
  return numeric::checked(std::move(exact), scale);
}

result<numeric> divide(const numeric& a, const numeric& b) {
  if (a.is_nan() || b.is_nan()) return numeric::special(decimal::kind::nan);
  if (a.is_infinite()) {
    if (b.is_infinite()) return numeric::special(decimal::kind::nan);
    if (b.sign() == 0) return divided_by_zero();
    return b.sign() > 0 ? a : a.negated();
  }
  if (b.is_infinite()) return numeric();
  if (b.is_zero()) return divided_by_zero();
  decimal quotient;
  if (divide_small(a.small_, b.small_, quotient)) return numeric(quotient);
  auto dividend = a.coefficient();
  auto divisor = b.coefficient();
  const int scale =
      quotient_scale(leading_digit_of(dividend, a.scale()), a.scale(), leading_digit_of(divisor, b.scale()), b.scale());
  const int lift = scale + b.scale() - a.scale();
  lift < 0 ? divisor.multiply_by_power_of_ten(-lift) : dividend.multiply_by_power_of_ten(lift);
  divide_rounding(dividend, divisor);
  return numeric::checked(std::move(dividend), scale);
}

result<numeric> modulo(const numeric& a, const numeric& b) {
  if (a.is_nan() || b.is_nan()) return numeric::special(decimal::kind::nan);
  if (a.is_infinite()) {
    if (b.sign() == 0) return divided_by_zero();
    return numeric::special(decimal::kind::nan);
  }
  if (b.is_infinite()) return a;
  if (b.is_zero()) return divided_by_zero();
  const int scale = std::max(a.scale(), b.scale());
  auto remainder = a.coefficient_at(scale);
  const auto divisor = b.coefficient_at(scale);
  mpz_tdiv_r(remainder.raw(), remainder.raw(), divisor.raw());
  return numeric::checked(std::move(remainder), scale);
}

std::weak_ordering compare(const numeric& a, const numeric& b) {
  int order = 0;
  if (compare_small(a.small_, b.small_, order)) return ordering(order);
  if (!a.is_finite() || !b.is_finite()) return ordering(rank(a.small_.form) - rank(b.small_.form));
  if (a.sign() != b.sign()) return ordering(a.sign() - b.sign());
  const int scale = std::max(a.scale(), b.scale());
  return ordering(mpz_cmp(a.coefficient_at(scale).raw(), b.coefficient_at(scale).raw()));
}

bool divide_small(const decimal& a, const decimal& b, decimal& out) noexcept {
  if (a.form != decimal::kind::finite || b.form != decimal::kind::finite || b.coefficient == 0) return false;
  if (a.scale > max_display_scale || b.scale > max_display_scale) return false;
  const auto dividend = magnitude(a.coefficient);
  auto divisor = magnitude(b.coefficient);
  const int scale =
      quotient_scale(leading_digit_of(dividend, a.scale), a.scale, leading_digit_of(divisor, b.scale), b.scale);
  // The scale is no less than that of `a`, so only the dividend is ever lifted.
  const int lift = scale + b.scale - a.scale;
  if (lift > max_small_power || digit_count(dividend) + lift > max_small_power) return false;
  const auto lifted = dividend * powers_of_ten[static_cast<std::size_t>(lift)];
  auto quotient = lifted / divisor;
  const auto remainder = lifted % divisor;
  if (remainder >= divisor - remainder) ++quotient;
  const auto value = static_cast<int128>(quotient);
  out = {(a.coefficient < 0) == (b.coefficient < 0) ? value : -value, scale, decimal::kind::finite};
  return true;
}

} // namespace weir
