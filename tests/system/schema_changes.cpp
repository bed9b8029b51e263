// Tables that are altered while their view is kept: what no view uses, and what one does, by both policies.

#include <fmt/format.h>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"
#include "tests/system/random_writers.hpp"
#include "tests/system/scenario.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* rows =
    "insert into orders select g, 'r' || g % 5, 'paid', g + 0.25 from generate_series(1, 500) g";

std::string events_of(const scenario& s, const std::string& event) {
  return fmt::format("(select count(*) from weir.events where pipeline = '{}' and name = '{}')", s.name(), event);
}

/// A pipeline over rows on every worker, with its first cut.
child_process started(scenario& s, const pipeline_options& options = {}) {
  s.define(options);
  for (const auto& w : s.workers()) s.session(w).run(rows);
  auto weir = s.run();
  s.await_first_cut();
  return weir;
}

/// On one server after the other, as administrators do.
void alter(const scenario& s, const std::string& statements) {
  for (const auto& w : s.workers()) s.session(w).run(statements);
}

} // namespace

TEST_CASE("what happens to columns that no view uses is nobody's concern") {
  scenario s("unused_columns");
  pipeline_options options;
  options.supervise += " on schema change stop;";
  auto weir = started(s, options);
  std::string altered;
  for (const auto* change :
       {"add column later numeric default 2.5", "add column lot int default (random() * 100)::int",
        "alter column note type varchar(20000)", "rename column later to latest", "alter column latest type text",
        "drop column note", "alter column region set default 'nowhere'", "alter column amount set statistics 100",
        "add constraint positive check (order_id > 0)", "drop constraint positive"}) {
    INFO(change);
    // A table that is rewritten and a used column that is altered between two looks are taken for one change.
    std::this_thread::sleep_for(std::chrono::milliseconds(1300));
    for (const auto& w : s.workers()) {
      s.session(w).run(
          "insert into orders (order_id, region, status, amount) select max(order_id) + 1, 'r1', 'paid', 1 "
          "from orders");
      s.session(w).run(fmt::format("alter table orders {}", change));
      s.session(w).run("update orders set amount = amount + 1 where order_id % 7 = 1; delete from orders where "
                       "order_id = (select min(order_id) from orders)");
    }
    altered += fmt::format("alter table orders {};", change);
  }
  s.expect_view_equals_query(altered);
  CHECK(s.target_says(events_of(s, "schema_changed") + " = 0"));
  CHECK(s.target_says(events_of(s, "replanning") + " = 0"));
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("a used column that takes longer values goes on, and nothing is loaded again") {
  scenario s("widened", "create table orders (order_id bigint primary key, region varchar(8), status text not null, "
                        "amount numeric(8,2) not null, note text)");
  auto weir = started(s);
  const auto before = s.log().size();
  const std::string change =
      "alter table orders alter column region type varchar(40), alter column amount type numeric(12,2)";
  alter(s, change);
  REQUIRE(s.target_says(events_of(s, "schema_changed") + " >= 1"));
  alter(s, "insert into orders values (9001, 'a region of many letters', 'paid', 1234567890.25)");
  s.expect_view_equals_query(change);
  CHECK_FALSE(s.logged("node_loading", before));
  CHECK(s.target_says("(select format_type(atttypid, atttypmod) from pg_attribute where attrelid = "
                      "'analytics.totals'::regclass and attname = 'region') = 'character varying(40)'"));
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("a used column whose values an ALTER rewrites is read anew, and the view is never without its rows") {
  const auto change =
      GENERATE(as<std::string>(), "alter column amount type numeric(12,1)", "alter column amount type bigint",
               "alter column amount type double precision", "alter column amount type numeric(12,2) using amount * 2",
               "alter column region type varchar(3) using left(region, 2)",
               "drop column region, add column region text default 'again'");
  INFO(change);
  scenario s("rewritten");
  auto weir = started(s);
  alter(s, "alter table orders " + change);
  REQUIRE(s.target_says(events_of(s, "schema_changed") + " >= 1"));
  std::int64_t looks = 0;
  while (!s.target_says(events_of(s, "node_loaded") + " >= 4", 1ms) && ++looks < 2000)
    CHECK(s.session("coordinator").number("select count(*) from analytics.totals") > 0);
  alter(s, "update orders set amount = amount + 3 where order_id % 3 = 0; delete from orders where order_id < 100");
  // The column that was added again stands at the end.
  const bool moved = change.starts_with("drop");
  s.expect_view_equals_query(moved ? "alter table orders drop column region, add column region text"
                                   : "alter table orders " + change);
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("an ALTER that rewrites a used column is not forgotten by a runtime that is killed over it") {
  scenario s("killed_over_it");
  auto weir = started(s);
  const std::string change = "alter table orders alter column amount type numeric(12,2) using amount * 2";
  SECTION("while it runs") {
    alter(s, change);
    REQUIRE(s.target_says(events_of(s, "schema_changed") + " >= 1"));
    weir.kill();
  }
  SECTION("while it does not run") {
    s.catch_up();
    weir.kill();
    alter(s, change);
  }
  SECTION("while it does not run, with another type") {
    s.catch_up();
    weir.kill();
    alter(s, "alter table orders alter column amount type bigint using amount * 2");
  }
  auto again = s.run();
  CHECK(eventually(60s, [&] {
    return s.session("coordinator").value("select sum(revenue) > 450000 from analytics.totals") == "t";
  }));
  const auto type = s.session("w1").value("select format_type(atttypid, atttypmod) from pg_attribute where attrelid = "
                                          "'orders'::regclass and attname = 'amount'");
  s.expect_view_equals_query(fmt::format("alter table orders alter column amount type {}", type));
}

TEST_CASE("a key that was never null may be null now") {
  scenario s("nullable");
  pipeline_options options;
  options.select = "select status, count(*) as orders, sum(amount) as revenue from orders group by status";
  auto weir = started(s, options);
  alter(s, "alter table orders alter column status drop not null");
  REQUIRE(s.target_says(events_of(s, "schema_changed") + " >= 1"));
  alter(s, "insert into orders values (9001, 'north', null, 7)");
  s.expect_view_equals_query("alter table orders alter column status drop not null");
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("with 'on schema change stop' a change of a used column stops the pipeline and says what it was") {
  scenario s("schema_stop");
  pipeline_options options;
  options.supervise += " on schema change stop;";
  auto weir = started(s, options);
  s.expect_view_equals_query();
  const auto shown = [&] {
    return s.session("coordinator")
        .value("select md5(string_agg(t::text, ',' order by region)) from analytics.totals t");
  };
  const auto before = shown();
  s.session("w2").run("alter table orders alter column amount type numeric(12,1)");
  CHECK(weir.wait(60s) == 1);
  CHECK(s.logged("numeric(12,1), was numeric(12,2)"));
  CHECK(s.logged("on schema change evolve"));
  CHECK(s.target_says(fmt::format("exists (select from weir.events where pipeline = '{}' and name = 'fatal' and node = "
                                  "'w2' and message like '%amount%numeric(12,1), was numeric(12,2)%')",
                                  s.name())));
  CHECK(shown() == before);
}

TEST_CASE("a used column that is renamed or dropped stops the pipeline by both policies, naming the cure") {
  const auto policy = GENERATE(as<std::string>(), "evolve", "stop");
  scenario s("renamed");
  pipeline_options options;
  options.supervise += fmt::format(" on schema change {};", policy);
  auto weir = started(s, options);
  SECTION("renamed") {
    s.session("w1").run("alter table orders rename column region to area");
    CHECK(weir.wait(60s) == 1);
    CHECK(s.target_says(fmt::format("exists (select from weir.events where pipeline = '{}' and name = 'schema_changed' "
                                    "and node = 'w1' and message like '%\"region\" is now called \"area\" (views: "
                                    "totals)%')",
                                    s.name())));
    s.session("w1").run("alter table orders rename column area to region"); // the cure
    auto again = s.run();
    s.expect_view_equals_query();
  }
  SECTION("dropped") {
    s.session("w1").run("alter table orders drop column region");
    CHECK(weir.wait(60s) == 1);
    CHECK(s.target_says(fmt::format("exists (select from weir.events where pipeline = '{}' and name = 'schema_changed' "
                                    "and message like '%\"region\" was dropped (views: totals)%')",
                                    s.name())));
  }
}

TEST_CASE("a table is renamed and gets its name back: what was written in between counts") {
  scenario s("renamed_table");
  pipeline_options options;
  options.supervise += " on schema change stop;";
  auto weir = started(s, options);
  for (const auto& w : s.workers())
    s.session(w).run(
        "alter table orders rename to orders_of_old; insert into orders_of_old values (9000, 'r1', 'paid', "
        "5); update orders_of_old set amount = 0 where order_id < 10; alter table orders_of_old rename to "
        "orders; insert into orders values (9001, 'r2', 'paid', 6)");
  s.expect_view_equals_query();
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("a table is renamed away, and another takes its place") {
  scenario s("swapped");
  auto weir = started(s);
  const bool at_once = GENERATE(true, false);
  for (const auto& w : s.workers()) {
    auto session = s.session(w);
    session.run("create table orders_new (like orders including all); alter table orders_new replica identity full;"
                "insert into orders_new select order_id, 'new ' || region, status, amount from orders");
    if (at_once) {
      session.run("begin; alter table orders rename to orders_old; alter table orders_new rename to orders; commit");
    } else {
      session.run("alter table orders rename to orders_old");
      session.run("alter table orders_new rename to orders");
    }
    session.run("delete from orders where order_id % 2 = 0");
  }
  REQUIRE(s.target_says(events_of(s, "schema_changed") + " >= 1"));
  CHECK(eventually(60s, [&] {
    return s.session("coordinator").value("select bool_and(region like 'new%') from analytics.totals") == "t";
  }));
  s.expect_view_equals_query();
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("a replica identity that changes underneath") {
  scenario s("identity");
  s.define(pipeline_options{.select = "select order_id, count(*) as orders from orders group by order_id"});
  alter(s, "alter table orders replica identity default");
  alter(s, rows);
  auto weir = s.run();
  s.await_first_cut();
  // The publication has a list of columns, which does not cover the new identity: UPDATE fails until weir has seen it.
  for (const auto& w : s.workers()) {
    s.session(w).run("alter table orders replica identity full");
    CHECK(eventually(30s, [&] {
      try {
        s.session(w).run("update orders set note = 'x' where order_id = 1");
        return true;
      } catch (const sql_error&) {
        return false;
      }
    }));
  }
  alter(s, "delete from orders where order_id < 50");
  s.expect_view_equals_query();
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("tables are altered under writers, on one server after the other") {
  scenario s("under_writers");
  auto weir = started(s);
  random_writers writers(s.worker_conninfos(), seed());
  const std::string wider = "alter table orders alter column amount type numeric(14,2)";
  const std::string rounded = "alter table orders alter column amount type numeric(14,1)";
  alter(s, wider);
  std::this_thread::sleep_for(500ms);
  alter(s,
        "alter table orders add column extra int default (random() * 10)::int; alter table orders drop column extra");
  alter(s, rounded);
  writers.stop();
  REQUIRE(s.target_says(events_of(s, "schema_changed") + " >= 1"));
  // An event may name an earlier alteration only, and the load that follows it read what all of them left.
  CHECK(eventually(
      60s, [&] { return s.session("coordinator").value("select max(scale(revenue)) from analytics.totals") == "1"; }));
  s.expect_view_equals_query(rounded);
  CHECK_FALSE(weir.exit_code().has_value());
}
