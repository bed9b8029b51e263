#pragma once

#include <compare>
#include <cstdint>

#include "runtime/rows/calendar.hpp"
#include "runtime/rows/decimal.hpp"

namespace weir {

/// A PostgreSQL interval: three numbers that calendar arithmetic keeps apart. `==` asks whether all three are the same;
/// PostgreSQL's equality is that of span_of().
struct interval {
  std::int64_t time = 0; ///< microseconds
  std::int32_t days = 0;
  std::int32_t months = 0;
  friend bool operator==(const interval&, const interval&) = default;
};

/// What PostgreSQL compares, groups and orders intervals by: microseconds, a day of 24 hours, a month of 30 days.
constexpr int128 span_of(const interval& value) noexcept {
  const auto days = value.months * std::int64_t{30} + value.days;
  return static_cast<int128>(days) * microseconds_per_day + value.time;
}

} // namespace weir
