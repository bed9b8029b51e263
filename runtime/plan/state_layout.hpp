#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

/// What one column of a view's state table counts. All but keys are sums: deltas are added.
enum class state_role : std::uint8_t {
  node,              ///< int2: the node whose share this is
  key,               ///< the group key `index`
  rows,              ///< int8: rows in the group; the state row goes when it is 0
  count,             ///< int8: non-null values of input `index`
  sum,               ///< numeric: exact sum of the finite values of input `index`
  nan_count,         ///< int8: NaNs
  positive_infinity, ///< int8
  negative_infinity, ///< int8
  scales, ///< int8[]: how many finite values have display scale 0, 1, 2 …; only where the scale is not fixed
};

/// Does it count values that have no finite sum?
constexpr bool is_special_count(state_role role) {
  return role == state_role::nan_count || role == state_role::positive_infinity ||
         role == state_role::negative_infinity;
}

struct state_column {
  state_role role;
  std::size_t index = 0;
  std::string name; ///< "weir_node", "k1", "weir_rows", "c1", "s1", "nan1" …
  data_type type;   ///< type in a state batch: int2, the key's, int8, numeric; for scales text ("{0,0,3}")
};

/// The columns of the state table `weir.<state_table_name>` and of the state batches the writer applies: node first,
/// keys, rows, then per input count and, where some aggregate sums it, its sum and special counts.
std::vector<state_column> state_layout(const view_plan& view);

/// Is this input summed by some aggregate (sum or avg)?
bool is_summed(const view_plan& view, std::size_t input);
/// Does a sum of this input need counts of NaN and infinities (numeric and floats)?
bool has_special_values(const view_plan& view, std::size_t input);
/// Does a sum of this input need the histogram of display scales (numeric without fixed scale)?
bool needs_scales(const view_plan& view, std::size_t input);

} // namespace weir
