#pragma once

#include <cstdint>

#include "runtime/rows/numeric.hpp"

namespace weir {

/// Which neighbour a number goes to.
enum class rounding : std::uint8_t { half_away_from_zero, toward_zero, up, down };

/// To `scale` digits after the point; a negative scale counts digits before it. Zeros are added where there are fewer.
///
/// Output   its display scale is `scale`, or 0 if that is negative; what is not finite stays as it is.
/// Errors   `errc::numeric_value_out_of_range` "value overflows numeric format"
result<numeric> round_to(const numeric& value, int scale, rounding how);

/// The same for kernels: true if `out` is the outcome, false if only `round_to` can tell.
bool round_small(const decimal& value, int scale, rounding how, decimal& out) noexcept;

/// The quotient without what is behind its point, at scale 0.
/// Errors   as `divide` of numerics.
result<numeric> divide_truncating(const numeric& a, const numeric& b);

} // namespace weir
