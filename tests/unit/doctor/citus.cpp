#include "tests/unit/doctor/healthy.hpp"

// How the nodes of a Citus cluster can be read, and nodes side by side.
namespace weir::doctor {
namespace {

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

} // namespace
} // namespace weir::doctor
