#include "runtime/doctor/checks.hpp"

#include <algorithm>
#include <functional>

#include "runtime/base/human_text.hpp"
#include "runtime/doctor/report.hpp"
#include "tests/support/catch.hpp"

namespace weir::doctor {
namespace {

constexpr reading as_tables{capture_mode::tables};
constexpr reading as_raw{capture_mode::raw};
constexpr reading as_logical{capture_mode::logical};

server_facts healthy_server() {
  server_facts s;
  s.address = "10.0.0.2:5432/shop";
  s.version = 150020;
  s.version_text = "15.20";
  s.quoted_database = "shop";
  s.quoted_role = "weir";
  s.replication_right = true;
  s.connections = {97, 5};
  s.statement_timeout = "0";
  return s;
}

source_facts healthy_source() {
  source_facts t;
  t.schema = "public";
  t.table = "orders";
  t.sql_schema = "public";
  t.sql_name = "public.orders";
  t.there = true;
  t.identity = replica_identity::full;
  t.has_identity = true;
  t.may_select = true;
  t.may_use_schema = true;
  return t;
}

/// A node of no cluster, before the first run.
node_facts healthy() {
  node_facts n;
  n.server = healthy_server();
  n.log = {"logical", {10, 1}, {10, 1}, {0, 0}, -1, std::int64_t{1} << 30, std::nullopt, "pgoutput, test_decoding"};
  n.slot = "weir_orders_w1";
  n.sources = {healthy_source()};
  n.publication.name = "weir_orders";
  n.publication.there = true;
  return n;
}

node_facts healthy_citus() {
  auto n = healthy();
  n.log.prepared = {200, 3};
  n.log.output_plugin_libraries = "pgoutput, test_decoding, citus";
  n.sources[0].citus_kind = 'h';
  n.sources[0].citus_replication = 's';
  n.sources[0].most_placements = 1;
  citus_facts c;
  c.version = "13.2-1";
  c.group = 2;
  c.change_data_capture = true;
  c.loaded_from = "$libdir/citus_decoders:$libdir";
  c.wrapped = true;
  c.may_unwrap = true;
  c.raw_possible = true;
  c.raw_published = true;
  c.raw_publication_sql = "CREATE PUBLICATION weir_orders …";
  n.citus = c;
  return n;
}

slot_facts own_slot() {
  slot_facts s;
  s.name = "weir_orders_w1";
  s.plugin = "pgoutput";
  s.active = true;
  s.two_phase = true;
  s.wal_status = "reserved";
  return s;
}

/// "code: severity" of what is not well.
std::vector<std::string> troubles(const std::vector<finding>& found) {
  std::vector<std::string> out;
  for (const auto& f : found)
    if (f.severity != severity::ok) out.push_back(f.code + ": " + to_string(f.severity));
  return out;
}

struct trouble_case {
  std::string expected;
  std::string cure; ///< part of it
  std::function<void(node_facts&)> spoil;
};

void expect_each(const std::vector<trouble_case>& cases, const node_facts& well, reading how) {
  REQUIRE(troubles(examine("g2", well, how)).empty());
  for (const auto& c : cases) {
    INFO(c.expected << " / " << c.cure);
    auto node = well;
    c.spoil(node);
    const auto found = examine("g2", node, how);
    CHECK(troubles(found) == std::vector<std::string>{c.expected});
    for (const auto& f : found)
      if (f.severity != severity::ok) CHECK_THAT(f.cure, WEIR_CONTAINS(c.cure));
  }
}

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

TEST_CASE("raw capture: what else is in the published schemas", "[doctor]") {
  const std::vector<trouble_case> cases{
      {"citus_group: error", "pg_dist_node", [](auto& n) { n.citus->group = 3; }},
      {"citus_metadata: warning", "start_metadata_sync_to_all_nodes",
       [](auto& n) { n.citus->metadata_synced = false; }},
      {"tables_at_risk: warning", "ALTER TABLE public.log REPLICA IDENTITY FULL",
       [](auto& n) { n.citus->without_identity = {"public.log"}; }},
      {"columnar_tables: warning", "ALTER TABLE public.cold SET SCHEMA",
       [](auto& n) { n.citus->columnar = {"public.cold"}; }},
      {"prepared_places: error", "max_prepared_transactions",
       [](auto& n) {
         n.log.prepared = {0, 0};
       }},
      {"prepared_places: warning", "max_prepared_transactions",
       [](auto& n) {
         n.log.prepared = {200, 190};
       }},
      {"output_plugins: warning", "= pgoutput, wal2json, citus;",
       [](auto& n) { n.log.output_plugin_libraries = "pgoutput, wal2json"; }},
      {"raw_publication: error", "weir drop FILE",
       [](auto& n) {
         n.citus->raw_published = false;
         n.known = true;
         n.slots = {own_slot()};
       }},
      {"table_kind: error", "by hash", [](auto& n) { n.sources[0].citus_kind = 'a'; }},
  };
  expect_each(cases, healthy_citus(), as_raw);
  auto off = healthy_citus(); // raw capture asks nothing of Citus' own
  off.citus->change_data_capture = false;
  off.citus->holed = {"public.orders"};
  off.citus->holed_cures = {""};
  off.sources[0].most_placements = 2; // of which one counts
  off.citus->shard_like = {"public.x_102008"};
  CHECK(troubles(examine("g2", off, as_raw)).empty());
}

TEST_CASE("logical capture: the limits of Citus' decoder", "[doctor]") {
  const std::vector<trouble_case> cases{
      {"change_data_capture: error", "citus.enable_change_data_capture = 'on'",
       [](auto& n) { n.citus->change_data_capture = false; }},
      {"change_data_capture: error", "RESET citus.enable_change_data_capture",
       [](auto& n) {
         n.citus->overrides = {"role mover"};
         n.citus->override_cures = {"ALTER ROLE mover RESET citus.enable_change_data_capture;"};
       }},
      {"replication_factor: error", "shard_replication_factor",
       [](auto& n) {
         n.sources[0].most_placements = 2;
         n.sources[0].one_placement = "SET citus.shard_replication_factor = 1;";
       }},
      {"decoder: error", "dynamic_library_path",
       [](auto& n) {
         n.citus->wrapped = false;
         n.citus->loaded_from = "/opt/lib:$libdir";
       }},
      {"shard_like_names: error", "RENAME",
       [](auto& n) {
         n.citus->shard_like = {"public.x_102008"};
         n.citus->shard_like_cures = {"ALTER TABLE public.x_102008 RENAME TO x_102008_;"};
       }},
      {"decoder: error", "GRANT pg_read_all_settings TO weir", [](auto& n) { n.citus->loaded_from.reset(); }},
      {"shard_columns: error", "capture raw", [](auto& n) { n.citus->misshapen = {"orders_102008"}; }},
      {"raw_capture: warning", "CREATE PUBLICATION",
       [](auto& n) {
         n.citus->raw_possible = false;
         n.citus->raw_published = false;
       }},
      {"raw_capture: warning", "GRANT SET ON PARAMETER dynamic_library_path TO weir",
       [](auto& n) {
         n.citus->raw_possible = false;
         n.citus->may_unwrap = false;
       }},
      {"reference_placement: error", "replicate_reference_tables",
       [](auto& n) {
         n.sources[0].citus_kind = 'n';
         n.sources[0].citus_replication = 't';
         n.sources[0].most_placements = 3;
         n.sources[0].on_coordinator = false;
       }},
      {"dropped_columns: error", "SELECT remade",
       [](auto& n) {
         n.citus->holed = {"public.orders"};
         n.citus->holed_cures = {"SELECT remade;"};
       }},
      {"dropped_columns: error", "capture raw",
       [](auto& n) {
         n.citus->holed = {"public.orders"};
         n.citus->holed_cures = {""};
       }},
  };
  expect_each(cases, healthy_citus(), as_logical);
}

TEST_CASE("reading is raw only if every Citus node can", "[doctor]") {
  auto one = healthy_citus();
  auto other = healthy_citus();
  CHECK(possible_reading({one, other}).mode == capture_mode::raw);
  other.citus->raw_possible = false;
  CHECK(possible_reading({one, other}).mode == capture_mode::logical);
}

TEST_CASE("what the definition declares is held against what is possible", "[doctor]") {
  auto node = healthy_citus();
  node.citus->raw_possible = false;
  node.citus->may_unwrap = false;
  const auto found = examine("g2", node, {capture_mode::raw, true});
  CHECK(troubles(found) == std::vector<std::string>{"raw_publication: error"});
  CHECK(troubles(examine("g2", node, {capture_mode::logical, true})).empty());
  CHECK(troubles(examine("w1", node, as_tables)) == std::vector<std::string>{"listed_nodes: warning"});
}

TEST_CASE("nodes are compared", "[doctor]") {
  auto one = healthy_citus();
  auto other = healthy_citus();
  CHECK(troubles(compare({one, other})).empty());
  other.citus->version = "13.1-1";
  other.server.version = 160004;
  CHECK(troubles(compare({one, other})) ==
        std::vector<std::string>{"extension_version: error", "server_version: warning"});
}

TEST_CASE("the target", "[doctor]") {
  target_facts well;
  well.server = healthy_server();
  well.server.may_create_in_database = true;
  well.wanted_version = 3;
  const auto of = [](const target_facts& t) {
    std::vector<finding> found;
    findings_of out("target", found);
    check_target(t, out);
    return troubles(found);
  };
  CHECK(of(well).empty());
  const auto spoiled = [&](auto spoil) {
    auto t = well;
    spoil(t);
    return of(t);
  };
  using one = std::vector<std::string>;
  CHECK(spoiled([](auto& t) { t.server.may_create_in_database = false; }) == one{"schema: error"});
  CHECK(spoiled([](auto& t) {
          t.schema_there = true;
          t.owns_schema = true;
          t.schema_version = 5;
        }) == one{"schema: error"});
  CHECK(spoiled([](auto& t) { t.schema_there = true; }) == one{"schema: error"});
  CHECK(spoiled([](auto& t) { t.server.synchronous_commit = false; }) == one{"synchronous_commit: error"});
  CHECK(spoiled([](auto& t) { t.server.in_recovery = true; }) == one{"primary: error"});
  CHECK(spoiled([](auto& t) { t.server.connections = {10, 9}; }) == one{"connections: error"});
  CHECK(spoiled([](auto& t) {
          t.registered = true;
          t.same_definition = false;
        }) == one{"definition: error"});
  CHECK(spoiled([](auto& t) {
          t.sinks = {{"totals", "analytics.totals", error{errc::sink_unfit, "has rows", "TRUNCATE"}}};
        }) == one{"sink: error"});
}

TEST_CASE("a report: errors first, cures as they are, what is well as a number", "[doctor]") {
  report r{"orders", "raw", {{"w1", "10.0.0.2:5432/shop  PostgreSQL 15.20"}, {"target", "10.0.0.1:5432/shop"}}, {}};
  findings_of w1("w1", r.findings);
  w1.ok("version", "PostgreSQL 15.20");
  w1.warn("clock", "its clock is ahead", "NTP");
  w1.fail("select", "role weir may not read it", "GRANT SELECT ON a TO weir;\nGRANT SELECT ON b TO weir;");
  findings_of("target", r.findings).ok("version", "PostgreSQL 15.20");
  CHECK(
      render(r, false) ==
      "pipeline orders, capture raw\n"
      "\n"
      "w1           10.0.0.2:5432/shop  PostgreSQL 15.20                                                         1 ok\n"
      "  error    select               role weir may not read it\n"
      "             GRANT SELECT ON a TO weir;\n"
      "             GRANT SELECT ON b TO weir;\n"
      "  warning  clock                its clock is ahead\n"
      "             NTP\n"
      "target       10.0.0.1:5432/shop                                                                           1 ok\n"
      "\n"
      "2 ok, 1 warning, 1 error\n");
  CHECK_THAT(render(r, true), WEIR_CONTAINS("  ok       version              PostgreSQL 15.20\n"));
}

TEST_CASE("amounts in words", "[doctor]") {
  CHECK(human_bytes(512) == "512 B");
  CHECK(human_bytes(std::int64_t{3} << 30) == "3 GB");
  CHECK(human_bytes(1'700'000) == "1.6 MB");
  CHECK(human_seconds(40) == "40 s");
  CHECK(human_seconds(7200) == "2.0 h");
  CHECK(human_seconds(400'000) == "5 days");
  CHECK(some_of({"a", "b", "c"}, 2) == "a, b and 1 more");
}

} // namespace
} // namespace weir::doctor
