#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <gmp.h>

#include "runtime/rows/wide_integer.hpp"

namespace weir {

/// An integer of any size: GMP's mpz with value semantics.
///
/// Cost   a zero that was never written to owns no memory; moving is three words.
class big_integer {
public:
  big_integer() noexcept = default;
  explicit big_integer(int128 value);
  /// Input    decimal digits, optionally a '-' in front, nothing else; a '.' in between is skipped.
  explicit big_integer(std::string_view digits);
  big_integer(const big_integer& other);
  big_integer(big_integer&& other) noexcept : z_(std::exchange(other.z_, {})) {}
  big_integer& operator=(big_integer other) noexcept {
    std::swap(z_, other.z_);
    return *this;
  }
  ~big_integer() {
    if (z_._mp_d != nullptr) mpz_clear(&z_);
  }

  /// For GMP's functions. The object stays an initialised mpz.
  mpz_ptr raw() {
    if (z_._mp_d == nullptr) mpz_init(&z_);
    return &z_;
  }
  /// For reading; a zero that owns no memory is a valid operand too.
  mpz_srcptr raw() const noexcept { return &z_; }

  bool is_zero() const noexcept { return z_._mp_size == 0; }
  int sign() const noexcept { return z_._mp_size < 0 ? -1 : z_._mp_size > 0 ? 1 : 0; }

  /// Is it inside the bounds of a decimal's coefficient? Then `narrow()` is its value.
  bool fits_coefficient() const noexcept;
  int128 narrow() const noexcept;

  void add(int128 value);
  void add(const big_integer& value) { mpz_add(raw(), raw(), value.raw()); }
  void multiply_by_power_of_ten(int exponent);

  /// How many decimal digits |value| has; 0 has none.
  int digit_count() const;
  /// Decimal digits of |value|; "0" for 0.
  std::string magnitude_digits() const;

private:
  __mpz_struct z_{};
};

/// 10^exponent.
big_integer power_of_ten(int exponent);

} // namespace weir
