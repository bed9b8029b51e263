#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/operators/aggregate_spec.hpp"
#include "runtime/rows/batch.hpp"

namespace weir {

/// The incremental GROUP BY: sums what happened to each group of each node, exactly, until it is asked for it.
///
/// Law       the sum of all drained states, after the truncations that precede them, is the aggregate of all rows
///           given, for every split of the input and every moment of draining (tests/property checks it).
/// Groups whose deltas cancel out are not told. Deterministic; no I/O, no clock; knows no epoch and no credit.
class aggregate_delta {
public:
  explicit aggregate_delta(aggregate_spec spec);
  aggregate_delta(aggregate_delta&&) noexcept;
  aggregate_delta& operator=(aggregate_delta&&) noexcept;
  ~aggregate_delta();

  /// Input    rows [first, last) of a batch whose columns are the keys and the inputs.
  void add(node_index node, const batch& rows, std::size_t first, std::size_t last);
  /// Input    a state batch, as drain() makes them (the node column is ignored): what a pushed-down query aggregated.
  /// Errors   `errc::invalid_value` a histogram of scales that is not one
  status merge(node_index node, const batch& state);
  /// The node's share of the source went, with all that was added for it before.
  void truncate(node_index node);

  bool empty() const noexcept;
  std::size_t size_bytes() const noexcept;

  /// What happened since the last drain: first the nodes whose share went, then states to add, at most `max_rows` each.
  /// A group of a node comes at most once. Columns: node, keys, rows, then per input count[, sum[, nan, +inf, -inf][,
  /// scales]] (plan/state_layout.hpp says the same in names).
  struct drained {
    std::vector<node_index> truncated;
    std::vector<batch> states;
  };
  drained drain(std::size_t max_rows);

private:
  class group_table;
  group_table& table(node_index node);

  aggregate_spec spec_;
  std::vector<std::unique_ptr<group_table>> tables_; ///< by node
  std::vector<node_index> truncated_;
};

} // namespace weir
