#include "runtime/doctor/checks.hpp"

#include "tests/unit/doctor/healthy.hpp"

// What every server has: settings, rights, slots, tables.
namespace weir::doctor {
namespace {

TEST_CASE("each thing that is wrong with a server gives its one finding, with the cure", "[doctor]") {
  const std::vector<trouble_case> cases{
      {"version: error", "upgrade", [](auto& n) { n.server.version = 140009; }},
      {"primary: error", "pg_promote", [](auto& n) { n.server.in_recovery = true; }},
      {"wal_level: error", "ALTER SYSTEM SET wal_level = 'logical'", [](auto& n) { n.log.wal_level = "replica"; }},
      {"slots: error", "max_replication_slots = 20",
       [](auto& n) {
         n.log.slots = {10, 10};
       }},
      {"slots: warning", "max_replication_slots",
       [](auto& n) {
         n.log.slots = {10, 8};
       }},
      {"senders: error", "max_wal_senders = 11",
       [](auto& n) {
         n.log.senders = {1, 1};
       }},
      {"connections: error", "max_connections",
       [](auto& n) {
         n.server.connections = {97, 97};
       }},
      {"replication_right: error", "ALTER ROLE weir REPLICATION", [](auto& n) { n.server.replication_right = false; }},
      {"replication_connection: error", "pg_hba.conf",
       [](auto& n) {
         n.replication_refused = error{errc::authentication_failed, "refused", "see pg_hba.conf"};
       }},
      {"statement_timeout: warning", "SET statement_timeout = 0", [](auto& n) { n.server.statement_timeout = "30s"; }},
      {"synchronous_commit: warning", "synchronous_commit", [](auto& n) { n.server.synchronous_commit = false; }},
      {"clock: warning", "NTP", [](auto& n) { n.server.clock_offset_us = -90'000'000; }},
      {"time_zones: error", "tzdata",
       [](auto& n) {
         n.server.zones = {"Europe/Berlin"};
         n.server.zone_difference = "it has no time zone Europe/Berlin";
       }},
      {"letters: error", "LC_CTYPE",
       [](auto& n) {
         n.server.uses_letters = true;
         n.server.letter_difference = "its lower('I') is 'ı'";
       }},
      {"same_server: error", "weir drop",
       [](auto& n) {
         n.system_id = "7";
         n.expected_system_id = "8";
       }},
      {"not_examined: warning", "",
       [](auto& n) {
         n.unread.push_back({errc::sql_failed, "pg_publication: denied"});
       }},
      {"output_plugins: error", "= test_decoding, pgoutput;",
       [](auto& n) { n.log.output_plugin_libraries = "test_decoding"; }},
  };
  expect_each(cases, healthy(), as_tables);
}

TEST_CASE("slots: weir's own, the limit, those of others", "[doctor]") {
  auto running = healthy();
  running.known = true;
  running.slots = {own_slot()};
  const std::vector<trouble_case> cases{
      {"slot: error", "weir drop", [](auto& n) { n.slots.clear(); }},
      {"slot: error", "weir drop", [](auto& n) { n.slots[0].wal_status = "lost"; }},
      {"slot: error", "start weir now", [](auto& n) { n.slots[0].wal_status = "unreserved"; }},
      {"slot: error", "pg_drop_replication_slot('weir_orders_w1')", [](auto& n) { n.slots[0].plugin = "wal2json"; }},
      {"slot: warning", "start weir", [](auto& n) { n.slots[0].active = false; }},
      {"slot_limit: warning", "max_slot_wal_keep_size = '40000MB'",
       [](auto& n) {
         n.log.slot_limit_bytes = std::int64_t{10000} << 20;
         n.slots[0].safe_bytes = std::int64_t{4000} << 20;
       }},
      {"slot_limit: error", "max_slot_wal_keep_size",
       [](auto& n) {
         n.log.slot_limit_bytes = std::int64_t{10000} << 20;
         n.slots[0].safe_bytes = std::int64_t{1000} << 20;
       }},
      {"other_slots: warning", "pg_drop_replication_slot('etl')",
       [](auto& n) {
         auto s = own_slot();
         s.name = "etl";
         s.kept_bytes = std::int64_t{3} << 30;
         n.slots.push_back(s);
       }},
      {"other_slots: warning", "weir drop",
       [](auto& n) {
         auto s = own_slot();
         s.name = "weir_old_w1";
         s.wal_status = "lost";
         n.slots.push_back(s);
       }},
      {"publication: error", "weir drop",
       [](auto& n) {
         n.publication.incomplete = error{errc::schema_changed, "a table went", "weir drop"};
       }},
  };
  expect_each(cases, running, as_tables);

  auto moving = running;
  for (const auto* name : {"citus_shard_move_slot_2_10_7", "citus_shard_split_slot_1_1_1"}) {
    auto s = own_slot();
    s.name = name;
    s.kept_bytes = std::int64_t{9} << 30;
    moving.slots.push_back(s);
  }
  CHECK(troubles(examine("w1", moving, as_tables)).empty());
}

TEST_CASE("a limit below what a server keeps anyway is too low before the first run", "[doctor]") {
  auto n = healthy();
  n.log.slot_limit_bytes = std::int64_t{64} << 20;
  CHECK(troubles(examine("w1", n, as_tables)) == std::vector<std::string>{"slot_limit: warning"});
}

TEST_CASE("transactions are in the way of a slot that is yet to be made", "[doctor]") {
  auto n = healthy();
  n.prepared = {{"x'y", "'x''y'", "app", 7200}, {"young", "'young'", "app", 10}};
  n.running = {{42, "report", "active", 4000}};
  const auto found = examine("w1", n, as_tables);
  CHECK(troubles(found) == std::vector<std::string>{"prepared: warning", "running: warning"});
  for (const auto& f : found) {
    if (f.code == "prepared") CHECK_THAT(f.cure, WEIR_CONTAINS("ROLLBACK PREPARED 'x''y'"));
    if (f.code == "running") CHECK_THAT(f.cure, WEIR_CONTAINS("pg_terminate_backend(42)"));
  }
  n.slots = {own_slot()};
  CHECK(troubles(examine("w1", n, as_tables)) == std::vector<std::string>{"prepared: warning"});
}

TEST_CASE("what keeps a table from being followed", "[doctor]") {
  const std::vector<trouble_case> cases{
      {"table: error", "create it", [](auto& n) { n.sources[0].there = false; }},
      {"select: error", "GRANT SELECT ON public.orders TO weir", [](auto& n) { n.sources[0].may_select = false; }},
      {"select: error", "GRANT USAGE ON SCHEMA public TO weir", [](auto& n) { n.sources[0].may_use_schema = false; }},
      {"row_security: warning", "BYPASSRLS", [](auto& n) { n.sources[0].row_security = true; }},
      {"replica_identity: error", "ALTER TABLE public.orders REPLICA IDENTITY FULL",
       [](auto& n) {
         n.sources[0].identity = replica_identity::primary_key;
         n.sources[0].has_identity = false;
       }},
      {"table_kind: error", "heap", [](auto& n) { n.sources[0].columnar = true; }},
      {"table_kind: error", "name a table", [](auto& n) { n.sources[0].kind = 'v'; }},
      {"publication: error", "GRANT owner TO weir;",
       [](auto& n) {
         n.publication.there = false;
         n.publication.incomplete = error{errc::schema_changed, "publication weir_orders is gone"};
         n.publication.cure = "GRANT owner TO weir;";
       }},
  };
  expect_each(cases, healthy(), as_tables);
}

} // namespace
} // namespace weir::doctor
