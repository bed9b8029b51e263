// Every kind of table that Citus knows, as a source.

#include <fmt/format.h>

#include "tests/citus/changes.hpp"
#include "tests/citus/mixed_writers.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// The same view over another table.
kept_view totals_of(const std::string& schema, const std::string& table = "orders") {
  const auto source = schema == "public" ? table : schema + "_" + table;
  return {.name = source + "_totals",
          .table = schema + "." + table,
          .select =
              fmt::format("select region, count(*) as orders, sum(amount) as revenue from {} group by region", source)};
}

} // namespace

TEST_CASE("a reference table is written through all nodes, and comes to a new one") {
  citus_scenario s("reference", GENERATE(cdc_off_and_on()));
  s.sql(
      "create table regions (id int primary key, name text, visits bigint); alter table regions replica identity full;"
      "select create_reference_table('regions');"
      "insert into regions select i, 'region ' || i, 0 from generate_series(1, 8) i");
  s.keep({kept_view{},
          {.name = "visits",
           .table = "public.regions",
           .select = "select name, sum(visits) as visits, count(*) as rows from regions group by name"}});
  auto weir = s.start();
  mixed_writers writers(s.member_conninfos(), seed(), {.reference = true});
  s.join("w3");
  s.sql("select replicate_reference_tables('force_logical')");
  writers.add(s.conninfo("w3"));
  s.move_shard(s.shard_on("w1"), "w1", "w3");
  s.session("w3").run("update regions set visits = visits + 1000 where id = 3");
  writers.stop();
  s.expect_views_equal_queries();
  s.session("w1").run("begin; delete from regions where id = 4; insert into regions values (9, 'nine', 1); commit");
  s.session("w2").run("begin; truncate regions; insert into regions values (1, 'again', 5); commit");
  s.expect_views_equal_queries();
}

TEST_CASE("schemas of tenants: moved, truncated") {
  citus_scenario s("tenants", GENERATE(cdc_off_and_on()),
                   "set citus.enable_schema_based_sharding = on; "
                   "create schema tenant1; create schema tenant2;" +
                       orders_table("tenant1.orders") + orders_table("tenant2.orders"));
  s.sql(some_rows(1, 300, "tenant1.orders"));
  s.keep({totals_of("tenant1"), totals_of("tenant2")});
  auto weir = s.start();
  for (const auto* tenant : {"tenant1.orders", "tenant2.orders"}) some_changes(s, 1000, tenant);
  s.expect_views_equal_queries();
  for (const auto* tenant : {"tenant1", "tenant2"}) {
    const auto table = fmt::format("{}.orders", tenant);
    const auto to = s.shard_on("w1", table).empty() ? "w1" : "w2";
    s.sql(fmt::format("select citus_schema_move('{}', {}, 'force_logical')", tenant, s.place(to)));
    some_changes(s, 2000, table);
  }
  s.expect_views_equal_queries();
  s.sql("truncate tenant1.orders");
  some_changes(s, 3000, "tenant1.orders");
  s.session("w2").run("truncate tenant2.orders");
  s.expect_views_equal_queries();
}

TEST_CASE("a partitioned and distributed table, whose partitions come and go") {
  citus_scenario s("partitions", GENERATE(cdc_off_and_on()),
                   "create table orders (order_id bigint, day date, region text, status text not null, amount "
                   "numeric(12,2) not null) partition by range (day); alter table orders replica identity full;"
                   "create table orders_1 partition of orders for values from ('2026-01-01') to ('2026-02-01');"
                   "create table orders_2 partition of orders for values from ('2026-02-01') to ('2026-03-01');"
                   "alter table orders_1 replica identity full; alter table orders_2 replica identity full;"
                   "select create_distributed_table('orders', 'order_id', shard_count := 4);"
                   "alter table orders replica identity full"); // again: Citus carried it to the partitions alone
  const auto rows = [](int from, int to, const std::string& day) {
    return fmt::format("insert into orders select i, '{}', 'r' || i % 5, 'paid', i from generate_series({}, {}) i", day,
                       from, to);
  };
  s.sql(rows(1, 100, "2026-01-05"));
  auto weir = s.start();
  s.sql(rows(101, 200, "2026-02-05"));
  s.sql("update orders set day = '2026-02-07' where order_id <= 20"); // from one partition to the other
  s.expect_views_equal_queries();
  // A partition and its first rows, in one transaction.
  s.sql("begin; create table orders_3 partition of orders for values from ('2026-03-01') to ('2026-04-01');"
        "alter table orders_3 replica identity full;" +
        rows(201, 300, "2026-03-05") + "; commit");
  s.session("w1").run(rows(301, 400, "2026-03-06"));
  s.expect_views_equal_queries();
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  s.sql("create table orders_4 partition of orders for values from ('2026-04-01') to ('2026-05-01');"
        "alter table orders_4 replica identity full");
  s.session("w2").run(rows(401, 500, "2026-04-06"));
  s.session("w1").run("update orders set amount = amount + 1; delete from orders where day < '2026-01-10'");
  s.expect_views_equal_queries();
  s.sql("truncate orders");
  s.sql(rows(1, 10, "2026-01-05"));
  s.expect_views_equal_queries();
}

TEST_CASE("a partitioned table whose root lost its REPLICA IDENTITY FULL, which its partitions have") {
  const bool keyed = GENERATE(false, true);
  citus_scenario s("roots", GENERATE(cdc_off_and_on()),
                   fmt::format("create table orders (order_id bigint, day date, region text, status text, amount "
                               "numeric(12,2){}) partition by range (day); alter table orders replica identity full;"
                               "create table orders_1 partition of orders for values from ('2026-01-01') to "
                               "('2026-02-01');create table orders_2 partition of orders for values from "
                               "('2026-02-01') to ('2026-03-01');"
                               "alter table orders_1 replica identity full; alter table orders_2 replica identity full;"
                               "select create_distributed_table('orders', 'order_id', shard_count := 4)",
                               keyed ? ", primary key (order_id, day)" : ""));
  const auto rows = [](int from, int to, const std::string& day) {
    return fmt::format("insert into orders select i, '{}', 'r' || i % 5, 'paid', i from generate_series({}, {}) i", day,
                       from, to);
  };
  s.sql(rows(1, 200, "2026-01-05"));
  auto weir = s.start();
  int next = 1000;
  const auto change_all = [&](const std::string& day) {
    for (const auto* node : {"coordinator", "w1", "w2"}) {
      auto session = s.session(node);
      session.run(rows(next, next + 99, day));
      session.run("update orders set amount = amount + 1, region = 'from ' || region where order_id % 3 = 0");
      session.run(fmt::format("delete from orders where order_id between {} and {}", next + 10, next + 30));
      session.run(fmt::format("update orders set amount = null where order_id = {}", next + 40));
      session.run(fmt::format("delete from orders where order_id between {} and {}", next + 39, next + 41));
      next += 100;
    }
  };
  change_all("2026-01-06");
  s.expect_views_equal_queries();
  for (const auto* mode : {"force_logical", "block_writes"}) {
    s.move_shard(s.shard_on("w1"), "w1", "w2", mode);
    s.move_shard(s.shard_on("w2"), "w2", "w1", mode);
    change_all("2026-02-06");
    s.expect_views_equal_queries();
  }
  auto on_worker = s.session("w1");
  on_worker.run("set citus.override_table_visibility = off");
  CHECK(on_worker.number("select count(*) from pg_class where relkind = 'p' and relreplident <> 'f' and relname ~ "
                         "'^orders_[0-9]{6}$'") > 0);
  s.sql("begin; create table orders_3 partition of orders for values from ('2026-03-01') to ('2026-04-01');"
        "alter table orders_3 replica identity full; commit");
  change_all("2026-03-06");
  s.expect_views_equal_queries();
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  change_all("2026-03-07");
  s.expect_views_equal_queries();
  // Nothing but a key: with a primary key that may be all the old row has.
  s.session("w2").run("insert into orders values (5, '2026-03-09', null, null, null)");
  s.session("w1").run("delete from orders where region is null");
  s.expect_views_become_queries(60s);
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("distributed, reference, local and tenants' tables of several schemas in one pipeline") {
  citus_scenario s("mixture", GENERATE(cdc_off_and_on()));
  s.sql("create schema sales; create schema stock;" + orders_table("sales.orders") + orders_table("stock.orders") +
        orders_table("sales.local") + orders_table("stock.known") + orders_table("sales.reference") +
        "select create_distributed_table('sales.orders', 'order_id', shard_count := 4);"
        "select create_distributed_table('stock.orders', 'order_id', shard_count := 4);"
        "select citus_add_local_table_to_metadata('stock.known'); select create_reference_table('sales.reference');"
        "set citus.enable_schema_based_sharding = on; create schema tenant;" +
        orders_table("tenant.orders"));
  s.keep({kept_view{}, totals_of("sales"), totals_of("stock"), totals_of("sales", "local"), totals_of("stock", "known"),
          totals_of("sales", "reference"), totals_of("tenant")});
  s.sql(some_rows(1, 100, "sales.local") + ";" + some_rows(1, 100, "stock.known"));
  auto weir = s.start();
  for (const auto* table :
       {"orders", "sales.orders", "stock.orders", "stock.known", "sales.reference", "tenant.orders"})
    some_changes(s, 1000, table);
  s.sql(some_rows(200, 300, "sales.local"));
  s.move_shard(s.shard_on("w1", "sales.orders"), "w1", "w2");
  for (const auto* table : {"sales.orders", "stock.orders", "tenant.orders"}) some_changes(s, 2000, table);
  s.expect_views_equal_queries();
  s.sql("truncate sales.orders; truncate sales.reference; truncate stock.known; truncate sales.local");
  s.expect_views_equal_queries();
}

TEST_CASE("hundreds of distributed tables are read by one slot a node") {
  constexpr int tables = 150;
  citus_scenario s("hundreds", cdc_is_needed(), "select 1");
  std::vector<kept_view> views;
  std::string setup = "set citus.shard_count = 2;";
  for (int i = 0; i < tables; ++i) {
    const auto table = fmt::format("t{}", i);
    setup += fmt::format("create table {0} (id int primary key, amount int); "
                         "select create_distributed_table('{0}', 'id');",
                         table);
    views.push_back({.name = "v" + table,
                     .table = "public." + table,
                     .select = fmt::format("select count(*) as rows, sum(id) as ids from {}", table)});
  }
  s.sql(setup);
  s.keep(views);
  const auto insert = [&](const std::string& node, int from) {
    std::string rows;
    for (int i = 0; i < tables; ++i)
      rows += fmt::format("insert into t{} select i, i from generate_series({}, {}) i;", i, from, from + i % 7);
    s.session(node).run(rows);
  };
  insert("coordinator", 1);
  auto weir = s.start();
  insert("w1", 100);
  s.session("w2").run("delete from t3; update t4 set amount = 1; truncate t5");
  s.expect_views_equal_queries();
  for (const auto& node : s.members())
    CHECK(s.session(node).number("select count(*) from pg_replication_slots where database = current_database()") == 1);
}

TEST_CASE("columnar and append-distributed tables are refused by name") {
  citus_scenario s("refused", GENERATE(cdc_off_and_on()),
                   "create extension citus_columnar; create table archive (id int, region text) using columnar;"
                   "select create_distributed_table('archive', 'id', shard_count := 4);"
                   "create table log (id int, region text); alter table log replica identity full;"
                   "select create_distributed_table('log', 'id', 'append')");
  for (const auto* table : {"archive", "log"}) {
    s.keep({{.table = fmt::format("public.{}", table),
             .select = fmt::format("select region, count(*) as n from {} group by region", table)}});
    const auto run = s.program({"run", "FILE"});
    INFO(run.err);
    CHECK(run.exit_code != 0);
    CHECK_THAT(run.err, WEIR_CONTAINS(table) && WEIR_CONTAINS(std::string(table) == "archive" ? "columnar" : "append"));
  }
}

TEST_CASE("a transaction that its client prepares counts when it commits") {
  citus_scenario s("prepared", GENERATE(cdc_off_and_on()),
                   distributed_orders + "create schema here;" + orders_table("here.orders"));
  s.keep({kept_view{}, totals_of("here")});
  auto weir = s.start();
  const auto prepare = [&](int id) {
    s.sql(fmt::format("begin; {}; prepare transaction 'mine_{}'", some_rows(id, id + 9, "here.orders"), id));
  };
  prepare(100);
  prepare(200);
  s.sql(some_rows(1, 100));
  s.expect_views_equal_queries();
  s.sql("commit prepared 'mine_100'");
  s.expect_views_equal_queries();
  s.sql("rollback prepared 'mine_200'");
  s.sql(some_rows(1, 10, "here.orders"));
  s.expect_views_equal_queries();
  CHECK(s.coordinator().number("select sum(orders) from analytics.here_orders_totals") == 20);
}
