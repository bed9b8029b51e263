#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/result.hpp"
#include "runtime/rows/big_integer.hpp"
#include "runtime/rows/column.hpp"
#include "runtime/rows/decimal.hpp"
#include "runtime/rows/wide_integer.hpp"

namespace weir {

/// One value of PostgreSQL's numeric, of any size, with its display scale. Arithmetic is exact and gives the values and
/// the display scales that PostgreSQL gives.
///
/// Invariant   a coefficient inside decimal's bounds lies in `small_`, any other in `big_`.
class numeric {
public:
  /// 0
  numeric() noexcept = default;
  explicit numeric(std::int64_t value) noexcept { small_.coefficient = value; }
  /// A decimal that is not `big`.
  explicit numeric(const decimal& value) noexcept : small_(value) {}
  /// Row `row`, not null, of a numeric column.
  numeric(const column& from, std::size_t row);

  /// Errors   as append_text to a numeric column.
  static result<numeric> parse(std::string_view text);

  bool is_finite() const noexcept { return small_.form == decimal::kind::finite || is_big(); }
  bool is_nan() const noexcept { return small_.form == decimal::kind::nan; }
  bool is_infinite() const noexcept { return !is_finite() && !is_nan(); }
  /// -1, 0, 1; of NaN 0.
  int sign() const noexcept;
  /// The display scale of a finite value.
  int scale() const noexcept { return small_.scale; }

  void write_text(std::string& out) const;
  std::string to_string() const;
  /// As a row of a numeric column.
  void append_to(column& to) const;

  numeric negated() const;
  /// Rounded half away from zero, or zeros added, to `scale` >= 0 digits after the point.
  numeric rounded(int scale) const;

  /// The nearest float; for float4 widened.
  /// Errors   `errc::numeric_value_out_of_range`
  result<double> to_float8() const;
  result<double> to_float4() const;

  /// Errors of the five: `errc::numeric_value_out_of_range` "value overflows numeric format";
  /// `errc::division_by_zero`.
  friend result<numeric> add(const numeric& a, const numeric& b);
  friend result<numeric> subtract(const numeric& a, const numeric& b);
  friend result<numeric> multiply(const numeric& a, const numeric& b);
  /// With PostgreSQL's choice of the quotient's scale: 16 significant digits or more, and no less than the operands'.
  friend result<numeric> divide(const numeric& a, const numeric& b);
  /// The remainder of truncating division; its sign is that of `a`.
  friend result<numeric> modulo(const numeric& a, const numeric& b);

  /// PostgreSQL's order: NaN equals NaN and is above all else. 1.0 equals 1.00.
  friend std::weak_ordering compare(const numeric& a, const numeric& b);
  friend bool operator==(const numeric& a, const numeric& b) { return compare(a, b) == 0; }
  friend std::weak_ordering operator<=>(const numeric& a, const numeric& b) { return compare(a, b); }

private:
  numeric(big_integer coefficient, int scale);
  static numeric special(decimal::kind form) noexcept;
  static result<numeric> checked(big_integer coefficient, int scale);
  friend result<numeric> add_finite(const numeric& a, const numeric& b, bool negate_b);

  bool is_big() const noexcept { return small_.form == decimal::kind::big; }
  bool is_zero() const noexcept { return small_.form == decimal::kind::finite && small_.coefficient == 0; }
  big_integer coefficient() const { return is_big() ? big_ : big_integer(small_.coefficient); }
  /// The coefficient at a scale that is not smaller than the value's.
  big_integer coefficient_at(int scale) const;

  decimal small_;
  big_integer big_;
};

/// Two coefficients at the larger of their scales, for finite decimals where that stays in 127 bits; false if only
/// `numeric` can tell.
inline bool align_small(const decimal& a, const decimal& b, int128& x, int128& y) noexcept {
  if (a.form != decimal::kind::finite || b.form != decimal::kind::finite) return false;
  x = a.coefficient;
  y = b.coefficient;
  if (a.scale == b.scale) return true;
  auto& lower = a.scale < b.scale ? x : y;
  const int lift = a.scale < b.scale ? b.scale - a.scale : a.scale - b.scale;
  if (lift > 18 || !fits_int64(lower)) return false;
  lower *= static_cast<std::int64_t>(powers_of_ten[static_cast<std::size_t>(lift)]);
  return true;
}

/// Arithmetic on decimals for kernels: true if `out` is the outcome, false if only `numeric` can tell.
inline bool add_small(const decimal& a, const decimal& b, decimal& out) noexcept {
  int128 x;
  int128 y;
  if (!align_small(a, b, x, y)) return false;
  out = {x + y, a.scale < b.scale ? b.scale : a.scale, decimal::kind::finite}; // each is below 2^126
  return fits_coefficient(out.coefficient);
}

inline bool subtract_small(const decimal& a, const decimal& b, decimal& out) noexcept {
  int128 x;
  int128 y;
  if (!align_small(a, b, x, y)) return false;
  out = {x - y, a.scale < b.scale ? b.scale : a.scale, decimal::kind::finite};
  return fits_coefficient(out.coefficient);
}

inline bool multiply_small(const decimal& a, const decimal& b, decimal& out) noexcept {
  if (a.form != decimal::kind::finite || b.form != decimal::kind::finite) return false;
  if (!fits_int64(a.coefficient) || !fits_int64(b.coefficient) || a.scale + b.scale > 1000) return false;
  out = {a.coefficient * b.coefficient, a.scale + b.scale, decimal::kind::finite};
  return fits_coefficient(out.coefficient);
}

inline bool modulo_small(const decimal& a, const decimal& b, decimal& out) noexcept {
  int128 x;
  int128 y;
  if (!align_small(a, b, x, y) || y == 0) return false;
  out = {x % y, a.scale < b.scale ? b.scale : a.scale, decimal::kind::finite};
  return true;
}

inline bool compare_small(const decimal& a, const decimal& b, int& order) noexcept {
  int128 x;
  int128 y;
  if (!align_small(a, b, x, y)) return false;
  order = x < y ? -1 : x > y ? 1 : 0;
  return true;
}

/// The quotient as `divide` of numerics gives it, if all fits; false also for a zero divisor.
bool divide_small(const decimal& a, const decimal& b, decimal& out) noexcept;

} // namespace weir
