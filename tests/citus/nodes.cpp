// Nodes with new addresses, nodes out of service, standbys that take over.

#include <fmt/format.h>

#include "tests/citus/changes.hpp"
#include "tests/citus/mixed_writers.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

server_kind kind_with(bool cdc) { return cdc ? server_kind::citus_cdc : server_kind::citus; }

/// What has been committed at `node` is at its standby, too.
std::string synchronous_standby(citus_scenario& s, const std::string& node) {
  const auto standby = s.cluster().add_standby(node);
  auto admin = s.admin(node);
  admin.run("alter system set synchronous_standby_names = 'walreceiver'"); // '*' would mean weir's reader, too
  admin.run("select pg_reload_conf()");
  return standby;
}

void take_over(citus_scenario& s, const std::string& node, const std::string& standby) {
  const auto port = s.port(node);
  s.cluster().kill(node);
  s.cluster().promote(standby);
  auto coordinator = s.session(node == "coordinator" ? standby : "coordinator");
  coordinator.run(fmt::format("select citus_update_node(nodeid, {}) from pg_dist_node where nodeport = {}",
                              s.place(standby), port));
}

} // namespace

TEST_CASE("a node is known by another address from now on") {
  citus_scenario s("address", GENERATE(cdc_off_and_on()));
  s.sql(some_rows(1, 500));
  auto weir = s.start();
  mixed_writers writers(s.member_conninfos(), seed());
  s.sql(fmt::format("select citus_update_node(nodeid, '127.0.0.2', nodeport) from pg_dist_node where nodeport = {}",
                    s.port("w1")));
  std::this_thread::sleep_for(1s);
  writers.stop();
  some_changes(s, 5000);
  s.expect_views_equal_queries();
  CHECK_FALSE(s.logged("event=node_loading", s.log().find("event=first_cut"))); // the same node: nothing is read anew
}

TEST_CASE("a node is disabled and activated again") {
  citus_scenario s("disabled", GENERATE(cdc_off_and_on()));
  s.join("w3");
  auto weir = s.start();
  some_changes(s, 1);
  s.sql(fmt::format("select citus_disable_node({}, true)", s.place("w3")));
  some_changes(s, 1000);
  s.expect_views_equal_queries();
  s.sql(fmt::format("select citus_activate_node({})", s.place("w3")));
  s.move_shard(s.shard_on("w1"), "w1", "w3");
  some_changes(s, 2000);
  s.session("w3").run(some_rows(3000, 3100));
  s.expect_views_equal_queries();
}

TEST_CASE("a node leaves and returns as another") {
  citus_scenario s("returns", GENERATE(cdc_off_and_on()));
  s.join("w3");
  auto weir = s.start();
  const auto first = s.group("w3");
  s.move_shard(s.shard_on("w1"), "w1", "w3");
  some_changes(s, 1);
  s.leave("w3");
  some_changes(s, 1000);
  s.expect_views_equal_queries();
  s.join("w3");
  REQUIRE(s.group("w3") != first);
  s.move_shard(s.shard_on("w2"), "w2", "w3");
  some_changes(s, 2000);
  s.expect_views_equal_queries();
}

TEST_CASE("a worker's standby takes over, without the slot: its share is read anew") {
  const bool cdc = GENERATE(cdc_off_and_on());
  test_cluster own(2, kind_with(cdc));
  citus_scenario s("worker_failover", own);
  s.sql(some_rows(1, 2000));
  auto weir = s.start();
  const auto standby = synchronous_standby(s, "w1");
  mixed_writers writers({s.conninfo("coordinator"), s.conninfo("w2")}, seed());
  s.move_shard(s.shard_on("w1"), "w1", "w2"); // shares of two nodes that only together are right
  std::this_thread::sleep_for(1s);
  take_over(s, "w1", standby);
  std::this_thread::sleep_for(1s);
  writers.stop();
  some_changes(s, 5000, "orders");
  s.expect_views_become_queries(20s);
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("the coordinator's standby takes over") {
  const bool cdc = GENERATE(cdc_off_and_on());
  test_cluster own(2, kind_with(cdc));
  citus_scenario s("head_failover", own);
  s.sql(some_rows(1, 2000));
  std::string standby;
  {
    auto weir = s.start();
    standby = synchronous_standby(s, "coordinator");
    mixed_writers writers({s.conninfo("w1"), s.conninfo("w2")}, seed());
    std::this_thread::sleep_for(1s);
    take_over(s, "coordinator", standby);
    std::this_thread::sleep_for(1s);
    writers.stop();
  }
  s.use_coordinator(standby);
  auto weir = s.run();
  s.session("w1").run(some_rows(9000, 9100));
  s.expect_views_become_queries(20s);
}
