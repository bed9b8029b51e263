#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/cluster/ownership_tracker.hpp"
#include "runtime/cluster/partitions.hpp"
#include "runtime/cluster/table_kind.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// How each table (schema, name) is spread over its Citus cluster, as the coordinator's catalogs say. On a server
/// without Citus all are plain; a table that does not exist is left out.
///
/// Errors   `errc::unsupported` a table of a kind that cannot be followed: columnar, distributed by append or range
result<std::map<std::pair<std::string, std::string>, table_kind>>
read_table_kinds(connection& sql, const std::vector<std::pair<std::string, std::string>>& tables);

/// What the node owns of the plan's sources, at the snapshot of the running transaction.
result<ownership> read_ownership(connection& sql, const pipeline_plan& plan);

/// The leaves of the plan's partitioned sources, as this node has them; nothing is asked where there are none.
result<std::vector<partition>> read_partitions(connection& sql, const pipeline_plan& plan);

/// Names and oids of the shards' tables may have changed since `of` was recorded: those the node has now.
status refresh_tables(connection& sql, ownership_tracker& of);

/// Makes the replication connection stream with PostgreSQL's own pgoutput, and print names of tables in full, whatever
/// Citus' settings are. `sql` is another connection to the same server.
///
/// Errors   `errc::permission_denied` Citus wraps the decoder, and the role may not choose another
status choose_stock_decoder(connection& replication, connection& sql);

} // namespace weir::postgres
