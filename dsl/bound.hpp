#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

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
};

/// A view with every name resolved and every type known.
///
/// Invariant   every key is an output; outputs refer to keys and aggregates by place.
struct bound_view {
  std::string name;
  std::size_t source = 0;
  std::optional<expression> filter;
  std::vector<expression> keys;
  std::vector<bound_aggregate> aggregates;
  std::vector<output_column> outputs;
  sink_plan sink;
};

struct bound_pipeline {
  std::string name;
  std::vector<node_spec> nodes;
  std::optional<node_spec> coordinator; ///< where the nodes were found
  node_spec target;
  std::vector<bound_source> sources; ///< those that some view reads
  std::vector<bound_view> views;
  supervise_plan supervise;
  weir::consistency consistency = weir::consistency::transaction;
  capture_mode capture = capture_mode::tables;
  std::string transaction_name;
};

} // namespace weir::dsl
