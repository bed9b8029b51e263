#include "runtime/rows/big_integer.hpp"

namespace weir {

big_integer::big_integer(int128 value) {
  const auto size = magnitude(value);
  mpz_init_set_ui(&z_, static_cast<unsigned long>(size >> 64));
  mpz_mul_2exp(&z_, &z_, 64);
  mpz_add_ui(&z_, &z_, static_cast<unsigned long>(size));
  if (value < 0) mpz_neg(&z_, &z_);
}

big_integer::big_integer(std::string_view digits) {
  std::string plain;
  plain.reserve(digits.size());
  for (const char c : digits) {
    if (c != '.') plain.push_back(c);
  }
  mpz_init_set_str(&z_, plain.c_str(), 10);
}

big_integer::big_integer(const big_integer& other) {
  if (other.z_._mp_d != nullptr) mpz_init_set(&z_, &other.z_);
}

bool big_integer::fits_coefficient() const noexcept { return is_zero() || mpz_sizeinbase(&z_, 2) <= 126; }

int128 big_integer::narrow() const noexcept {
  uint128 size = 0;
  if (const auto limbs = mpz_size(&z_); limbs > 0) {
    size = mpz_getlimbn(&z_, 0);
    if (limbs > 1) size |= static_cast<uint128>(mpz_getlimbn(&z_, 1)) << 64;
  }
  return sign() < 0 ? -static_cast<int128>(size) : static_cast<int128>(size);
}

void big_integer::add(int128 value) {
  if (fits_int64(value)) {
    const auto size = static_cast<unsigned long>(magnitude(value));
    value < 0 ? mpz_sub_ui(raw(), raw(), size) : mpz_add_ui(raw(), raw(), size);
    return;
  }
  add(big_integer(value));
}

void big_integer::multiply_by_power_of_ten(int exponent) {
  if (exponent == 0 || is_zero()) return;
  if (exponent < 20) {
    mpz_mul_ui(raw(), raw(), static_cast<unsigned long>(powers_of_ten[static_cast<std::size_t>(exponent)]));
    return;
  }
  const auto factor = power_of_ten(exponent);
  mpz_mul(raw(), raw(), factor.raw());
}

int big_integer::digit_count() const {
  if (is_zero()) return 0;
  // GMP's answer for base 10 may be one too many.
  const auto estimate = static_cast<int>(mpz_sizeinbase(&z_, 10));
  return mpz_cmpabs(&z_, power_of_ten(estimate - 1).raw()) < 0 ? estimate - 1 : estimate;
}

std::string big_integer::magnitude_digits() const {
  if (is_zero()) return "0";
  std::string text(mpz_sizeinbase(&z_, 10) + 2, '\0');
  mpz_get_str(text.data(), 10, &z_);
  text.resize(text.find('\0'));
  if (text.front() == '-') text.erase(0, 1);
  return text;
}

big_integer power_of_ten(int exponent) {
  big_integer power;
  mpz_ui_pow_ui(power.raw(), 10, static_cast<unsigned long>(exponent));
  return power;
}

} // namespace weir
