#pragma once

#include <string>
#include <vector>

#include "runtime/cluster/cluster_spec.hpp"
#include "runtime/cluster/translation.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

// Logical capture: rows come as Citus' decoder translates them. What that needs, and what it rests on.

/// Can the translation be relied on, on this node and for this plan's sources?
///
/// Input    `sql` may be in no transaction
/// Errors   `errc::unsupported` names the node, what is wrong, and what cures it
/// Cost     a handful of queries of catalogs
status check_translation(connection& sql, const pipeline_plan& plan, const node_spec& node);

/// In a transaction: the catalogs at its snapshot, the files as they are now.
/// Cost     a query of catalogs, O(shards of the sources)
result<translation> read_translation(connection& sql, const pipeline_plan& plan);

/// In no transaction: what it says of `in_doubt` is older than the rest.
result<translation_look> look_at_translation(connection& sql, const pipeline_plan& plan);

/// A table of the node that somebody should look at, and why.
struct misfit {
  std::string table; ///< quoted
  std::string what;
  std::string cure; ///< statements, if there are any
};
/// Tables that Citus' decoder takes for shards of the sources, by the numbers at the end of their names.
result<std::vector<misfit>> shard_like_tables(connection& sql, const pipeline_plan& plan);
/// Sources that have dropped columns, in a table or in a shard on this node: the decoder builds other tuples over the
/// memory of those that it read. Measured, it then searches its own tables for ever (PostgreSQL 15), or crashes, and
/// the node with it (17 and later; before, at a DELETE without an old row).
result<std::vector<misfit>> tables_with_dropped_columns(connection& sql, const pipeline_plan& plan);
/// What gives reference tables the placement on the coordinator that Citus' decoder sends their changes from.
inline constexpr const char* reference_placement_cure =
    "SELECT citus_set_coordinator_host(host(inet_server_addr()), inet_server_port()); SELECT "
    "replicate_reference_tables(); -- on the coordinator, by the address that the other nodes know";
/// Shards on this node whose columns are not those of their table, in its order: the decoder goes by their places.
result<std::vector<misfit>> misshapen_shards(connection& sql, const pipeline_plan& plan);

} // namespace weir::postgres
