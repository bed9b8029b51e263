// What makes Citus' translation lose or double changes, with logical capture: noticed, and put right.

#include <fmt/format.h>

#include <string>

#include "tests/citus/changes.hpp"
#include "tests/citus/mixed_writers.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// A cluster with citus.enable_change_data_capture on, read by logical capture whatever WEIR_CAPTURE says.
struct logical_scenario : citus_scenario {
  explicit logical_scenario(const std::string& name, const std::string& setup = distributed_orders)
      : citus_scenario(name, true, setup) {
    capture("logical");
  }
  bool logs(const std::string& text) const {
    return weir::test::eventually(30s, [&] { return logged(text); });
  }
  /// Was something read again since the first cut?
  bool has_read_anew() const { return logged("event=node_loading", log().find("event=first_cut")); }
};

/// A setting of a server, until this goes.
class changed_setting {
public:
  changed_setting(const citus_scenario& s, std::string node, std::string name, const std::string& value)
      : scenario_(s), node_(std::move(node)), name_(std::move(name)) {
    auto admin = scenario_.admin(node_);
    admin.run(fmt::format("alter system set {} = {}", name_, value));
    admin.run("select pg_reload_conf()");
  }
  ~changed_setting() {
    auto admin = scenario_.admin(node_);
    admin.run("alter system reset " + name_);
    admin.run("select pg_reload_conf()");
  }

private:
  const citus_scenario& scenario_;
  std::string node_, name_;
};

} // namespace

TEST_CASE("logical: shards move, and nothing is read anew") {
  logical_scenario s("l_moves");
  s.sql(some_rows(1, 500));
  auto weir = s.start();
  mixed_writers writers(s.member_conninfos(), seed());
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  s.move_shard(s.shard_on("w2"), "w2", "w1", "block_writes");
  writers.stop();
  s.expect_views_equal_queries();
  CHECK_FALSE(s.has_read_anew());
}

TEST_CASE("logical: shards that are new, met by the decoder before their names are") {
  SECTION("distributed and filled in one transaction") {
    logical_scenario s("l_same", orders_table() + some_rows(1, 50));
    auto weir = s.start();
    s.sql("begin; select create_distributed_table('orders', 'order_id', shard_count := 4); " + some_rows(100, 200) +
          "; commit");
    some_changes(s, 1000);
    s.expect_views_become_queries(20s);
    CHECK(s.has_read_anew());
  }
  SECTION("split under writers through workers") {
    logical_scenario s("l_splits");
    s.sql(some_rows(1, 1000));
    auto weir = s.start();
    mixed_writers writers(s.member_conninfos(), seed(), {.clients_per_node = 2});
    for (int i = 0; i < 2; ++i) {
      s.split_shard(s.shard_on("w1"), "w2", "w2");
      s.split_shard(s.shard_on("w2"), "w1", "w1");
    }
    writers.stop();
    some_changes(s, 100'000);
    s.expect_views_equal_queries();
    CHECK(s.has_read_anew());
  }
  SECTION("altered to another number of shards") {
    logical_scenario s("l_alter");
    auto weir = s.start();
    some_changes(s, 1);
    s.sql("select alter_distributed_table('orders', shard_count := 5)");
    some_changes(s, 1000);
    s.expect_views_equal_queries();
    CHECK(s.has_read_anew());
  }
  SECTION("far behind, with the names of old shards vacuumed away") {
    logical_scenario s("l_behind");
    {
      auto weir = s.start();
      some_changes(s, 1);
      s.expect_views_equal_queries();
    }
    some_changes(s, 1000);
    s.split_shard(s.shard_on("w1"), "w1", "w2", "block_writes");
    s.sql("call citus_cleanup_orphaned_resources()");
    for (const auto& node : s.members()) s.session(node).run("vacuum pg_catalog.pg_dist_shard");
    auto weir = s.run();
    some_changes(s, 2000);
    s.expect_views_equal_queries();
  }
}

TEST_CASE("logical: a transaction larger than the decoder's memory is not streamed in parts") {
  logical_scenario s("l_large");
  changed_setting small(s, "w1", "logical_decoding_work_mem", "'64kB'");
  auto weir = s.start();
  s.session("w1").run(some_rows(1, 20'000));
  s.expect_views_equal_queries();
  CHECK_FALSE(s.has_read_anew());
}

TEST_CASE("logical: a table is truncated, on whichever node, or said to be") {
  logical_scenario s("l_truncate", orders_table() + some_rows(1, 300) +
                                       "; select create_distributed_table('orders', 'order_id', shard_count := 4)");
  auto weir = s.start();
  s.session("w2").run("truncate orders");
  some_changes(s, 1000);
  s.expect_views_equal_queries();
  CHECK(s.has_read_anew());
  s.sql("begin; delete from orders where order_id < 1100; truncate orders; " + some_rows(1, 100) + "; commit");
  s.expect_views_equal_queries();
  s.sql("select truncate_local_data_after_distributing_table('orders')"); // says TRUNCATE, and all rows stay
  s.expect_views_become_queries(20s);
  some_changes(s, 3000);
  s.expect_views_equal_queries();
}

TEST_CASE("logical: a partition comes with its rows, is truncated by itself, and goes with them") {
  logical_scenario s("l_partition",
                     "create table orders (order_id bigint, day date, region text, status text not null, amount "
                     "numeric(12,2) not null) partition by range (day); alter table orders replica identity full;"
                     "create table orders_1 partition of orders for values from ('2026-01-01') to ('2026-02-01');"
                     "alter table orders_1 replica identity full;"
                     "select create_distributed_table('orders', 'order_id', shard_count := 4);"
                     "alter table orders replica identity full");
  const auto rows = [](int from, const std::string& day) {
    return fmt::format("insert into orders select i, '{}', 'r' || i % 5, 'paid', i from generate_series({}, {}) i", day,
                       from, from + 99);
  };
  auto weir = s.start();
  s.sql(rows(1, "2026-01-05"));
  s.expect_views_equal_queries();
  s.sql("begin; create table orders_2 partition of orders for values from ('2026-02-01') to ('2026-03-01');"
        "alter table orders_2 replica identity full;" +
        rows(200, "2026-02-05") + "; commit");
  s.session("w1").run(rows(400, "2026-02-06"));
  s.expect_views_become_queries(20s);
  s.sql("truncate orders_1");
  s.expect_views_become_queries(20s);
  s.sql("alter table orders detach partition orders_2");
  s.expect_views_become_queries(20s);
  s.sql(rows(600, "2026-01-05"));
  s.expect_views_equal_queries();
  CHECK(s.has_read_anew());
}

TEST_CASE("logical: dropped columns, and a shard whose columns are not its table's") {
  logical_scenario s("l_columns");
  auto weir = s.start();
  some_changes(s, 1);
  s.expect_views_equal_queries();
  const auto shard = "orders_" + s.shard_on("w1");
  const auto rename = [&](const char* from, const char* to) {
    auto there = s.session("w1");
    there.run("set citus.enable_ddl_propagation = off");
    there.run(fmt::format("alter table {} rename column {} to {}", shard, from, to));
  };
  rename("region", "area");
  CHECK(s.logs("event=capture_unfit"));
  CHECK(s.logged(shard));
  rename("area", "region");
  some_changes(s, 1000);
  s.expect_views_become_queries(20s);
  s.expect_views_equal_queries();
  s.sql("alter table orders drop column note");
  CHECK(s.logs("public.orders has dropped columns"));
  CHECK_THAT(s.program({"doctor", "FILE"}).out, WEIR_CONTAINS("dropped_columns"));
  s.sql("select alter_distributed_table('orders', shard_count := 6)"); // makes the table anew
  s.sql("insert into orders select i, 'late', 'paid', i from generate_series(2000, 2100) i; delete from orders where "
        "order_id < 50");
  s.expect_views_become_queries(20s);
}

TEST_CASE("logical: shards that are kept twice are refused by name, and doctor says so") {
  logical_scenario s("l_twice", "set citus.shard_replication_factor = 2;" + distributed_orders);
  const auto run = s.program({"run", "FILE"});
  INFO(run.err);
  CHECK(run.exit_code != 0);
  CHECK_THAT(run.err, WEIR_CONTAINS("public.orders have 2 placements"));
  CHECK_THAT(s.program({"doctor", "FILE"}).out, WEIR_CONTAINS("replication_factor"));
  s.capture("raw"); // the cure
  auto weir = s.start();
  some_changes(s, 1);
  s.expect_views_equal_queries();
}

TEST_CASE("logical: a reference table loses its placement on the coordinator") {
  logical_scenario s("l_reference", orders_table() + "select create_reference_table('orders')");
  auto weir = s.start();
  some_changes(s, 1);
  s.expect_views_equal_queries();
  s.sql(fmt::format("select citus_remove_node({})", s.place("coordinator")));
  s.session("w1").run(some_rows(1000, 1100)); // nobody sends this
  CHECK(s.logs("has no placement on the coordinator"));
  CHECK_THAT(s.program({"doctor", "FILE"}).out, WEIR_CONTAINS("reference_placement"));
  s.sql(fmt::format("select citus_set_coordinator_host({})", s.place("coordinator")));
  s.sql("select replicate_reference_tables('block_writes')");
  s.sql(some_rows(2000, 2100));
  s.expect_views_become_queries(30s);
}

TEST_CASE("logical: the setting is switched off on one node while shards move") {
  logical_scenario s("l_setting");
  s.sql(some_rows(1, 500));
  auto weir = s.start();
  {
    changed_setting off(s, "w2", "citus.enable_change_data_capture", "off");
    s.move_shard(s.shard_on("w1"), "w1", "w2"); // its copies come as new rows
    CHECK(s.logs("citus.enable_change_data_capture is off"));
    CHECK_THAT(s.program({"doctor", "FILE"}).out, WEIR_CONTAINS("change_data_capture"));
  }
  some_changes(s, 1000);
  s.expect_views_become_queries(30s);
  CHECK(s.has_read_anew());
}

TEST_CASE("logical: what happened while nobody watched is read anew") {
  logical_scenario s("l_unwatched");
  s.sql(some_rows(1, 500));
  {
    auto weir = s.start();
    s.expect_views_equal_queries();
  }
  {
    changed_setting off(s, "w2", "citus.enable_change_data_capture", "off");
    s.move_shard(s.shard_on("w1"), "w1", "w2");
  }
  auto weir = s.run();
  some_changes(s, 1000);
  s.expect_views_equal_queries();
}

TEST_CASE("logical: a server comes back with another library path, and Citus' decoder is not found") {
  logical_scenario s("l_decoder");
  auto weir = s.start();
  some_changes(s, 1);
  s.expect_views_equal_queries();
  {
    changed_setting elsewhere(s, "w1", "dynamic_library_path", "'/nowhere:$libdir'");
    s.cluster().stop("w1");
    s.cluster().start("w1");
    some_changes(s, 1000);
    CHECK(s.logs("dynamic_library_path is"));
  }
  s.cluster().stop("w1");
  s.cluster().start("w1");
  some_changes(s, 2000);
  s.expect_views_become_queries(30s);
}

TEST_CASE("logical: the publication loses a table") {
  logical_scenario s("l_publication");
  auto weir = s.start();
  some_changes(s, 1);
  s.expect_views_equal_queries();
  auto there = s.session("w1");
  there.run("set citus.enable_ddl_propagation = off");
  there.run("alter publication weir_l_publication drop table orders");
  some_changes(s, 1000);
  s.expect_views_become_queries(20s);
  CHECK(s.has_read_anew());
}

TEST_CASE("logical: an ordinary table that is called like a shard") {
  logical_scenario s("l_names");
  auto weir = s.start();
  some_changes(s, 1);
  const auto other = "metrics_" + s.shard_on("w1");
  auto there = s.session("w1");
  there.run("set citus.enable_ddl_propagation = off");
  there.run(fmt::format("create table {} (like orders)", other));
  there.run(fmt::format("insert into {} values (7, 'no order', 'paid', 1000, '')", other));
  CHECK(s.logs("is taken by Citus' decoder for a shard of public.orders"));
  there.run(fmt::format("alter table {} rename to metrics", other));
  some_changes(s, 1000);
  s.expect_views_become_queries(30s);
  CHECK(s.coordinator().number("select count(*) from analytics.totals where region = 'no order'") == 0);
}
