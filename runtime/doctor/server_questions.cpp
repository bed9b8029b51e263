#include <fmt/format.h>

#include "runtime/doctor/questions.hpp"
#include "runtime/postgres/node_admin.hpp"

namespace weir::doctor {

status ask_server(postgres::connection& sql, server_facts& facts) {
  facts.address = sql.address();
  facts.version = sql.server_version();
  WEIR_ASSIGN(
      const auto row,
      sql.query("SELECT split_part(current_setting('server_version'), ' ', 1), pg_is_in_recovery(), "
                "quote_ident(current_database()), "
                "quote_ident(current_user), rolsuper, rolreplication, "
                "has_database_privilege(current_database(), 'CREATE'), "
                "current_setting('max_connections')::int - "
                "current_setting('superuser_reserved_connections')::int, "
                "(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' OR backend_type IS "
                "NULL), current_setting('synchronous_commit') <> 'off', current_setting('statement_timeout') "
                "FROM pg_roles WHERE rolname = current_user"));
  if (row.rows() == 0) return error{errc::internal, facts.address + ": the role in use is not in pg_roles"};
  facts.version_text = text_at(row, 0, 0);
  facts.in_recovery = true_at(row, 0, 1);
  facts.quoted_database = text_at(row, 0, 2);
  facts.quoted_role = text_at(row, 0, 3);
  facts.superuser = true_at(row, 0, 4);
  facts.replication_right = true_at(row, 0, 5);
  facts.may_create_in_database = true_at(row, 0, 6);
  facts.connections = {number_at<std::int64_t>(row, 0, 7), number_at<std::int64_t>(row, 0, 8) - 1}; // not this one
  facts.synchronous_commit = true_at(row, 0, 9);
  facts.statement_timeout = text_at(row, 0, 10);
  WEIR_ASSIGN(facts.clock_offset_us, postgres::clock_offset(sql));
  return {};
}

status ask_log(postgres::connection& sql, log_facts& facts) {
  WEIR_ASSIGN(const auto row,
              sql.query("SELECT current_setting('wal_level'), current_setting('max_wal_senders'), "
                        "(SELECT count(*) FROM pg_stat_replication), current_setting('max_replication_slots'), "
                        "(SELECT count(*) FROM pg_replication_slots), current_setting('max_prepared_transactions'), "
                        "(SELECT count(*) FROM pg_prepared_xacts), "
                        "pg_size_bytes(current_setting('max_slot_wal_keep_size')), "
                        "pg_size_bytes(current_setting('max_wal_size')), CASE WHEN pg_has_role('pg_read_all_settings', "
                        "'USAGE') THEN current_setting('output_plugin_libraries', true) END, "
                        "has_function_privilege('pg_ls_waldir()', 'EXECUTE')"));
  facts.wal_level = text_at(row, 0, 0);
  facts.senders = {number_at<std::int64_t>(row, 0, 1), number_at<std::int64_t>(row, 0, 2)};
  facts.slots = {number_at<std::int64_t>(row, 0, 3), number_at<std::int64_t>(row, 0, 4)};
  facts.prepared = {number_at<std::int64_t>(row, 0, 5), number_at<std::int64_t>(row, 0, 6)};
  facts.slot_limit_bytes = number_at<std::int64_t>(row, 0, 7);
  facts.max_wal_bytes = number_at<std::int64_t>(row, 0, 8);
  if (!row.is_null(0, 9)) facts.output_plugin_libraries = text_at(row, 0, 9);
  if (!true_at(row, 0, 10)) return {};
  WEIR_ASSIGN(const auto size, sql.query("SELECT coalesce(sum(size), 0)::bigint FROM pg_ls_waldir()"));
  facts.directory_bytes = number_at<std::int64_t>(size, 0, 0);
  return {};
}

status ask_slots(postgres::connection& sql, node_facts& facts) {
  WEIR_ASSIGN(
      const auto rows,
      sql.query("SELECT slot_name, slot_type, plugin, database, active, temporary, two_phase, wal_status, "
                "coalesce(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() "
                "END - restart_lsn, 0)::bigint, safe_wal_size, coalesce(database <> current_database(), false) "
                "FROM pg_replication_slots ORDER BY slot_name"));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    slot_facts s;
    s.name = text_at(rows, i, 0);
    s.logical = rows.at(i, 1) == "logical";
    s.plugin = text_at(rows, i, 2);
    s.database = text_at(rows, i, 3);
    s.active = true_at(rows, i, 4);
    s.temporary = true_at(rows, i, 5);
    s.two_phase = true_at(rows, i, 6);
    s.wal_status = text_at(rows, i, 7);
    s.kept_bytes = number_at<std::int64_t>(rows, i, 8);
    s.of_another_database = true_at(rows, i, 10);
    if (!rows.is_null(i, 9)) s.safe_bytes = number_at<std::int64_t>(rows, i, 9);
    facts.slots.push_back(std::move(s));
  }
  return {};
}

status ask_waiting(postgres::connection& sql, node_facts& facts) {
  WEIR_ASSIGN(const auto prepared,
              sql.query("SELECT gid, quote_literal(gid), owner, extract(epoch FROM now() - prepared)::bigint "
                        "FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared LIMIT 100"));
  for (std::size_t i = 0; i < prepared.rows(); ++i)
    facts.prepared.push_back({text_at(prepared, i, 0), text_at(prepared, i, 1), text_at(prepared, i, 2),
                              static_cast<double>(number_at<std::int64_t>(prepared, i, 3))});
  WEIR_ASSIGN(const auto running,
              sql.query("SELECT pid, application_name, state, extract(epoch FROM now() - xact_start)::bigint FROM "
                        "pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() "
                        "ORDER BY xact_start LIMIT 100"));
  for (std::size_t i = 0; i < running.rows(); ++i)
    facts.running.push_back({number_at<int>(running, i, 0), text_at(running, i, 1), text_at(running, i, 2),
                             static_cast<double>(number_at<std::int64_t>(running, i, 3))});
  return {};
}

} // namespace weir::doctor
