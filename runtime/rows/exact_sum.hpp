#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/rows/big_integer.hpp"
#include "runtime/rows/column.hpp"
#include "runtime/rows/decimal.hpp"
#include "runtime/rows/wide_integer.hpp"

namespace weir {

/// The exact sum of integers and numerics, each times an integer weight, of any magnitude.
///
/// Law      adding x with weight w and again with weight -w leaves the value as it was, whatever lies between.
/// Values that are not finite do not count here: NaN and infinities have counts of their own beside the sum.
/// Cost     a 128-bit multiplication and addition each; memory only once 127 bits do not hold the sum.
class exact_decimal_sum {
public:
  /// Row `row` of a column of an integer or numeric type; a null counts nothing.
  void add(const column& from, std::size_t row, std::int64_t weight);

  /// A decimal that is not `big`.
  void add(const decimal& value, std::int64_t weight) {
    if (value.form != decimal::kind::finite) return;
    if (value.scale == scale_ && fits_int64(value.coefficient)) {
      accumulate(value.coefficient * weight);
    } else {
      add_slowly(value, weight);
    }
  }

  void add_integer(std::int64_t value, std::int64_t weight) {
    add(decimal{.coefficient = value, .scale = 0, .form = decimal::kind::finite}, weight);
  }

  /// A finite numeric of any size, in plain text ("-123.40"), as column::bigs has it.
  void add_big(std::string_view text, std::int64_t weight);

  void merge(const exact_decimal_sum& other);

  bool is_zero() const;

  /// The largest display scale of a value added so far; removed values count.
  int scale() const noexcept { return scale_; }

  /// The sum with `minimal_scale` digits after the point, more only as far as they are not zero.
  void write_text(std::string& out, int minimal_scale) const;

  /// The same as a row of a numeric column.
  void append_to(column& to, int minimal_scale) const;

private:
  void accumulate(int128 amount) {
    if (__builtin_add_overflow(small_, amount, &small_)) carry(amount);
  }
  void carry(int128 amount);
  void add_slowly(const decimal& value, std::int64_t weight);
  void rescale(int scale);
  big_integer total() const;

  int128 small_ = 0; ///< the sum is (big_ + small_) * 10^-scale_
  big_integer big_;
  std::int32_t scale_ = 0;
};

/// The exact sum of finite doubles, each times an integer weight: no rounding, hence no drift as rows come and go.
///
/// Law      adding x with weight w and again with weight -w leaves the value as it was, whatever lies between.
/// Values that are not finite do not count here, as in exact_decimal_sum.
/// Cost     as exact_decimal_sum while the values' binary exponents lie within some 60 of each other.
class exact_binary_sum {
public:
  void add(double value, std::int64_t weight);
  void merge(const exact_binary_sum& other);
  bool is_zero() const;

  /// The sum as an exact decimal: at most 1074 digits after the point, none of them a trailing zero.
  void write_text(std::string& out) const;

  /// The same as a row of a numeric column.
  void append_to(column& to) const;

private:
  void add_scaled(int128 mantissa, int exponent);
  void flush();
  void align(int exponent);

  int128 small_ = 0; ///< the sum is small_ * 2^small_exponent_ + big_ * 2^big_exponent_
  big_integer big_;
  std::int32_t small_exponent_ = 0;
  std::int32_t big_exponent_ = 0;
};

} // namespace weir
