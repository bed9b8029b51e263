#include "runtime/rows/exact_sum.hpp"

#include <cmath>
#include <cstdlib>

#include "runtime/rows/decimal_text.hpp"

namespace weir {
namespace {

int scale_of_text(std::string_view text) noexcept {
  const auto point = text.find('.');
  return point == std::string_view::npos ? 0 : static_cast<int>(text.size() - point - 1);
}

/// Drops trailing zeros after the point as far as `minimal_scale` allows, and adds them up to it.
void fit_scale(big_integer& value, int& scale, int minimal_scale) {
  if (scale < minimal_scale) {
    value.multiply_by_power_of_ten(minimal_scale - scale);
    scale = minimal_scale;
  }
  if (value.is_zero()) scale = minimal_scale;
  while (scale > minimal_scale && mpz_divisible_ui_p(value.raw(), 10) != 0) {
    mpz_divexact_ui(value.raw(), value.raw(), 10);
    --scale;
  }
}

void fit_scale(int128& value, int& scale, int minimal_scale) noexcept {
  if (value == 0) scale = minimal_scale;
  while (scale > minimal_scale && value % 10 == 0) {
    value /= 10;
    --scale;
  }
}

void write_big(const big_integer& value, int scale, std::string& out) {
  write_scaled(value.sign() < 0, value.magnitude_digits(), scale, out);
}

void append_big(const big_integer& value, int scale, column& to) {
  if (value.fits_coefficient()) {
    to.append_decimal({.coefficient = value.narrow(), .scale = scale, .form = decimal::kind::finite});
    return;
  }
  std::string text;
  write_big(value, scale, text);
  to.append_decimal({.coefficient = 0, .scale = scale, .form = decimal::kind::big}, text);
}

} // namespace

void exact_decimal_sum::add(const column& from, std::size_t row, std::int64_t weight) {
  if (from.is_null(row)) return;
  if (storage_of(from.type.id) == storage::i64) return add_integer(from.i64[row], weight);
  const decimal& value = from.decimals[row];
  if (value.form != decimal::kind::big) return add(value, weight);
  add_big(from.bigs[static_cast<std::size_t>(value.coefficient)], weight);
}

/// `small_` has wrapped around by adding `amount`: takes that back and moves the old sum to the big part.
void exact_decimal_sum::carry(int128 amount) {
  const auto before = static_cast<int128>(static_cast<uint128>(small_) - static_cast<uint128>(amount));
  big_.add(before);
  small_ = amount;
}

void exact_decimal_sum::add_slowly(const decimal& value, std::int64_t weight) {
  rescale(std::max(scale_, value.scale));
  const auto lift = scale_ - value.scale;
  int128 amount = 0;
  if (lift <= max_small_power &&
      !__builtin_mul_overflow(value.coefficient, static_cast<int128>(powers_of_ten[static_cast<std::size_t>(lift)]),
                              &amount) &&
      !__builtin_mul_overflow(amount, static_cast<int128>(weight), &amount)) {
    return accumulate(amount);
  }
  big_integer product(value.coefficient);
  mpz_mul_si(product.raw(), product.raw(), weight);
  product.multiply_by_power_of_ten(lift);
  big_.add(product);
}

void exact_decimal_sum::add_big(std::string_view text, std::int64_t weight) {
  const auto scale = scale_of_text(text);
  rescale(std::max<int>(scale_, scale));
  big_integer product(text);
  mpz_mul_si(product.raw(), product.raw(), weight);
  product.multiply_by_power_of_ten(scale_ - scale);
  big_.add(product);
}

void exact_decimal_sum::merge(const exact_decimal_sum& other) {
  rescale(std::max(scale_, other.scale_));
  if (other.scale_ == scale_ && other.big_.is_zero()) return accumulate(other.small_);
  auto total = other.total();
  total.multiply_by_power_of_ten(scale_ - other.scale_);
  big_.add(total);
}

/// Raises the scale; it never falls.
void exact_decimal_sum::rescale(int scale) {
  const auto lift = scale - scale_;
  if (lift == 0) return;
  scale_ = scale;
  big_.multiply_by_power_of_ten(lift);
  if (small_ == 0) return;
  if (lift <= max_small_power) {
    int128 lifted = 0;
    const auto factor = static_cast<int128>(powers_of_ten[static_cast<std::size_t>(lift)]);
    if (!__builtin_mul_overflow(small_, factor, &lifted)) {
      small_ = lifted;
      return;
    }
  }
  big_integer lifted(std::exchange(small_, 0));
  lifted.multiply_by_power_of_ten(lift);
  big_.add(lifted);
}

big_integer exact_decimal_sum::total() const {
  big_integer sum(small_);
  sum.add(big_);
  return sum;
}

bool exact_decimal_sum::is_zero() const { return big_.is_zero() ? small_ == 0 : total().is_zero(); }

void exact_decimal_sum::write_text(std::string& out, int minimal_scale) const {
  auto value = total();
  int scale = scale_;
  fit_scale(value, scale, minimal_scale);
  write_big(value, scale, out);
}

void exact_decimal_sum::append_to(column& to, int minimal_scale) const {
  int scale = scale_;
  if (big_.is_zero() && fits_coefficient(small_) && scale >= minimal_scale) {
    auto value = small_;
    fit_scale(value, scale, minimal_scale);
    to.append_decimal({.coefficient = value, .scale = scale, .form = decimal::kind::finite});
    return;
  }
  auto value = total();
  fit_scale(value, scale, minimal_scale);
  append_big(value, scale, to);
}

void exact_binary_sum::add(double value, std::int64_t weight) {
  if (!std::isfinite(value) || value == 0) return;
  int exponent = 0;
  // 53 bits of mantissa as an integer, without its trailing zeros: the fewer bits, the longer the sum stays small.
  auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(value, &exponent), 53));
  const auto zeros = std::countr_zero(static_cast<std::uint64_t>(mantissa));
  mantissa >>= zeros; // exact, so the sign does no harm
  add_scaled(static_cast<int128>(mantissa) * weight, exponent - 53 + zeros);
}

void exact_binary_sum::add_scaled(int128 mantissa, int exponent) {
  if (mantissa == 0) return;
  if (small_ == 0) {
    small_ = mantissa;
    small_exponent_ = exponent;
    return;
  }
  if (exponent < small_exponent_) align(exponent);
  const auto lift = exponent - small_exponent_;
  if (lift >= 0 && lift + bit_width(magnitude(mantissa)) <= 126) {
    const auto lifted = static_cast<int128>(static_cast<uint128>(mantissa) << lift);
    int128 sum = 0;
    if (!__builtin_add_overflow(small_, lifted, &sum)) {
      small_ = sum;
      return;
    }
  }
  flush();
  small_ = mantissa;
  small_exponent_ = exponent;
}

/// Lowers the exponent of the small part if its mantissa has room for that.
void exact_binary_sum::align(int exponent) {
  const auto lift = small_exponent_ - exponent;
  if (lift + bit_width(magnitude(small_)) > 126) return;
  small_ = static_cast<int128>(static_cast<uint128>(small_) << lift);
  small_exponent_ = exponent;
}

/// Moves the small part into the big one.
void exact_binary_sum::flush() {
  if (small_ == 0) return;
  big_integer moved(std::exchange(small_, 0));
  if (big_.is_zero()) big_exponent_ = small_exponent_;
  const auto lift = small_exponent_ - big_exponent_;
  if (lift < 0) {
    mpz_mul_2exp(big_.raw(), big_.raw(), static_cast<mp_bitcnt_t>(-lift));
    big_exponent_ = small_exponent_;
  } else {
    mpz_mul_2exp(moved.raw(), moved.raw(), static_cast<mp_bitcnt_t>(lift));
  }
  big_.add(moved);
}

void exact_binary_sum::merge(const exact_binary_sum& other) {
  if (!other.big_.is_zero()) {
    flush();
    auto copy = other;
    copy.flush();
    const auto exponent = big_.is_zero() ? copy.big_exponent_ : std::min(big_exponent_, copy.big_exponent_);
    mpz_mul_2exp(big_.raw(), big_.raw(), static_cast<mp_bitcnt_t>(big_.is_zero() ? 0 : big_exponent_ - exponent));
    mpz_mul_2exp(copy.big_.raw(), copy.big_.raw(), static_cast<mp_bitcnt_t>(copy.big_exponent_ - exponent));
    big_.add(copy.big_);
    big_exponent_ = exponent;
    return;
  }
  add_scaled(other.small_, other.small_exponent_);
}

bool exact_binary_sum::is_zero() const {
  if (big_.is_zero()) return small_ == 0;
  auto copy = *this;
  copy.flush();
  return copy.big_.is_zero();
}

namespace {

/// mantissa * 2^exponent as value * 10^-scale, with the least scale.
void to_decimal(big_integer& value, int exponent, int& scale) {
  if (value.is_zero()) return;
  const auto zeros = static_cast<int>(mpz_scan1(value.raw(), 0));
  mpz_tdiv_q_2exp(value.raw(), value.raw(), static_cast<mp_bitcnt_t>(zeros));
  exponent += zeros;
  if (exponent >= 0) {
    mpz_mul_2exp(value.raw(), value.raw(), static_cast<mp_bitcnt_t>(exponent));
    return;
  }
  // An odd number over 2^n has exactly n digits after the point: times 5^n over 10^n.
  big_integer fives;
  mpz_ui_pow_ui(fives.raw(), 5, static_cast<unsigned long>(-exponent));
  mpz_mul(value.raw(), value.raw(), fives.raw());
  scale = -exponent;
}

} // namespace

void exact_binary_sum::write_text(std::string& out) const {
  auto copy = *this;
  copy.flush();
  int scale = 0;
  to_decimal(copy.big_, copy.big_exponent_, scale);
  write_big(copy.big_, scale, out);
}

void exact_binary_sum::append_to(column& to) const {
  auto copy = *this;
  copy.flush();
  int scale = 0;
  to_decimal(copy.big_, copy.big_exponent_, scale);
  append_big(copy.big_, scale, to);
}

} // namespace weir
