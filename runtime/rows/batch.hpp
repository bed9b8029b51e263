#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/rows/column.hpp"

namespace weir {

/// Deltas in columns: row i appeared `weights[i]` times (negative: went).
///
/// Invariant   every column has weights.size() rows.
struct batch {
  std::vector<column> columns;
  std::vector<std::int64_t> weights;

  std::size_t rows() const noexcept { return weights.size(); }
  bool empty() const noexcept { return weights.empty(); }
  std::size_t size_bytes() const noexcept;
};

} // namespace weir
