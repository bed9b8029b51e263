// Shards that move, are split and come to new nodes, while clients write through all nodes.

#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "runtime/base/random.hpp"
#include "tests/citus/changes.hpp"
#include "tests/citus/mixed_writers.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// A move that Citus may refuse, where what the last one left behind is still in use, or that a kill may cut off: then
/// Citus undoes it.
bool try_move(const citus_scenario& s, const std::string& from, const std::string& to) {
  try {
    s.move_shard(s.shard_on(from), from, to);
    return true;
  } catch (const sql_error&) {
    return false;
  }
}

std::string vacuum_of_catalogs() { return "vacuum pg_catalog.pg_dist_shard, pg_catalog.pg_dist_placement"; }

} // namespace

TEST_CASE("shards move to and fro under writers through all nodes") {
  citus_scenario s("moves", GENERATE(cdc_off_and_on()));
  s.sql(some_rows(1, 2000));
  auto weir = s.start();
  mixed_writers writers(s.member_conninfos(), seed());
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  s.move_shard(s.shard_on("w1"), "w1", "w2", "block_writes");
  writers.pause();
  s.expect_views_equal_queries();
  writers.resume();
  const auto there_and_back = s.shard_on("w2");
  s.move_shard(there_and_back, "w2", "w1");
  s.move_shard(there_and_back, "w1", "w2");
  s.move_shard(there_and_back, "w2", "w1", "block_writes");
  writers.stop();
  CHECK(writers.committed() > 100);
  s.expect_views_equal_queries();
  CHECK_FALSE(s.logged("event=node_loading", s.log().find("event=first_cut"))); // nothing was read anew
}

TEST_CASE("a node joins, shards come to it, it is drained and leaves: under writers, it among them") {
  citus_scenario s("joins", GENERATE(cdc_off_and_on()));
  s.sql(some_rows(1, 2000));
  auto weir = s.start();
  mixed_writers writers(s.member_conninfos(), seed());
  s.join("w3");
  const auto group = s.group("w3");
  writers.add(s.conninfo("w3"));
  s.rebalance();
  REQUIRE(s.shard_on("w3") != "");
  writers.pause();
  s.expect_views_equal_queries();
  writers.stop(); // a client of a node that leaves could write no longer
  mixed_writers others({s.conninfo("coordinator"), s.conninfo("w1"), s.conninfo("w2")}, seed() + 100);
  s.leave("w3");
  others.stop();
  some_changes(s, 5000);
  s.expect_views_equal_queries();
  // Nothing is left there that would keep WAL for ever.
  CHECK(eventually(60s, [&] {
    return s.session("w3").number(fmt::format("select count(*) from pg_replication_slots where slot_name = '{}'",
                                              s.slot(fmt::format("g{}", group)))) == 0;
  }));
}

TEST_CASE("a tenant is isolated under writers") {
  citus_scenario s("tenant", GENERATE(cdc_off_and_on()));
  s.sql(some_rows(1, 2000));
  auto weir = s.start();
  {
    mixed_writers writers(s.member_conninfos(), seed(), {.insert_only = true});
    s.sql("select isolate_tenant_to_new_shard('orders', 17, 'CASCADE', 'force_logical')");
    writers.stop();
  }
  mixed_writers writers(s.member_conninfos(), seed());
  s.sql("select isolate_tenant_to_new_shard('orders', 18, 'CASCADE', 'block_writes')");
  s.sql("update orders set amount = amount + 1000 where order_id in (17, 18)");
  writers.stop();
  s.expect_views_equal_queries();
}

TEST_CASE("shards are split over all nodes, and what they were split into again, under writers through all nodes") {
  citus_scenario s("splits", GENERATE(cdc_off_and_on()));
  s.sql(some_rows(1, 2000));
  auto weir = s.start();
  mixed_writers writers(s.member_conninfos(), seed(), {.clients_per_node = 2});
  for (int i = 0; i < 2; ++i) {
    s.split_shard(s.shard_on("w1"), "w2", "w2");
    s.split_shard(s.shard_on("w2"), "w1", "w1");
    s.split_shard(s.shard_on("w1"), "w1", "w2", "block_writes");
  }
  writers.pause();
  s.expect_views_equal_queries();
  writers.resume();
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  writers.stop();
  s.expect_views_equal_queries();
}

TEST_CASE("weir is killed in the middle of moves and splits") {
  citus_scenario s("killed", GENERATE(cdc_off_and_on()));
  s.sql(some_rows(1, 2000));
  seeded_random dice(seed());
  mixed_writers writers(s.member_conninfos(), seed());
  { auto first = s.start(); }
  std::atomic<bool> done = false;
  std::jthread mover([&] {
    for (int i = 0; !done; ++i)
      if (i % 3 < 2)
        (void)try_move(s, i % 2 == 0 ? "w1" : "w2", i % 2 == 0 ? "w2" : "w1");
      else if (i < 9)
        s.split_shard(s.shard_on("w1"), "w2", "w2");
  });
  for (int i = 0; i < 6; ++i) {
    auto weir = s.run();
    std::this_thread::sleep_for(std::chrono::milliseconds(300 + dice.below(2000)));
    CHECK_FALSE(weir.exit_code().has_value()); // it was alive when killed
    weir.kill();
  }
  auto weir = s.run();
  done = true;
  mover.join();
  writers.stop();
  s.expect_views_equal_queries();
}

TEST_CASE("a worker's server is killed in the middle of a move") {
  citus_scenario s("cut_off", GENERATE(cdc_off_and_on()));
  s.sql(some_rows(1, 20'000));
  auto weir = s.start();
  seeded_random dice(seed());
  mixed_writers writers(s.member_conninfos(), seed());
  for (const auto* victim : {"w1", "w2"}) {
    std::jthread mover([&] { (void)try_move(s, "w1", "w2"); });
    std::this_thread::sleep_for(std::chrono::milliseconds(dice.below(1500)));
    s.cluster().kill(victim);
    mover.join();
    s.cluster().start(victim);
    REQUIRE(eventually(60s, [&] { return try_move(s, "w2", "w1"); })); // what was left over is cleaned up in time
  }
  writers.stop();
  s.expect_views_equal_queries();
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("far behind: splits, moves and truncates passed, and their catalogs were vacuumed") {
  citus_scenario s("behind", GENERATE(cdc_off_and_on()));
  s.sql(some_rows(1, 1000));
  {
    auto weir = s.start();
    s.expect_views_equal_queries();
  }
  some_changes(s, 10'000);
  s.split_shard(s.shard_on("w1"), "w1", "w2");
  some_changes(s, 11'000);
  s.move_shard(s.shard_on("w2"), "w2", "w1");
  s.sql("begin; delete from orders where order_id < 500; truncate orders; " + some_rows(1, 300) + "; commit");
  some_changes(s, 12'000);
  s.sql("call citus_cleanup_orphaned_resources()");
  for (const auto& node : s.members()) s.session(node).run(vacuum_of_catalogs());
  auto weir = s.run();
  s.expect_views_equal_queries();
}

TEST_CASE("no reader sees a part of a distributed transaction while shards move") {
  citus_scenario s("transfers", GENERATE(cdc_off_and_on()));
  s.keep({{.select = "select count(*) as rows, sum(amount) as total from orders"}});
  auto weir = s.start();
  std::atomic<bool> done = false;
  std::atomic<int> moved = 0;
  std::vector<std::jthread> clients;
  int number = 0;
  for (const auto& conninfo : s.member_conninfos())
    clients.emplace_back([&, conninfo, first = ++number * 1'000'000] { // what one row gains another loses
      sql_session session(conninfo);
      for (int i = first; !done; i += 2) {
        try {
          session.run(fmt::format("begin; insert into orders values ({}, 'a', 'paid', {}); "
                                  "insert into orders values ({}, 'b', 'paid', -{}); {}",
                                  i, i % 97 + 1, i + 1, i % 97 + 1, i % 5 == 0 ? "rollback" : "commit"));
          ++moved;
        } catch (const sql_error&) { // the shard moves
          session.run("rollback");
        }
      }
    });
  std::vector<std::string> halves;
  std::jthread watcher([&] {
    auto reader = s.coordinator();
    while (!done) {
      const auto row = reader.rows("select rows, total from analytics.totals").at(0);
      if (row[1].value_or("0.00") != "0.00" || std::stoll(row[0].value_or("0")) % 2 != 0)
        halves.push_back(row[0].value_or("") + " rows, total " + row[1].value_or(""));
    }
  });
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  s.split_shard(s.shard_on("w2"), "w1", "w2");
  s.move_shard(s.shard_on("w2"), "w2", "w1", "block_writes");
  done = true;
  clients.clear();
  watcher.join();
  CHECK(halves == std::vector<std::string>{});
  CHECK(moved > 100);
  s.expect_views_equal_queries();
}
