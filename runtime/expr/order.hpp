#pragma once

#include <cmath>

#include "runtime/rows/column.hpp"

namespace weir {

// PostgreSQL's order of floats: NaN equals NaN and is above all else; -0 equals 0.
inline bool float_less(double x, double y) noexcept { return !std::isnan(x) && (std::isnan(y) || x < y); }
inline bool float_equal(double x, double y) noexcept { return x == y || (std::isnan(x) && std::isnan(y)); }

/// Below, at or above 0.
int order_of_decimals(const column& a, std::size_t row_of_a, const column& b, std::size_t row_of_b);

/// The order of two values of one storage, neither null: below, at or above 0. Bytes are ordered as bytes.
template <storage KeptAs>
int order_of(const column& a, std::size_t i, const column& b, std::size_t j) {
  if constexpr (KeptAs == storage::i64) return a.i64[i] < b.i64[j] ? -1 : a.i64[i] > b.i64[j] ? 1 : 0;
  if constexpr (KeptAs == storage::f64) return float_less(a.f64[i], b.f64[j]) ? -1 : float_less(b.f64[j], a.f64[i]);
  if constexpr (KeptAs == storage::decimal) return order_of_decimals(a, i, b, j);
  if constexpr (KeptAs == storage::bytes) return a.bytes_at(i).compare(b.bytes_at(j));
  if constexpr (KeptAs == storage::interval) {
    const auto x = span_of(a.intervals[i]);
    const auto y = span_of(b.intervals[j]);
    return x < y ? -1 : x > y ? 1 : 0;
  }
}

} // namespace weir
