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

const std::string orders = "create table orders (order_id bigint primary key, region varchar(8), status text not null, "
                           "amount numeric(12,2) not null, note text); alter table orders replica identity full; "
                           "select create_distributed_table('orders', 'order_id', shard_count := 8)";

const kept_view by_both{
    "by_both", "public.orders",
    "select status, region, count(*) as orders, sum(amount) as revenue, avg(amount) as average from orders group by "
    "status, region",
    "distributed by (status)"};

/// No key of it is ever null.
const kept_view by_order{"by_order", "public.orders",
                         "select order_id, status, count(*) as orders, sum(amount) as revenue from orders group by "
                         "order_id, status",
                         "distributed by (order_id)"};

struct change {
  const char* what;
  kept_view view;
  bool reads_again;
};

} // namespace

TEST_CASE("a distributed view takes the types that its source has now") {
  const auto made = GENERATE(values<change>({
      {"alter column region type varchar(40)", by_both, false},
      {"alter column amount type numeric(14,2)", by_both, false},
      {"alter column amount type bigint", by_both, true},
      {"alter column amount type double precision", by_order, true},
      {"alter column status drop not null", by_order, true},
  }));
  INFO(made.what);
  citus_scenario s("evolves", cdc_is_needed(), orders);
  s.keep({made.view});
  auto weir = s.start();
  some_changes(s, 1);
  s.expect_views_equal_queries();
  const auto loaded = s.events("node_loaded");
  mixed_writers writers(s.member_conninfos(), seed());
  s.sql(std::string("alter table orders ") + made.what);
  CHECK(eventually(30s, [&] { return s.events("schema_changed") >= 1; }));
  writers.stop();
  s.session("w1").run("insert into orders values (90000, 'north', 'paid', 123456, ''), (90001, null, 'paid', 2, '')");
  s.expect_views_become_queries(60s);
  CHECK((s.events("node_loaded") > loaded) == made.reads_again);
  // Their tables are such as if they had been made so: shards move, and the next start takes them.
  const auto table = "analytics." + made.view.name;
  s.move_shard(s.shard_on("w1", table), "w1", "w2");
  some_changes(s, 20'000);
  s.expect_views_become_queries(30s);
  CHECK_FALSE(weir.exit_code().has_value());
  weir.signal(SIGTERM);
  CHECK(weir.wait(30s) == 0);
  auto again = s.run();
  some_changes(s, 40'000);
  s.expect_views_become_queries(30s);
}

TEST_CASE("the column that a view is distributed by takes no other type: the pipeline says what to do") {
  citus_scenario s("placed", cdc_is_needed(), orders);
  s.keep({by_status});
  auto weir = s.start();
  some_changes(s, 1);
  s.expect_views_equal_queries();
  const auto before = s.coordinator().rows("select * from analytics.by_status order by 1");
  s.sql("alter table orders alter column status type varchar(20)");
  s.session("w2").run("insert into orders values (90000, 'north', 'paid', 5, '')");
  CHECK(weir.wait(60s) == 4); // the servers do not fit
  CHECK(s.logged("is distributed by it"));
  CHECK(s.logged("weir drop --views"));
  CHECK(s.coordinator().rows("select * from analytics.by_status order by 1") == before);
}
