#pragma once

#include <optional>

#include "tools/weir/definition.hpp"

namespace weir::program {

/// A definition's plan, or what of it is known while servers are out of reach or do not fit.
struct partial_plan {
  pipeline_plan plan;                ///< always with name, nodes, target and the sources' tables
  bool bound = false;                ///< with columns and views, too
  std::optional<error> undiscovered; ///< why the nodes are not known
  std::optional<error> unbound;      ///< why the servers' tables are not known, though the nodes are
};

/// Asks the servers, and makes do with those that answer. What binding finds goes to `d.found`.
/// Input    a sound definition
partial_plan plan_as_far_as_possible(definition& d);

} // namespace weir::program
