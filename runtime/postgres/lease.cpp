#include "runtime/postgres/lease.hpp"

#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "runtime/postgres/transaction.hpp"

namespace weir::postgres {
namespace {

constexpr const char* try_lock = "SELECT pg_try_advisory_lock(hashtextextended('weir:' || $1, 0))";
constexpr const char* unlock = "SELECT pg_advisory_unlock(hashtextextended('weir:' || $1, 0))";

/// Free, or expired, or held by a session that had the lock and has it no more because we do.
constexpr const char* take =
    "INSERT INTO weir.lease AS l (pipeline, fence, holder, session_locked, expiry, acquired, renewed) "
    "VALUES ($1, nextval('weir.fence'), $2, $3::boolean, $4::interval, clock_timestamp(), clock_timestamp()) "
    "ON CONFLICT (pipeline) DO UPDATE SET fence = excluded.fence, holder = excluded.holder, "
    "session_locked = excluded.session_locked, expiry = excluded.expiry, acquired = excluded.acquired, "
    "renewed = excluded.renewed "
    "WHERE l.holder IS NULL OR l.renewed + l.expiry < clock_timestamp() OR (excluded.session_locked AND "
    "l.session_locked) "
    "RETURNING fence";

constexpr const char* renew =
    "UPDATE weir.lease SET renewed = clock_timestamp(), session_locked = CASE WHEN session_locked THEN true "
    "ELSE pg_try_advisory_lock(hashtextextended('weir:' || $1, 0)) END "
    "WHERE pipeline = $1 AND fence = $2::bigint AND holder IS NOT NULL";

constexpr const char* unlocked =
    "UPDATE weir.lease SET session_locked = false WHERE pipeline = $1 AND fence = $2::bigint AND holder IS NOT NULL";

error held(connection& target, const std::string& pipeline) {
  const std::vector<parameter> name{pipeline};
  const auto row = target.query("SELECT coalesce(holder, 'nobody'), acquired, renewed, expiry FROM weir.lease "
                                "WHERE pipeline = $1",
                                name);
  if (!row) return row.error();
  if (row->rows() == 0)
    return {errc::lease_held, fmt::format("pipeline {} is being taken by another runtime at this moment", pipeline),
            "try again"};
  return {errc::lease_held,
          fmt::format("pipeline {} is run by {} since {}, last seen {}", pipeline, row->at(0, 0), row->at(0, 1),
                      row->at(0, 2)),
          fmt::format("stop that runtime first; if it died without a word, its lease is free {} after it was last seen",
                      row->at(0, 3))};
}

} // namespace

result<lease_grant> acquire_lease(connection& target, const std::string& pipeline, const std::string& holder,
                                  std::chrono::milliseconds expiry) {
  const std::vector<parameter> name{pipeline};
  WEIR_ASSIGN(const query_result lock, target.query(try_lock, name));
  const bool locked = lock.at(0, 0) == "t";
  lease_grant grant{0, holder};
  const auto done = in_transaction(target, [&]() -> status {
    // A takeover waits for the last transaction of the writer before; not for ever, if that writer hangs.
    WEIR_TRY(target.execute(fmt::format("SET LOCAL lock_timeout = {}", expiry.count())));
    const std::vector<parameter> values{pipeline, holder, locked ? "true" : "false",
                                        fmt::format("{} milliseconds", expiry.count())};
    WEIR_ASSIGN(const query_result taken, target.query(take, values));
    if (taken.rows() == 0) return error{errc::lease_held, {}};
    const auto fence = taken.at(0, 0);
    std::from_chars(fence.data(), fence.data() + fence.size(), grant.fence);
    return {};
  });
  if (done) return grant;
  if (locked) (void)target.execute(unlock, name);
  if (done.error().code == errc::lease_held || done.error().code == errc::timeout) return held(target, pipeline);
  return done.error();
}

status resume_lease(connection& target, const std::string& pipeline, const lease_grant& grant) {
  const std::vector<parameter> values{pipeline, std::to_string(grant.fence)};
  WEIR_TRY(target.execute(unlocked, values)); // the session that had the lock is gone; renewing takes it again
  return renew_lease(target, pipeline, grant);
}

status renew_lease(connection& target, const std::string& pipeline, const lease_grant& grant) {
  const std::vector<parameter> values{pipeline, std::to_string(grant.fence)};
  WEIR_ASSIGN(const query_result renewed, target.query(renew, values));
  if (renewed.affected() == 1) return {};
  const auto now = held(target, pipeline);
  return error{errc::lease_lost,
               fmt::format("{} has lost the lease of pipeline {}: {}", grant.holder, pipeline, now.message), now.hint};
}

status release_lease(connection& target, const std::string& pipeline, const lease_grant& grant) {
  const std::vector<parameter> values{pipeline, std::to_string(grant.fence)};
  WEIR_TRY(target.execute("UPDATE weir.lease SET holder = NULL WHERE pipeline = $1 AND fence = $2::bigint", values));
  const std::vector<parameter> name{pipeline};
  return target.execute(unlock, name);
}

} // namespace weir::postgres
