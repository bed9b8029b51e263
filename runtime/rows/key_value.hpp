#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/rows/column.hpp"

namespace weir {

/// A numeric as GROUP BY sees it: 1, 1.0 and 1.00 have the same canonical form.
struct canonical_decimal {
  int128 coefficient = 0; ///< no trailing zeros while scale > 0
  std::int32_t scale = 0;
  decimal::kind form = decimal::kind::finite;
  std::string big; ///< the digits, where they do not fit

  std::uint64_t tag() const noexcept {
    return static_cast<std::uint64_t>(scale) | (static_cast<std::uint64_t>(form) << 32U);
  }
  friend bool operator==(const canonical_decimal&, const canonical_decimal&) = default;
};

canonical_decimal canonical(const column& from, std::size_t row);

/// The bits of a float under which GROUP BY's equals are equal: -0 is 0, all NaNs are one.
inline std::uint64_t float_key_bits(double value) noexcept {
  if (value == 0) return 0;
  if (std::isnan(value)) return 0x7ff8000000000000ULL;
  return std::bit_cast<std::uint64_t>(value);
}

} // namespace weir
