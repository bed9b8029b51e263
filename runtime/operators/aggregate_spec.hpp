#pragma once

#include <vector>

#include "runtime/rows/data_type.hpp"

namespace weir {

/// What an aggregate operator keeps for one input column.
struct aggregate_input {
  data_type type;
  bool summed = false;       ///< else only its non-null values are counted
  bool has_specials = false; ///< NaN and infinities are counted apart
  bool needs_scales = false; ///< the display scales of its values are counted
};

/// Group keys and inputs of an aggregate operator, in the order of its input batches: keys first.
struct aggregate_spec {
  std::vector<data_type> keys;
  std::vector<aggregate_input> inputs;
};

} // namespace weir
