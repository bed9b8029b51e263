#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "dsl/source_text.hpp"
#include "runtime/cluster/catalog.hpp"
#include "runtime/cluster/cluster_spec.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::dsl {

/// A source with the table it was found to be. Expressions over it refer to `columns` by place.
struct bound_source {
  std::string name;
  std::string schema;
  std::string table;
  std::vector<catalog_column> columns; ///< of the first node; not_null and in_identity as all nodes agree
  std::vector<bool> used;              ///< does some view use the column?
  table_kind kind = table_kind::plain;
  bool partitioned = false;
};

struct bound_aggregate {
  aggregate_function function = aggregate_function::count_rows;
  std::optional<expression> argument; ///< empty for count(*)
  data_type type;
  bool distinct = false; ///< of the values, each counts once
  span where;            ///< of the call

  friend bool operator==(const bound_aggregate& a, const bound_aggregate& b) {
    return a.function == b.function && a.argument == b.argument && a.distinct == b.distinct;
  }
};

/// Is there an operator for it? What it is of may go again, and then something else is the least.
inline bool runs_incrementally(const bound_aggregate& a) {
  return !a.distinct && a.function != aggregate_function::min && a.function != aggregate_function::max;
}

/// A view with every name resolved and every type known.
///
/// Invariant   every key is an output; outputs refer to keys, aggregates and what is computed of them by place.
struct bound_view {
  std::string name;
  std::size_t source = 0;
  std::optional<expression> filter;
  std::vector<expression> keys;
  std::vector<bound_aggregate> aggregates;
  std::vector<output_column> outputs;
  std::vector<expression> computed; ///< over keys and aggregates, as in view_plan
  std::optional<expression> having; ///< likewise
  sink_plan sink;
};

struct bound_pipeline {
  std::string name;
  std::vector<node_spec> nodes;
  std::optional<node_spec> coordinator; ///< where the nodes were found
  node_spec target;
  std::vector<bound_source> sources; ///< those that some view reads
  std::vector<bound_view> views;
  std::vector<logical_view> unbuilt; ///< views that the runtime has no operators for
  supervise_plan supervise;
  weir::consistency consistency = weir::consistency::transaction;
  capture_mode capture = capture_mode::tables;
  std::string transaction_name;
};

} // namespace weir::dsl
