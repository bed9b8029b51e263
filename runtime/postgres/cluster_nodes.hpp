#pragma once

#include <string>
#include <vector>

#include "runtime/cluster/cluster_spec.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// Every node of a Citus cluster whose stream is to be read: those that discover_nodes finds, with their groups, and
/// the coordinator itself, which may not be in its own list; each reached as the coordinator is, but for `special`.
///
/// Errors   those of discover_nodes · `errc::config_invalid` parameters that cannot be read
result<std::vector<node_spec>> cluster_nodes(connection& coordinator, const std::string& coordinator_conninfo,
                                             const node_parameters& special = {});

/// Nodes of `pipeline` that `now` lacks and whose share the target still has: members that left the cluster and have
/// not told the rest. Empty where nothing is installed.
result<std::vector<node_spec>> remaining_nodes(connection& target, const std::string& pipeline,
                                               const std::string& coordinator_conninfo,
                                               const std::vector<node_spec>& now);

} // namespace weir::postgres
