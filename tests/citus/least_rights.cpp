// What setup prints is all that a role needs on Citus, and doctor agrees.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/citus/changes.hpp"
#include "tests/support/catch.hpp"
#include "tests/system/administration.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

TEST_CASE("a role with what setup gives it reads raw, while shards move") {
  if (cdc_is_needed()) return; // which is about logical capture, with other rights
  const bool cdc = GENERATE(cdc_off_and_on());
  const lean_role role("lean_citus", shared_citus(cdc));
  citus_scenario s("least", cdc);
  s.keep({kept_view{}, by_status});
  s.sql(some_rows(1, 300));
  role.take_over(s);
  {
    const auto before = s.program({"doctor", "FILE", "--json"});
    CHECK(before.exit_code == 4);
  }
  const auto printed = s.program({"setup", "--print-sql", "FILE", "--as", superuser(s)});
  INFO(printed.out << printed.err);
  REQUIRE(printed.exit_code == 0);
  for (int twice = 0; twice < 2; ++twice) administer(s, printed.out);
  role.let_in(s, s.members());
  for (const auto& node : s.members()) {
    CHECK(role.is_lean(s, node));
    // Citus itself connects from node to node as the role, to make schemas and functions there.
    s.admin(node).run("insert into pg_dist_authinfo values (0, 'lean_citus', 'password=lean_secret')");
  }

  const auto doctor = s.program({"doctor", "FILE"});
  INFO(doctor.out << doctor.err);
  CHECK(doctor.exit_code == 0);
  CHECK_THAT(doctor.out, WEIR_CONTAINS("capture raw"));
  auto weir = s.start();
  some_changes(s, 1000);
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  some_changes(s, 2000);
  s.expect_views_equal_queries();
  weir.signal(SIGTERM);
  REQUIRE(weir.wait(20s) == 0);
  const auto dropped = s.program({"drop", "FILE", "--views"});
  INFO(dropped.err);
  CHECK(dropped.exit_code == 0);
  for (const auto& node : s.members())
    CHECK(s.session(node).number("select (select count(*) from pg_publication where pubname like 'weir%') + (select "
                                 "count(*) from pg_replication_slots where slot_name like 'weir_least%')") == 0);
}

TEST_CASE("drop cleans a node that has left the cluster") {
  citus_scenario s("leaver", cdc_is_needed());
  s.sql(some_rows(1, 300));
  auto weir = s.start();
  s.join("w3");
  s.rebalance();
  some_changes(s, 1000);
  s.expect_views_equal_queries();
  weir.signal(SIGTERM);
  REQUIRE(weir.wait(20s) == 0);
  s.leave("w3"); // while nobody looks
  const auto dropped = s.program({"drop", "FILE"});
  INFO(dropped.out << dropped.err);
  CHECK(dropped.exit_code == 0);
  CHECK_THAT(dropped.out, WEIR_CONTAINS("read before: slot and publication dropped"));
  for (const auto& node : s.cluster().nodes())
    CHECK(s.session(node).number("select (select count(*) from pg_publication where pubname like 'weir%') + (select "
                                 "count(*) from pg_replication_slots where slot_name like 'weir_leaver%')") == 0);
}
