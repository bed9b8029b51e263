// The view equals its query, whatever the writers did and however often the runtime died meanwhile.

#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"
#include "tests/system/random_writers.hpp"
#include "tests/system/scenario.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

TEST_CASE("the view follows inserts, updates, deletes, rollbacks and truncates of several clients") {
  scenario s("equality");
  random_writers writers(s.worker_conninfos(), seed(), {.prepare = true});
  auto weir = s.run(); // the first load runs under the writers
  REQUIRE(eventually(60s, [&] { return writers.committed() > 4'000; }));
  writers.stop();
  s.expect_view_equals_query();
  CHECK(s.session("coordinator").number("select count(*) from " + totals) > 0);
}

TEST_CASE("no reader ever sees a part of a transaction") {
  scenario s("atomicity");
  auto weir = s.run();
  std::atomic<bool> done = false;
  std::vector<std::jthread> transfers;
  for (const auto& w : s.workers())
    transfers.emplace_back([&, w] { // what one group gains another loses: the sum over all groups stays 0
      auto session = s.session(w);
      for (int i = 0; i < 1500; ++i)
        session.run(fmt::format("begin; insert into orders values ({0}, 'a', 'paid', {1}); "
                                "insert into orders values ({2}, 'b', 'paid', -{1}); commit",
                                2 * i, i % 97 + 1, 2 * i + 1));
      done = true;
    });
  auto reader = s.session("coordinator");
  REQUIRE(s.target_says("to_regclass('analytics.totals') is not null"));
  int looks = 0;
  while (!done || looks < 100) {
    REQUIRE(reader.value("select coalesce(sum(revenue), 0) = 0 and sum(orders) % 2 is distinct from 1 from " +
                         totals) == "t");
    ++looks;
  }
  transfers.clear();
  s.expect_view_equals_query();
}

TEST_CASE("killed at 50 random moments, the runtime counts nothing twice and misses nothing") {
  scenario s("kills");
  seeded_random dice(seed());
  random_writers writers(s.worker_conninfos(), seed(), {.prepare = true});
  for (int i = 0; i < 50; ++i) {
    auto weir = s.run();
    // From before its first query to well into streaming; every tenth run gets to a cut for sure.
    if (i % 10 == 9) CHECK(s.target_says(fmt::format("(select count(*) > 0 from {})", totals)));
    std::this_thread::sleep_for(std::chrono::milliseconds(dice.below(1200)));
    CHECK_FALSE(weir.exit_code().has_value()); // it was alive when killed
    weir.kill();
  }
  auto weir = s.run();
  writers.stop();
  s.expect_view_equals_query();
  for (const auto& row : s.session("coordinator").rows("select region, count(*) from " + totals + " group by 1"))
    CHECK(row[1] == "1");
}

TEST_CASE("a first load is never half visible, and starts over when it was killed") {
  scenario s("load");
  for (const auto& w : s.workers())
    s.session(w).run(
        "insert into orders select i, 'r' || i % 1000, 'paid', i % 100, 'n' from generate_series(1, 200000) i");
  s.define(pipeline_options{});
  seeded_random dice(seed());
  for (int i = 0; i < 4; ++i) {
    auto weir = s.run();
    std::this_thread::sleep_for(std::chrono::milliseconds(dice.below(700)));
    weir.kill();
  }
  writing_options grow_only{.truncate = false};
  random_writers writers(s.worker_conninfos(), seed(), grow_only);
  auto weir = s.run();
  const std::string whole = fmt::format("(select coalesce(sum(orders) >= 399000, true) from {})", totals);
  REQUIRE(s.target_says("to_regclass('analytics.totals') is not null"));
  auto reader = s.session("coordinator");
  // The writers delete a few of their own rows only: as soon as there is anything, all that was loaded is there.
  REQUIRE(eventually(60s, [&] {
    REQUIRE(reader.value("select " + whole) == "t");
    return reader.number("select count(*) from " + totals) > 0;
  }));
  writers.stop();
  s.expect_view_equals_query();
}

TEST_CASE("a prepared transaction counts when it commits, on whichever side of a kill that is") {
  scenario s("prepared");
  auto w1 = s.session("w1"), w2 = s.session("w2");
  const auto prepare = [](sql_session& w, int id, const std::string& gid) {
    w.run(
        fmt::format("begin; insert into orders values ({}, 'prepared', 'paid', 1); prepare transaction '{}'", id, gid));
  };
  const auto rows = [&] {
    return s.session("coordinator").number(fmt::format("select coalesce(sum(orders), 0) from {}", totals));
  };
  {
    auto weir = s.run();
    s.await_first_cut();
    prepare(w1, 1, "commits before the kill");
    prepare(w1, 2, "commits while down");
    prepare(w1, 3, "rolls back while down");
    prepare(w2, 4, "commits after the restart");
    prepare(w2, 5, "rolls back after the restart");
    for (int i = 10; i < 20; ++i) w1.run(fmt::format("insert into orders values ({}, 'plain', 'paid', 1)", i));
    s.catch_up();
    CHECK(rows() == 10);
    w1.run("commit prepared 'commits before the kill'");
    s.catch_up();
    CHECK(rows() == 11);
    weir.kill();
  }
  w1.run("commit prepared 'commits while down'");
  w1.run("rollback prepared 'rolls back while down'");
  {
    auto weir = s.run();
    s.catch_up();
    CHECK(rows() == 12);
    weir.kill();
  }
  auto weir = s.run();
  w2.run("commit prepared 'commits after the restart'");
  w2.run("rollback prepared 'rolls back after the restart'");
  s.expect_view_equals_query();
  CHECK(rows() == 13);
}

TEST_CASE("a transaction of five million rows passes under 512 MiB") {
  scenario s("large");
  auto weir = s.run();
  s.catch_up();
  s.session("w1").run(
      "insert into orders select i, 'r' || i % 1000, case when i % 3 = 0 then 'open' else 'paid' end, i % 100, 'note' "
      "from generate_series(1, 5000000) i");
  s.session("w2").run("insert into orders values (1, 'r1', 'paid', 5)");
  REQUIRE(s.target_says(fmt::format("(select sum(orders) > 3000000 from {})", totals), 300s));
  s.catch_up();
  CHECK(weir.peak_memory_kib() > 0);
  CHECK(weir.peak_memory_kib() < 512 * 1024);
  s.expect_view_equals_query();
}
