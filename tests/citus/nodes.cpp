// Nodes with new addresses, nodes out of service.

#include <fmt/format.h>

#include "tests/citus/changes.hpp"
#include "tests/citus/mixed_writers.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

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
