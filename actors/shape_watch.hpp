#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "actors/node_port.hpp"
#include "runtime/capture/table_drift.hpp"
#include "runtime/cluster/table_shape.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

/// Looks whether the tables of a node still are what the plan was made for. A machine: it asks through the port.
///
/// Errors of all calls, besides the port's   `errc::source_widened`, `errc::source_rewritten`, `errc::source_reshaped`,
///                                           `errc::schema_changed` the definition does not fit the table any more
class shape_watch {
public:
  shape_watch(const pipeline_plan& plan, node_index node);

  /// Before the node is read: `known` are the shapes of the tables whose rows are in the views; empty where nothing is.
  status begin(node_port& port, const std::string& known);
  /// While it is read. True if something has changed of which no view knows.
  result<bool> look(node_port& port);
  /// Was something gone at the last look, that may come back?
  bool something_missing() const noexcept { return missing_ > 0; }

  /// What is to be remembered with what is read; empty where the port does not tell.
  std::string text() const;
  const std::vector<table_shape>& tables() const noexcept { return before_; }
  /// Did some table's replica identity change? Once.
  bool take_identity_changed() { return std::exchange(identity_changed_, false); }

private:
  result<std::vector<table_shape>> read(node_port& port);
  status judge(const std::vector<table_shape>& now, bool at_once);
  error failure_of(const source_plan& source, const capture::table_drift& drift) const;

  const pipeline_plan& plan_;
  std::vector<source_plan> sources_; ///< those that the node has
  std::vector<table_shape> before_;
  std::string digest_;
  int missing_ = 0; ///< looks in a row at which something was gone
  bool identity_changed_ = false;
};

} // namespace weir
