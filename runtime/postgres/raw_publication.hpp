#pragma once

#include <string>

#include "runtime/cluster/cluster_spec.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// The statements that make a pipeline's publication for raw capture on one Citus node: all tables of the sources'
/// schemas, which is where shards are, and the catalogs that tell whose they are. For a superuser, once, on every node.
std::string raw_publication_sql(const pipeline_plan& plan, const sql_quoter& quote);
/// The one of them that makes it; Citus must not repeat it on other nodes.
std::string create_raw_publication_sql(const pipeline_plan& plan, const sql_quoter& quote);

/// Makes the publication, or alters it so that it holds exactly what raw_publication_sql says. A role that is no
/// superuser may do neither, and takes one that holds at least that.
///
/// Errors   `errc::permission_denied` it is not there or too small, and the role is no superuser; the hint has the
///          statements · `errc::unsupported` the server has no Citus catalogs · `errc::sql_failed` a publication of
///          that name is FOR ALL TABLES
status ensure_raw_publication(connection& sql, const pipeline_plan& plan, const node_spec& node);

/// Does the publication still hold all that raw capture reads? Whoever takes a schema out of it loses its changes
/// without a word of the server.
///
/// Errors   `errc::schema_changed`
status verify_raw_publication(connection& sql, const pipeline_plan& plan, const node_spec& node);

/// Can this role capture raw here? The server has Citus' catalogs; the publication holds enough or the role is a
/// superuser; and where Citus wraps the decoder, the role may choose the stock one.
result<bool> raw_capture_possible(connection& sql, const pipeline_plan& plan);

/// Does `pgoutput` mean Citus' wrapper in a session of this role? Then a replication connection has to say
/// `SET dynamic_library_path = '$libdir'` before START_REPLICATION to get the stock one.
///
/// Output   true also where the role may not see the path but may set it: it then does no harm to set it.
result<bool> decoder_is_wrapped(connection& sql);

} // namespace weir::postgres
