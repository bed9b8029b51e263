#pragma once

#include <string>
#include <vector>

#include "runtime/cluster/cluster_spec.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// The nodes that a pipeline has read and that are not among `current`: those that left the cluster, or the definition.
///
/// Input    `reached_as`: a connection string whose user, service and TLS the former nodes share; host, port and
///          database are as they were last.
result<std::vector<node_spec>> read_former_nodes(connection& target, const std::string& pipeline,
                                                 const std::vector<node_spec>& current, const std::string& reached_as);

} // namespace weir::postgres
