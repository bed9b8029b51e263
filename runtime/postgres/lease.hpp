#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// The right to write a pipeline. `fence` grows with every grant; a writer checks it inside its own transaction.
struct lease_grant {
  std::int64_t fence = 0;
  std::string holder;
};

/// Takes the lease of `pipeline` for `holder` ("host:pid"), on a connection that stays open while it is held (a
/// session advisory lock makes the death of a holder known at once; a lease not renewed for `expiry` is taken over
/// even if its session lingers).
///
/// Errors   `errc::lease_held` "pipeline orders is run by <holder> since <time>, last seen <time>".
result<lease_grant> acquire_lease(connection& target, const std::string& pipeline, const std::string& holder,
                                  std::chrono::milliseconds expiry);
/// On a new connection, after the one that held the lease was lost: locks and renews what is still ours.
/// Errors   `errc::lease_lost`.
status resume_lease(connection& target, const std::string& pipeline, const lease_grant& grant);
/// Errors   `errc::lease_lost`.
status renew_lease(connection& target, const std::string& pipeline, const lease_grant& grant);
status release_lease(connection& target, const std::string& pipeline, const lease_grant& grant);

} // namespace weir::postgres
