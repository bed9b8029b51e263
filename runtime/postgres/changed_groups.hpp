#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/view_sql.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::postgres {

/// The rows of a state batch that change anything, by the pattern of their keys, each list sorted by keys: neighbours
/// in the index are neighbours in the statement, so that pages are found in the cache, and two transactions that meet,
/// meet in the same order.
std::map<null_pattern, std::vector<std::uint32_t>> changed_groups(const batch& state,
                                                                  const std::vector<state_column>& layout);

/// What some groups lost.
struct group_losses {
  bool rows = false;
  bool something = false; ///< rows, values of an aggregate, or the sum of one is not finite any more, or again

  group_losses& operator+=(group_losses more) {
    rows |= more.rows;
    something |= more.something;
    return *this;
  }
};
group_losses losses_of(const batch& state, const std::vector<state_column>& layout,
                       std::span<const std::uint32_t> rows);

} // namespace weir::postgres
