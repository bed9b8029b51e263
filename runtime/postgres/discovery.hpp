#pragma once

#include <string>
#include <vector>

#include "runtime/cluster/cluster_spec.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// The nodes of the Citus cluster that `coordinator` belongs to: active primaries, named "g<groupid>", in order of
/// their group. A node is reached as the coordinator is (user, database, service, TLS), at its own host and port.
///
/// Errors   `errc::config_invalid` the server is no Citus coordinator, or lists no node; the hint tells how to list
///          servers by hand
result<std::vector<node_spec>> discover_nodes(connection& coordinator, const std::string& coordinator_conninfo);

/// `conninfo` (either form) with another host and port, as "key='value' …"; pure.
/// Errors   `errc::config_invalid`
result<std::string> with_address(const std::string& conninfo, const std::string& host, const std::string& port);

/// `conninfo` (either form) with other values for all that `changes` (either form) says; pure.
/// Errors   `errc::config_invalid` one of them cannot be read
result<std::string> with_parameters(const std::string& conninfo, const std::string& changes);

/// Where a session is, as a connection string: "host=10.0.0.1 port=5432 dbname=shop".
std::string place_of(const connection& sql);
/// The user a connection string asks for; "" if it leaves that to libpq.
std::string user_of(const std::string& conninfo);

} // namespace weir::postgres
