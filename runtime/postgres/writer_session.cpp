#include "runtime/postgres/writer_session.hpp"

#include <vector>

#include <fmt/format.h>

namespace weir::postgres {
namespace {

/// Every join is a few thousand groups against a table that may be tiny, huge, or just grown from one to the other:
/// with an index on the group a nested loop is right for all of them, and no statistics can talk the planner out of it.
/// One connection to each node of Citus, whatever the number of shards: each is a part of the commit, and what is put
/// over them one after the other is there at the same time on all nodes. Where there is no Citus it means nothing.
/// The keepalives let the server notice the death of this host, and free the locks of its last transaction.
constexpr const char* settings =
    "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; SET enable_mergejoin = off; "
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; SET jit = off; "
    "SET max_parallel_workers_per_gather = 0; SET citus.multi_shard_modify_mode = 'sequential'; "
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; "
    "SET tcp_keepalives_count = 3; SET lock_timeout = '5s'";

/// Citus cannot see every deadlock: a split that does not block writes holds its locks while the slot that it makes
/// waits for the writer's transaction on another node, and the writer waits for the split. A cut that ends so is done
/// again.
constexpr const char* bounded_waits = "SET lock_timeout = '10s'";

constexpr const char* lock = "SELECT pg_advisory_lock(hashtextextended('weir writer:' || $1, 0))";

constexpr const char* end_holder =
    "SELECT pid, pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND (classid::bigint << 32 | objid::bigint) = hashtextextended('weir writer:' || $1, 0)";

constexpr const char* check_fence = "SELECT FROM weir.lease WHERE pipeline = $1 AND fence = $2::bigint";

/// Slots forget what was committed here: a crash of the target must not take it back.
constexpr const char* commit_for_good = "SELECT set_config('synchronous_commit', 'on', false) WHERE "
                                        "current_setting('synchronous_commit') = 'off'";

} // namespace

status prepare_writer_session(connection& target, const std::string& pipeline, const lease_grant& grant) {
  WEIR_TRY(target.execute(settings));
  WEIR_TRY(target.execute(commit_for_good));
  const std::vector<parameter> name{pipeline};
  auto locked = target.execute(lock, name);
  if (!locked && locked.error().code == errc::timeout) {
    const std::vector<parameter> fence{pipeline, std::to_string(grant.fence)};
    WEIR_ASSIGN(const query_result mine, target.query(check_fence, fence));
    if (mine.rows() == 0)
      return error{errc::lease_lost, fmt::format("pipeline {} is no longer {}'s to write", pipeline, grant.holder),
                   "another runtime has taken the pipeline over"};
    WEIR_ASSIGN(const query_result ended, target.query(end_holder, name));
    locked = target.execute(lock, name);
    if (!locked && locked.error().code == errc::timeout) {
      const std::string pid{ended.rows() > 0 ? ended.at(0, 0) : "unknown"};
      return error{errc::timeout,
                   fmt::format("the writer of pipeline {} before this one still has a session in {} (process {})",
                               pipeline, target.address(), pid),
                   fmt::format("SELECT pg_terminate_backend({})", pid)};
    }
  }
  WEIR_TRY(std::move(locked));
  return target.execute(bounded_waits);
}

} // namespace weir::postgres
