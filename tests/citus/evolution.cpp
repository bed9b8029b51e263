// Distributed views whose source gets columns of other types.

#include <csignal>

#include <fmt/format.h>

#include "tests/citus/changes.hpp"
#include "tests/citus/mixed_writers.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

const std::string orders = "create table orders (order_id bigint primary key, region varchar(8) not null, status text "
                           "not null, amount numeric(12,2) not null, note text); alter table orders replica identity "
                           "full; select create_distributed_table('orders', 'order_id', shard_count := 8)";

const kept_view by_both{
    "by_both", "public.orders",
    "select status, region, count(*) as orders, sum(amount) as revenue, avg(amount) as average from orders group by "
    "status, region",
    "distributed by (status)"};

} // namespace

TEST_CASE("a distributed view takes the types that its source has now") {
  const auto [change, loads] = GENERATE(table<std::string, bool>({
      {"alter column region type varchar(40)", false},
      {"alter column amount type numeric(14,2)", false},
      {"alter column amount type bigint", true},
      {"alter column amount type double precision", true},
      {"alter column region drop not null", true},
  }));
  INFO(change);
  citus_scenario s("evolves", false, orders);
  s.keep({by_both, by_status});
  auto weir = s.start();
  some_changes(s, 1);
  s.expect_views_equal_queries();
  const auto loaded = s.events("node_loaded");
  mixed_writers writers(s.member_conninfos(), seed());
  s.sql("alter table orders " + change);
  CHECK(eventually(30s, [&] { return s.events("schema_changed") >= 1; }));
  writers.stop();
  s.session("w1").run(
      "insert into orders values (90000, 'north', 'paid', 123456, ''), (90001, 'south', 'paid', 2, '')");
  s.expect_views_become_queries(60s);
  CHECK((s.events("node_loaded") > loaded) == loads);
  // the tables are what they would be if they had been made so
  for (const auto* node : {"w1", "w2"}) {
    const auto other = std::string(node) == "w1" ? "w2" : "w1";
    const auto shard = s.shard_on(node, "analytics.by_both");
    if (!shard.empty()) s.move_shard(shard, node, other);
  }
  some_changes(s, 20'000);
  s.expect_views_become_queries(30s);
  CHECK_FALSE(weir.exit_code().has_value());
  weir.signal(SIGTERM);
  CHECK(weir.wait(30s) == 0);
  auto again = s.run();
  some_changes(s, 40'000);
  s.expect_views_become_queries(30s);
}

TEST_CASE("the column that a view is distributed by cannot take another type: the pipeline says what to do") {
  const auto change =
      GENERATE(as<std::string>(), "alter column status type varchar(20)", "alter column status drop not null");
  INFO(change);
  citus_scenario s("placed", false, orders);
  s.keep({by_status});
  auto weir = s.start();
  some_changes(s, 1);
  s.expect_views_equal_queries();
  const auto before = s.coordinator().rows("select * from analytics.by_status order by 1");
  s.sql("alter table orders " + change);
  s.session("w2").run("insert into orders values (90000, 'north', 'paid', 5, '')");
  CHECK(weir.wait(60s) == 1);
  CHECK(s.logged("is distributed by it"));
  CHECK(s.logged("weir drop --views"));
  CHECK(s.coordinator().rows("select * from analytics.by_status order by 1") == before);
}
