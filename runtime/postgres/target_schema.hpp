#pragma once

#include <string>
#include <vector>

#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// "state_<pipeline>_<view>" in schema weir, at most 63 bytes; with a hash at its end where it would be too long or
/// could be another pair's name.
std::string state_table_name(const std::string& pipeline, const std::string& view);

/// CREATE TABLE of the view table exactly as `create table as` would type it, with its primary key.
std::string create_view_table_sql(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote);
/// "weir_node smallint NOT NULL, k1 text COLLATE "C", …": the columns of a table that holds states of the view.
std::string state_columns_sql(const view_plan& view);
std::vector<std::string> state_table_statements(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote);
std::string create_state_table_sql(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote);

/// "delta_<pipeline>_<view>", by the name of the state table: where the deltas of a cut are until they are in the state
/// of a view that is distributed. Empty between transactions.
std::string staged_table_name(const std::string& state_table);
std::vector<std::string> staged_table_statements(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote);
std::string create_staged_table_sql(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote);
/// Distributes one of them, empty, beside the view's table.  Input: both as SQL names them
std::string distribute_beside_sql(const view_plan& view, const std::string& table, const std::string& view_table,
                                  const sql_quoter& quote);
/// The column of the state that is the view's distribution column: "k2".
std::string distribution_key(const view_plan& view);

/// Creates schema weir and its tables (pipelines, views, nodes, members, frontier, cuts,
/// holds, events, dead_letters, lease), views
/// (status, health) and functions (cut_of, wait) where they are missing, and brings those of an earlier version up to
/// date; idempotent, safe when two runtimes do it at once.
///
/// Errors   `errc::unsupported` a later version made it · `errc::permission_denied` with the GRANT
status install_schema(connection& target);

/// Registers the pipeline (name, fingerprint, definition text) and makes its state and view tables. A view table that
/// exists is adopted if its columns, key and placement fit and it is empty or weir's own; else `errc::sink_unfit` says
/// what differs. A registered pipeline with another fingerprint is `errc::definition_changed`.
status register_pipeline(connection& target, const pipeline_plan& plan, const std::string& definition);

/// Removes the pipeline's rows in schema weir and its state tables; the view tables only if `views`.
status unregister_pipeline(connection& target, const std::string& pipeline, bool views);

} // namespace weir::postgres
