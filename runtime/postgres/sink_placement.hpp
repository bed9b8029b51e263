#pragma once

#include <string>

#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// Spreads a view's table, which is new and empty, over the nodes of a Citus cluster as its sink says; nothing to do
/// for a local one.
///
/// Errors   `errc::sink_unfit` the server has no Citus, is no coordinator, or refuses (its words)
status place_table(connection& target, const view_plan& view);

/// Is the table where the sink says, local, reference or distributed by that column with that table?
///
/// Errors   `errc::sink_unfit` with what it is, and the SQL that makes it fit
status check_placement(connection& target, const view_plan& view, const std::string& oid);

/// Puts a view's state, with its rows, where it belongs now that the view's table is placed: beside it, shard by shard,
/// if that is distributed, with the empty staged table; else it is a local table. It may come from an earlier weir,
/// which had every state local, or from a sink that was placed otherwise.
///
/// Errors   `errc::sink_unfit` the view's table has one shard: Citus would commit that apart from the frontier
status place_state(connection& target, const pipeline_plan& plan, std::size_t view);

} // namespace weir::postgres
