#pragma once

#include <string>

#include "runtime/cluster/cluster_spec.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::doctor {

/// What an administrator is asked to run once, so that weir can do with few rights.
struct setup_request {
  const pipeline_plan& plan;
  std::string role;                            ///< as whom weir connects
  capture_mode capture = capture_mode::tables; ///< raw: shards are published, else tables
};

// Statements for a superuser, each server's its own, with comments; what is there already may be run again. The first
// line is psql's \connect to the server, with the user and password of the session before it.
//
// Input    `sql` is a session of any role that may look into the server's catalogs.

/// Role, rights on the sources, publication. Of a Citus cluster the coordinator comes last: there the rights are given,
/// and the role has to be on all nodes by then.
/// Errors   `errc::table_missing`, `errc::column_missing` of what is to be published
result<std::string> node_setup_sql(postgres::connection& sql, const node_spec& node, const setup_request& request);
/// Role, schema weir, schemas and tables of the views.
result<std::string> target_setup_sql(postgres::connection& sql, const setup_request& request);

} // namespace weir::doctor
