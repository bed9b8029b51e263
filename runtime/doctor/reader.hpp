#pragma once

#include <map>
#include <string>

#include "runtime/base/result.hpp"
#include "runtime/doctor/facts.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::doctor {

/// What the target remembers of nodes: their system identifiers, by name.
using known_nodes = std::map<std::string, std::string>;

/// Asks one node everything that checks.hpp looks at. A question that fails is noted in `unread`; the others are asked
/// all the same.
///
/// Input    `plan`: name and sources; columns where they are known.
/// Errors   as connection::open
/// Cost     some tens of short catalog queries; one ordinary and one replication connection
result<node_facts> read_node(const pipeline_plan& plan, const node_spec& node, const known_nodes& before);

/// Asks the target. `bound`: the plan's views are known, and compared with the tables that are there.
result<target_facts> read_target(const pipeline_plan& plan, bool bound);

/// Empty where the target knows nothing of the pipeline, or cannot be asked.
known_nodes read_known_nodes(const pipeline_plan& plan);

} // namespace weir::doctor
