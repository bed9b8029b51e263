#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "runtime/postgres/node_admin.hpp"

namespace weir::postgres {

namespace {

template <class Number>
Number number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string place(const connection& sql, const node_spec& node) {
  return fmt::format("node {} ({})", node.name, sql.address());
}

} // namespace

result<server_identity> identify(connection& replication) {
  WEIR_ASSIGN(const auto answer, replication.query("IDENTIFY_SYSTEM"));
  if (answer.rows() != 1 || answer.columns() < 4)
    return error{errc::internal, replication.address() + ": IDENTIFY_SYSTEM gave an unexpected answer"};
  server_identity identity;
  identity.system_id = std::string{answer.at(0, 0)};
  identity.timeline = number<std::int32_t>(answer.at(0, 1));
  WEIR_ASSIGN(identity.flushed, parse_lsn(answer.at(0, 2)));
  identity.database = std::string{answer.at(0, 3)};
  return identity;
}

status check_server(connection& sql, const node_spec& node) {
  if (sql.server_version() < 150000)
    return error{errc::unsupported,
                 fmt::format("{}: PostgreSQL {} is too old", place(sql, node), sql.server_version() / 10000),
                 "weir reads PostgreSQL 15 and later"};
  WEIR_ASSIGN(const auto answer,
              sql.query("SELECT current_setting('wal_level'), pg_is_in_recovery(), current_setting('max_wal_senders'), "
                        "current_setting('max_replication_slots'), rolsuper OR rolreplication, quote_ident(rolname) "
                        "FROM pg_roles WHERE rolname = current_user"));
  if (answer.rows() != 1) return error{errc::internal, place(sql, node) + ": the role in use is not in pg_roles"};
  if (answer.at(0, 1) == "t")
    return error{errc::unsupported, place(sql, node) + ": the server is a standby (in recovery)",
                 "name the primary, or promote this server: SELECT pg_promote()"};
  if (answer.at(0, 0) != "logical")
    return error{
        errc::wal_level,
        fmt::format("{}: wal_level is {}, logical replication needs logical", place(sql, node), answer.at(0, 0)),
        "ALTER SYSTEM SET wal_level = 'logical'; then restart the server"};
  if (answer.at(0, 2) == "0")
    return error{errc::wal_level, place(sql, node) + ": max_wal_senders is 0, no stream can be opened",
                 "ALTER SYSTEM SET max_wal_senders = 10; then restart the server"};
  if (answer.at(0, 3) == "0")
    return error{errc::no_free_slot, place(sql, node) + ": max_replication_slots is 0, no slot can be made",
                 "ALTER SYSTEM SET max_replication_slots = 10; then restart the server"};
  if (answer.at(0, 4) != "t")
    return error{errc::permission_denied,
                 fmt::format("{}: role {} may not replicate", place(sql, node), answer.at(0, 5)),
                 fmt::format("ALTER ROLE {} REPLICATION", answer.at(0, 5))};
  return {};
}

status check_free_slot(connection& sql, const node_spec& node, const std::string& slot) {
  const std::vector<parameter> parameters{slot};
  WEIR_ASSIGN(const auto answer,
              sql.query("SELECT count(*), current_setting('max_replication_slots')::bigint, "
                        "count(*) FILTER (WHERE slot_name = $1), "
                        "coalesce(string_agg(slot_name, ', ' ORDER BY slot_name) FILTER (WHERE NOT active), 'none'), "
                        "max(database) FILTER (WHERE slot_name = $1 AND database <> current_database()) "
                        "FROM pg_replication_slots",
                        parameters));
  if (!answer.is_null(0, 4))
    return error{errc::config_invalid,
                 fmt::format("{}: slot {} is that of a pipeline of the same name in database {}", place(sql, node),
                             slot, answer.at(0, 4)),
                 fmt::format("give one of the two pipelines another name; or, if the other one is gone: SELECT "
                             "pg_drop_replication_slot('{}')",
                             slot)};
  const auto used = number<long>(answer.at(0, 0));
  const auto places = number<long>(answer.at(0, 1));
  if (used < places || answer.at(0, 2) != "0") return {};
  return error{
      errc::no_free_slot,
      fmt::format("{}: all {} replication slots are taken (not active: {})", place(sql, node), places, answer.at(0, 3)),
      fmt::format("drop one that nobody needs: SELECT pg_drop_replication_slot('…'); or ALTER SYSTEM SET "
                  "max_replication_slots = {}; and restart the server",
                  places + 10)};
}

status heartbeat(connection& sql, const std::string& pipeline) {
  const std::vector<parameter> parameters{pipeline};
  return sql.execute("SELECT pg_logical_emit_message(true, 'weir', $1)", parameters);
}

result<std::int64_t> clock_offset(connection& sql) {
  using namespace std::chrono;
  const auto asked = system_clock::now();
  WEIR_ASSIGN(const auto answer, sql.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8"));
  const auto answered = system_clock::now();
  std::int64_t theirs = 0;
  const auto text = answer.at(0, 0);
  std::from_chars(text.data(), text.data() + text.size(), theirs);
  const auto ours = duration_cast<microseconds>((asked + (answered - asked) / 2).time_since_epoch()).count();
  return theirs - ours;
}

result<lsn> flushed_position(connection& sql) {
  WEIR_ASSIGN(const auto answer, sql.query("SELECT pg_current_wal_flush_lsn()"));
  return parse_lsn(answer.at(0, 0));
}

} // namespace weir::postgres
