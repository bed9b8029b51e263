#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/cluster/ownership.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::postgres {

/// BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY with the exported snapshot.
status import_snapshot(connection& sql, const std::string& snapshot);

/// Names of the tables, in the source's schema, that hold the source's rows on a node; at least one. Empty: the
/// source's own table does.
using shard_tables = std::optional<std::vector<std::string>>;
/// What the node has of the source; no tables where it has nothing.
shard_tables tables_of(const source_plan& source, std::size_t index, const ownership& owned);

/// Were all that the plan reads of the node the tables of the snapshot? Behind the last of them, in the transaction
/// that read them: TRUNCATE, and what rewrites a table, take rows away from snapshots that are older. Errors
/// `errc::ownership_unclear` naming the table: what was read may lack rows
status check_files(connection& sql, const pipeline_plan& plan, const std::optional<ownership>& owned);

/// The aggregation of `view` over one node, pushed down into SQL: its columns are state_layout(view), node included
/// (as the constant `node`). One group may come in several rows (their sums count).
///
/// Input    `only`: a condition over the keys k1, k2 … that groups have to meet; "" for all groups.
std::string aggregated_load_sql(const pipeline_plan& plan, std::size_t view, node_index node, const sql_quoter& quote,
                                const std::string& only = {}, const shard_tables& shards = {});
/// The needed columns of a source, unfiltered: the way to load a view whose expressions fail on some row.
std::string raw_load_sql(const source_plan& source, const sql_quoter& quote, const shard_tables& shards = {});

/// Takes each batch as it is read; returning an error stops the load with it.
using batch_consumer = std::function<status(batch)>;

/// Runs COPY (sql) TO STDOUT and parses it into batches of `types`, of at most `batch_bytes`, weights +1.
/// Errors   the server's (22xxx mean that some row cannot be computed: fall back to raw_load_sql) · the consumer's
status copy_out(connection& sql, const std::string& select, const std::vector<data_type>& types,
                std::size_t batch_bytes, const batch_consumer& consume);

} // namespace weir::postgres
