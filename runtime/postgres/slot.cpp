#include <charconv>
#include <thread>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include "runtime/postgres/node_admin.hpp"

namespace weir::postgres {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds release_wait{3000}; ///< for a terminated walsender to let go of its slot
constexpr std::chrono::milliseconds cancel_wait{5000};  ///< for a server to answer a cancel

/// false: not within `wait`. An answer, good or bad, is then ready for PQgetResult.
bool answer_within(pg_conn* conn, std::chrono::milliseconds wait) {
  const auto deadline = clock::now() + wait;
  while (PQisBusy(conn) != 0) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
    if (left <= 0) return false;
    pollfd waited{PQsocket(conn), POLLIN, 0};
    ::poll(&waited, 1, static_cast<int>(std::min<long>(left, 60'000)));
    if (PQconsumeInput(conn) == 0) return true; // the connection is gone: the answer says so
  }
  return true;
}

void cancel(pg_conn* conn) {
  std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> handle{PQgetCancel(conn), &PQfreeCancel};
  char reason[256];
  if (handle) PQcancel(handle.get(), reason, sizeof reason);
}

/// Whom does the process `pid` wait for?
struct blocker {
  std::string who; ///< "" if nobody could be made out
  std::string cure;
};

blocker find_blocker(connection& sql, int pid) {
  const std::vector<parameter> parameters{std::to_string(pid)};
  const auto prepared = sql.query("SELECT p.gid, p.owner, date_trunc('second', now() - p.prepared) FROM pg_locks l "
                                  "JOIN pg_prepared_xacts p ON p.transaction = l.transactionid "
                                  "WHERE l.pid = $1 AND NOT l.granted AND l.locktype = 'transactionid'",
                                  parameters);
  if (prepared && prepared->rows() > 0) {
    const std::string gid = sql.literal(prepared->at(0, 0));
    return {fmt::format("prepared transaction {} of {}, for {} now", gid, prepared->at(0, 1), prepared->at(0, 2)),
            fmt::format("COMMIT PREPARED {0} or ROLLBACK PREPARED {0} on that server", gid)};
  }
  const auto running =
      sql.query("SELECT pid, coalesce(nullif(application_name, ''), 'unnamed'), coalesce(state, "
                "'state hidden'), coalesce(date_trunc('second', now() - xact_start)::text, 'some time') "
                "FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1)) ORDER BY xact_start LIMIT 1",
                parameters);
  if (running && running->rows() > 0)
    return {fmt::format("process {} ({}, {}), in a transaction for {}", running->at(0, 0), running->at(0, 1),
                        running->at(0, 2), running->at(0, 3)),
            fmt::format("end it, or SELECT pg_terminate_backend({})", running->at(0, 0))};
  return {};
}

error blocked(const connection& sql, const node_spec& node, const std::string& slot, std::chrono::milliseconds waited,
              const blocker& by) {
  return {
      errc::timeout,
      fmt::format("node {} ({}): slot {} could not be made within {} ms: it waits for all running transactions, now "
                  "for {}",
                  node.name, sql.address(), slot, waited.count(),
                  by.who.empty() ? "one that is not shown to this role" : by.who),
      by.cure};
}

error refused(error failure, const node_spec& node) {
  failure.message = fmt::format("node {}: {}", node.name, failure.message);
  if (failure.code == errc::no_free_slot)
    failure.hint =
        "drop a slot that nobody needs (SELECT slot_name FROM pg_replication_slots WHERE NOT active), or raise "
        "max_replication_slots and restart the server";
  if (failure.code == errc::permission_denied) failure.hint = "ALTER ROLE … REPLICATION";
  if (failure.code == errc::wal_level) failure.hint = "ALTER SYSTEM SET wal_level = 'logical'; then restart the server";
  return failure;
}

template <class Number>
Number number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// NULL where there is no position yet.
result<lsn> position(const query_result& rows, std::size_t column) {
  if (rows.is_null(0, column)) return lsn{};
  return parse_lsn(rows.at(0, column));
}

void terminate_own_walsender(connection& sql, int pid) {
  const std::vector<parameter> parameters{std::to_string(pid)};
  // Whatever comes of it: if the slot is not let go of, the caller says so.
  (void)sql.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND "
                  "starts_with(application_name, 'weir')",
                  parameters);
}

/// CREATE_REPLICATION_SLOT, within `lock_wait`.
result<created_slot> make_slot(connection& replication, connection& sql, const node_spec& node, const std::string& slot,
                               const std::string& command, std::chrono::milliseconds lock_wait) {
  pg_conn* conn = replication.native();
  const std::string doing = "making slot " + slot;
  // Bounded here, not by lock_timeout: any further command on this connection, a RESET too, would end the snapshot.
  if (PQsendQuery(conn, command.c_str()) == 0) return refused(error_from(conn, nullptr, doing), node);
  blocker by;
  const bool in_time = answer_within(conn, lock_wait);
  if (!in_time) {
    by = find_blocker(sql, PQbackendPID(conn));
    cancel(conn);
    if (!answer_within(conn, cancel_wait))
      return error{errc::connection_lost,
                   fmt::format("node {} ({}): {}: no answer, nor to a cancel", node.name, sql.address(), doing)};
  }
  const query_result answer{PQgetResult(conn)};
  while (pg_result* rest = PQgetResult(conn)) PQclear(rest);
  if (PQresultStatus(answer.native()) == PGRES_TUPLES_OK && answer.rows() == 1) { // perhaps just before the cancel came
    WEIR_ASSIGN(const lsn consistent_point, parse_lsn(answer.at(0, 1)));
    return created_slot{consistent_point, std::string{answer.at(0, 2)}};
  }
  auto failure = error_from(conn, answer.native(), doing);
  if (!in_time && failure.code == errc::timeout) return blocked(sql, node, slot, lock_wait, by);
  return refused(std::move(failure), node);
}

} // namespace

result<std::optional<slot_info>> find_slot(connection& sql, const std::string& slot) {
  const std::vector<parameter> parameters{slot};
  WEIR_ASSIGN(
      const auto rows,
      sql.query(
          "SELECT confirmed_flush_lsn, restart_lsn, active, active_pid, two_phase, plugin, database, "
          "wal_status, database IS NOT DISTINCT FROM current_database() FROM pg_replication_slots WHERE slot_name = $1",
          parameters));
  if (rows.rows() == 0) return std::optional<slot_info>{};
  slot_info info;
  WEIR_ASSIGN(info.confirmed, position(rows, 0));
  WEIR_ASSIGN(info.restart, position(rows, 1));
  info.active = rows.at(0, 2) == "t";
  info.active_pid = number<int>(rows.at(0, 3));
  info.two_phase = rows.at(0, 4) == "t";
  info.plugin = std::string{rows.at(0, 5)};
  info.database = std::string{rows.at(0, 6)};
  info.wal_status = std::string{rows.at(0, 7)};
  info.of_this_database = rows.at(0, 8) == "t";
  return std::optional{std::move(info)};
}

result<std::optional<bool>> has_decoding_snapshot(connection& sql, lsn restart) {
  WEIR_ASSIGN(const auto may, sql.query("SELECT has_function_privilege('pg_ls_logicalsnapdir()', 'EXECUTE')"));
  if (may.at(0, 0) != "t") return std::optional<bool>{};
  auto file = to_string(restart) + ".snap"; // the server's name for it
  file[file.find('/')] = '-';
  const std::vector<parameter> name{file};
  WEIR_ASSIGN(const auto there, sql.query("SELECT EXISTS (SELECT FROM pg_ls_logicalsnapdir() WHERE name = $1)", name));
  return std::optional{there.at(0, 0) == "t"};
}

result<created_slot> create_slot(connection& replication, connection& sql, const node_spec& node,
                                 const std::string& slot, std::chrono::milliseconds lock_wait) {
  const auto command =
      fmt::format("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput (SNAPSHOT 'export', TWO_PHASE)", sql.identifier(slot));
  return make_slot(replication, sql, node, slot, command, lock_wait);
}

result<created_slot> create_temporary_slot(connection& replication, connection& sql, const node_spec& node,
                                           const std::string& slot, std::chrono::milliseconds lock_wait) {
  const auto command =
      fmt::format("CREATE_REPLICATION_SLOT {} TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export')", sql.identifier(slot));
  return make_slot(replication, sql, node, slot, command, lock_wait);
}

status drop_slot(connection& sql, const std::string& slot) {
  const std::vector<parameter> parameters{slot};
  const auto deadline = clock::now() + release_wait;
  for (bool terminated = false;; terminated = true) {
    WEIR_ASSIGN(const auto found, find_slot(sql, slot));
    if (!found || !found->of_this_database) return {};
    if (!found->active) {
      auto dropped = sql.execute("SELECT pg_drop_replication_slot($1)", parameters);
      if (dropped || dropped.error().code == errc::slot_missing) return {};
      if (dropped.error().code == errc::permission_denied) dropped.error().hint = "ALTER ROLE … REPLICATION";
      if (dropped.error().code != errc::slot_in_use) return dropped;
    } else if (!terminated) {
      terminate_own_walsender(sql, found->active_pid);
    }
    if (clock::now() >= deadline)
      return error{errc::slot_in_use,
                   fmt::format("{}: slot {} is read by process {}", sql.address(), slot, found->active_pid),
                   fmt::format("stop that reader, or SELECT pg_terminate_backend({})", found->active_pid)};
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

} // namespace weir::postgres
