#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "runtime/rows/decimal.hpp"

namespace weir {

__extension__ typedef unsigned __int128 uint128;

/// Coefficients of decimals stay below this (decimal's invariant), so that a sum of two never leaves an int128.
inline constexpr int128 coefficient_limit = static_cast<int128>(1) << 126;

/// The largest exponent whose power of ten is below coefficient_limit.
inline constexpr int max_small_power = 37;

namespace detail {
constexpr std::array<uint128, 39> make_powers() noexcept {
  std::array<uint128, 39> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
} // namespace detail

/// 10^0 … 10^38.
inline constexpr std::array<uint128, 39> powers_of_ten = detail::make_powers();

constexpr uint128 magnitude(int128 value) noexcept {
  return value < 0 ? -static_cast<uint128>(value) : static_cast<uint128>(value);
}

constexpr bool fits_coefficient(int128 value) noexcept {
  return value < coefficient_limit && value > -coefficient_limit;
}

constexpr bool fits_int64(int128 value) noexcept { return value == static_cast<std::int64_t>(value); }

constexpr int bit_width(uint128 value) noexcept {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  return high != 0 ? 64 + static_cast<int>(std::bit_width(high))
                   : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value)));
}

/// How many decimal digits the number has; 0 has none.
constexpr int digit_count(uint128 value) noexcept {
  if (value == 0) return 0;
  // log10(2) = 0.30103: off by at most one, which the comparison mends.
  const int estimate = (bit_width(value) * 1233) >> 12;
  return estimate + (value >= powers_of_ten[static_cast<std::size_t>(estimate)] ? 1 : 0);
}

} // namespace weir
