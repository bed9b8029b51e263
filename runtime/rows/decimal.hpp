#pragma once

#include <cstdint>

namespace weir {

__extension__ typedef __int128 int128;

/// One value of PostgreSQL's numeric as it lies in a column: coefficient * 10^-scale, exactly, with its display scale.
///
/// Invariant   |coefficient| < 2^126 when finite, 0 <= scale <= 16383. 1.0 and 1.00 are two decimals that compare
/// equal.
struct decimal {
  enum class kind : std::uint8_t {
    finite,
    nan,
    positive_infinity,
    negative_infinity,
    big, ///< finite, but the coefficient does not fit: `coefficient` is the index into column::bigs
  };
  int128 coefficient = 0;
  std::int32_t scale = 0;
  kind form = kind::finite;
};

} // namespace weir
