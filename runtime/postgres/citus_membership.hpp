#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/base/result.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// What a server is in a Citus cluster.
struct citus_membership {
  std::uint32_t group = 0;           ///< survives a change of its address
  bool streams_participants = false; ///< the publication holds pg_dist_transaction: its rows come with the changes
};

/// Empty if the server is in no Citus cluster.
result<std::optional<citus_membership>> read_citus_membership(connection& sql, const std::string& publication);

} // namespace weir::postgres
