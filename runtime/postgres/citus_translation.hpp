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
  std::string cure;
};
/// Tables that Citus' decoder takes for shards of the sources, by the numbers at the end of their names.
result<std::vector<misfit>> shard_like_tables(connection& sql, const pipeline_plan& plan);
/// Shards on this node whose columns are not those of their table, in its order: the decoder goes by their places.
result<std::vector<misfit>> misshapen_shards(connection& sql, const pipeline_plan& plan);

} // namespace weir::postgres
