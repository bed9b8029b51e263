#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/plan/state_layout.hpp"
#include "runtime/rows/batch.hpp"
#include "runtime/rows/numeric.hpp"

namespace weir::rehearsal {

/// The totals of one group: a value for each column of state_layout behind the keys, in its order.
struct group_totals {
  struct cell {
    std::int64_t count = 0;
    numeric sum;
    std::vector<std::int64_t> scales; ///< how many finite values have display scale 0, 1, 2 …

    bool is_zero() const;
  };
  std::vector<std::optional<std::string>> keys; ///< as text
  std::vector<cell> cells;

  bool is_zero() const;
};

/// What one view holds, in memory: its state table by node and group, and the rows that a server computes from it.
///
/// Law   after any states, rows() is what PostgreSQL's own aggregates give for the rows behind them, with its types,
///       display scales and special values (tests/property asks a server)
class view_state {
public:
  explicit view_state(const view_plan& view);

  /// A state batch, added.
  /// Errors   `errc::invalid_value` a histogram of scales that is not one · of sums that overflow
  status add(const batch& state);
  void truncate(node_index node);
  /// What `from` has becomes `to`'s.
  status give(node_index from, node_index to);
  bool holds(node_index node) const;

  /// The view's rows, with the columns of its outputs.
  /// Errors   `errc::internal` more was taken out of a group than had been put in · a sum that its type does not hold
  result<batch> rows() const;

private:
  status merge(std::uint16_t node, const std::string& key, const group_totals& what);

  const view_plan* view_;
  std::vector<state_column> layout_;
  std::size_t first_cell_ = 0;
  std::map<std::pair<std::uint16_t, std::string>, group_totals> groups_;
};

/// Groups in columns: keys, then aggregates. None yet.
batch empty_groups(const view_plan& view);

/// A group's keys, and its aggregates as PostgreSQL's own give them from these totals.
///
/// Source   runtime/postgres/final_sql.cpp says the same in SQL
status append_group(const view_plan& view, const std::vector<state_column>& layout, const group_totals& totals,
                    batch& to);

/// The rows of the view, with the columns of its outputs: of the groups that its `having` shows, what it computes.
///
/// Errors   of the expressions: "division by zero"
result<batch> shown_rows(const view_plan& view, const batch& groups);

} // namespace weir::rehearsal
