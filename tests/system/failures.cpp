// Servers, connections and slots that go away under a running pipeline.

#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"
#include "tests/system/random_writers.hpp"
#include "tests/system/scenario.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

std::string events_of(const scenario& s, const std::string& name, const std::string& node) {
  return fmt::format("(select count(*) from weir.events where pipeline = '{}' and name = '{}' and node = '{}')",
                     s.name(), name, node);
}

} // namespace

TEST_CASE("a worker's server is killed: the others flow on, one warning is raised, and it catches up") {
  scenario s("worker_down");
  auto weir = s.run();
  s.await_first_cut();
  auto listener = s.session("coordinator");
  listener.run("listen weir");
  random_writers writers(s.worker_conninfos(), seed());
  s.cluster().kill("w1");

  REQUIRE(s.target_says(events_of(s, "worker_failing", "w1") + " = 1"));
  s.session("w2").run("insert into orders values (1, 'only w2', 'paid', 1)");
  CHECK(s.target_says(fmt::format("exists (select from {} where region = 'only w2')", totals)));
  CHECK(s.target_says(
      "(select state in ('retrying', 'isolated', 'failed') and failures >= 3 and last_error <> '' from weir.nodes "
      "where node = 'w1')"));
  // The failures go on, the warning does not.
  REQUIRE(s.target_says("(select failures >= 6 from weir.nodes where node = 'w1')"));
  CHECK(s.target_says(events_of(s, "worker_failing", "w1") + " = 1"));
  CHECK(s.target_says(events_of(s, "worker_failing", "w2") + " = 0"));
  CHECK(s.logged("warning event=worker_failing"));
  bool notified = false;
  while (const auto n = listener.notification(1s))
    notified = notified || n->find("worker_failing") != std::string::npos;
  CHECK(notified);

  s.cluster().start("w1");
  CHECK(s.target_says(events_of(s, "worker_recovered", "w1") + " = 1", 60s));
  writers.stop();
  s.expect_view_equals_query();
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("a terminated walsender is no more than an interruption") {
  scenario s("walsender");
  auto weir = s.run();
  s.await_first_cut();
  random_writers writers(s.worker_conninfos(), seed());
  for (int i = 0; i < 3; ++i) {
    REQUIRE(eventually(30s, [&] {
      return s.admin("w1").value(fmt::format("select pg_terminate_backend(active_pid) from pg_replication_slots "
                                             "where slot_name = '{}' and active",
                                             s.slot("w1"))) == "t";
    }));
    std::this_thread::sleep_for(300ms);
  }
  writers.stop();
  s.expect_view_equals_query();
  CHECK(s.logged("event=worker_failed"));
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("the target is down for ten seconds") {
  scenario s("target_down");
  auto weir = s.run();
  s.await_first_cut();
  random_writers writers(s.worker_conninfos(), seed());
  s.cluster().kill("coordinator");
  std::this_thread::sleep_for(10s);
  CHECK_FALSE(weir.exit_code().has_value());
  s.cluster().start("coordinator");
  writers.stop();
  s.expect_view_equals_query();
}

namespace {

/// Ends the node's reader and drops its slot before it is taken again.
bool drop_slot(scenario& s, const std::string& node) {
  return eventually(30s, [&] {
    try {
      auto admin = s.admin(node);
      admin.run(fmt::format(
          "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '{}' and active",
          s.slot(node)));
      admin.run(fmt::format("select pg_drop_replication_slot('{}')", s.slot(node)));
      return true;
    } catch (const sql_error&) {
      return false; // taken again already, or not yet let go
    }
  });
}

} // namespace

TEST_CASE("a node whose slot was dropped under a running pipeline is read anew") {
  scenario s("slot_read_anew");
  s.session("w1").run("insert into orders select g, 'north', 'paid', g from generate_series(1, 100) g");
  s.session("w2").run("insert into orders select g, 'south', 'paid', g from generate_series(1, 100) g");
  auto weir = s.run();
  s.await_first_cut();
  REQUIRE(drop_slot(s, "w2"));
  s.session("w2").run("delete from orders where order_id <= 50");
  s.session("w1").run("insert into orders values (1000, 'south', 'paid', 7)");
  s.expect_view_equals_query();
  CHECK(s.target_says(events_of(s, "slot_lost", "w2") + " = 1"));
  CHECK(s.target_says(events_of(s, "reading_anew", "w2") + " = 1"));
  CHECK(s.target_says(events_of(s, "reading_anew", "w1") + " = 0"));
}

TEST_CASE("with 'on slot lost stop' a dropped slot is fatal, and the message says what to do") {
  scenario s("slot_dropped");
  pipeline_options options;
  options.supervise += " on slot lost stop;";
  s.define(options);
  auto weir = s.run();
  s.await_first_cut();
  REQUIRE(drop_slot(s, "w2"));
  CHECK(weir.wait(30s) == 1);
  const auto log = s.log();
  CHECK_THAT(log, WEIR_CONTAINS("event=slot_lost") && WEIR_CONTAINS("event=fatal"));
  CHECK_THAT(log, WEIR_CONTAINS(s.slot("w2")) && WEIR_CONTAINS("w2") && WEIR_CONTAINS("weir drop"));
  CHECK(s.target_says(events_of(s, "slot_lost", "w2") + " = 1"));
}

TEST_CASE("a transaction that was open before delays the first load, and counts") {
  scenario s("blocker");
  auto blocker = s.session("w1");
  blocker.run("begin; insert into orders values (1, 'late', 'paid', 1)");
  auto weir = s.run();
  REQUIRE(eventually(30s, [&] { return s.logged("node=w2 slot="); })); // the other node is loaded meanwhile
  s.session("w2").run("insert into orders values (1, 'other', 'paid', 1)");
  CHECK_FALSE(s.target_says("exists (select from " + totals + ")", 1s)); // half a view is none
  blocker.run("commit");
  s.expect_view_equals_query();
  CHECK(s.session("coordinator").value("select orders from " + totals + " where region = 'late'") == "1");
}
