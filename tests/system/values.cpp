// What the numbers in a view are: PostgreSQL's own, to the last digit, however the rows came and went.

#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"
#include "tests/system/scenario.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// The view equals its query before there are rows, and after each step on each of the workers.
void walk(const std::string& select, const std::vector<std::string>& steps) {
  INFO(select);
  scenario s("walk");
  s.define(pipeline_options{.select = select});
  auto weir = s.run();
  s.await_first_cut();
  s.expect_view_equals_query();
  for (const auto& w : s.workers()) {
    auto session = s.session(w);
    for (const auto& step : steps) {
      session.run(step);
      s.expect_view_equals_query();
    }
  }
  CHECK_FALSE(weir.exit_code().has_value());
}

} // namespace

TEST_CASE("float sums do not drift as large values come and go") {
  scenario s("drift", "create table orders (order_id bigint primary key, region text, f8 float8, f4 float4)");
  s.define(pipeline_options{
      .select = "select region, sum(f8) as s8, avg(f8) as a8, sum(f4) as s4 from orders group by region"});
  auto weir = s.run();
  s.await_first_cut();
  auto w1 = s.session("w1"), w2 = s.session("w2");
  w1.run("insert into orders values (1, 'a', 0.1, 0.5)");
  w2.run("insert into orders values (1, 'a', 0.2, 0.25)");
  s.catch_up();
  for (int i = 0; i < 20; ++i) { // each would eat the small digits of a plain sum
    w1.run("insert into orders values (2, 'a', 1e300, 1e30)");
    w1.run("update orders set f8 = -1e299, f4 = -3 where order_id = 2");
    w1.run("delete from orders where order_id = 2");
  }
  w2.run("insert into orders values (3, 'b', 'NaN', 1), (4, 'b', 1, 'Infinity'), (5, 'b', 2, 2)");
  s.expect_view_equals_query();
  w2.run("delete from orders where order_id in (3, 4)"); // neither NaN nor Infinity sticks
  s.expect_view_equals_query();
}

TEST_CASE("sums and averages of integers and numerics are exact at any magnitude") {
  scenario s("exact", "create table orders (order_id bigint primary key, region text, i2 int2, i4 int4, i8 int8, n "
                      "numeric, m numeric(12,2))");
  s.define(pipeline_options{
      .select = "select region, sum(i2) as s2, avg(i2) as a2, sum(i4) as s4, avg(i4) as a4, sum(i8) as s8, "
                "avg(i8) as a8, sum(n) as sn, avg(n) as an, sum(m) as sm, avg(m) as am, count(n) as cn "
                "from orders group by region"});
  auto weir = s.run();
  s.await_first_cut();
  for (const auto& w : s.workers()) {
    auto session = s.session(w);
    session.run("insert into orders select i, 'r' || i % 3, i, i * 1000003, 9223372036854775807 - i, "
                "('1' || repeat('0', i % 60) || '.' || repeat('3', i % 20 + 1))::numeric, i / 7.0 from "
                "generate_series(1, 200) i");
    session.run("insert into orders values (1000, null, null, null, null, null, null), (1001, null, 1, 1, 1, 1.10, 1)");
    s.expect_view_equals_query();
    session.run("update orders set n = n / 3, m = -m where order_id % 5 = 0");
    session.run("delete from orders where order_id % 4 = 0");
    s.expect_view_equals_query();
  }
}

TEST_CASE("a group whose last row goes, goes; NULL and empty are groups") {
  scenario s("groups");
  auto weir = s.run();
  s.await_first_cut();
  auto w1 = s.session("w1"), w2 = s.session("w2"), target = s.session("coordinator");
  w1.run("insert into orders values (1, null, 'paid', 1), (2, '', 'paid', 2), (3, 'shared', 'paid', 3)");
  w2.run("insert into orders values (1, null, 'paid', 4), (3, 'shared', 'paid', 5)");
  s.expect_view_equals_query();
  CHECK(target.number("select count(*) from " + totals) == 3);
  CHECK(target.value("select orders from " + totals + " where region is null") == "2");
  w1.run("delete from orders where region = ''; update orders set status = 'open' where region is null");
  w2.run("truncate orders");
  s.expect_view_equals_query();
  CHECK(target.value("select string_agg(region || orders, ',') from " + totals) == "shared1");
}

TEST_CASE("keys of every type that may be one") {
  scenario s("keys", "create table orders (order_id bigint primary key, i2 int2, i4 int4, i8 int8, t text, v "
                     "varchar(20), b bool, d date, "
                     "ts timestamp, tz timestamptz, u uuid, n numeric(8,3))");
  s.define(pipeline_options{.select = "select i2, i4, i8, t, v, b, d, ts, tz, u, n, count(*) as orders from orders "
                                      "group by i2, i4, i8, t, v, b, d, ts, tz, u, n"});
  auto weir = s.run();
  s.await_first_cut();
  for (const auto& w : s.workers())
    s.session(w).run("insert into orders select i, k, k, k, 'tä\\ \"' || k, 'v' || k, k = 1, date '2000-02-29' + k, "
                     "timestamp '1999-12-31 23:59:59.999999' + k * interval '1 us', timestamptz '2026-03-29 "
                     "02:30:00+02' + k * interval '1 hour', "
                     "('00000000-0000-0000-0000-00000000000' || k)::uuid, k / 8.0 from generate_series(1, 40) i, "
                     "lateral (select i % 4 as k) x");
  s.expect_view_equals_query();
  for (const auto& w : s.workers())
    s.session(w).run(
        "delete from orders where order_id % 4 = 1; update orders set i2 = null, b = null where order_id % 4 = 2");
  s.expect_view_equals_query();
}

TEST_CASE("keys of types that are passed through, and of dates and times") {
  const std::string types = "do $$ begin create type public.\"Mood\" as enum ('sad', 'ok', 'it''s'); create domain "
                            "public.small as numeric(6,2); exception when duplicate_object then null; end $$;";
  scenario s("passed", types + "create table orders (order_id bigint primary key, e public.\"Mood\", es "
                               "public.\"Mood\"[], i inet, b bytea, a int[], ta text[], c char(5), bits bit(3), r "
                               "tstzrange, n name, tt timetz, v interval, t time, o public.small, j jsonb)");
  s.session("coordinator").run(types);
  s.define(pipeline_options{
      .select = "select e, es, i, b, a, ta, c, bits, r, n, tt, v, t, o, count(*) as orders, count(j) as documents from "
                "orders where e is distinct from 'ok' group by e, es, i, b, a, ta, c, bits, r, n, tt, v, t, o"});
  auto weir = s.run();
  s.await_first_cut();
  for (const auto& w : s.workers())
    s.session(w).run(
        "insert into orders select i, (array['sad', 'ok', 'it''s'])[k]::public.\"Mood\", array['ok', "
        "'it''s']::public.\"Mood\"[], ('10.0.0.' || k)::inet, decode(repeat('00ff', k), 'hex'), array[k, null, k], "
        "array['a,b', '\"', 'NULL', null, k::text], repeat('x ', k), b'101', tstzrange('2026-03-29 00:00+00', null), "
        "'n' || k, '12:00:00+02', case k when 1 then '1 day' else '24:00:00' end::interval, time '12:00' + k * "
        "interval '1 minute', k, '{}' from generate_series(1, 40) i, lateral (select i % 3 + 1 as k) x");
  s.expect_view_equals_query();
  for (const auto& w : s.workers())
    s.session(w).run("delete from orders where order_id % 4 = 1; update orders set e = null, a = '[2:3]={1,2}', c = "
                     "null, v = '1 mon', j = null where order_id % 4 = 2");
  s.expect_view_equals_query();
  auto target = s.session("coordinator");
  CHECK(target.value("select string_agg(format_type(atttypid, atttypmod), ' ' order by attnum) from pg_attribute where "
                     "attrelid = 'analytics.totals'::regclass and attnum between 1 and 8") ==
        "\"Mood\" \"Mood\"[] inet bytea integer[] text[] character(5) bit(3)");
}

TEST_CASE("queries below a view, and rows that are distinct") {
  const std::vector<std::string> steps{
      "insert into orders select i, nullif('r' || i % 3, 'r0'), case when i % 2 = 0 then 'paid' else 'open' end, i % "
      "13 "
      "from generate_series(1, 100) i",
      "update orders set status = 'paid' where order_id % 5 = 0; delete from orders where amount > 9; "
      "update orders set amount = 1 where region = 'r1'"};
  walk("with paid (place, worth, id) as (select region, amount * 2, order_id from orders where status = 'paid'), "
       "large as (select * from paid where worth > 10) "
       "select place, count(*) as orders, sum(worth) as worth, avg(l.worth) as average from large as l group by place",
       steps);
  walk("select distinct region, status from (select * from orders where amount > 3) as o", steps);
}

TEST_CASE("values of groups, and groups that are hidden") {
  const std::vector<std::string> steps{
      "insert into orders select i, nullif('r' || i % 7, 'r0'), case when i % 3 = 0 then 'paid' else 'open' end, i % "
      "13 "
      "from generate_series(1, 40) i",
      "delete from orders where order_id > 12",
      "update orders set amount = 30 where region = 'r1'; delete from orders where region = 'r2'"};
  walk("select region, count(*) * 2 as twice, count(*) filter (where status = 'paid') as paid, "
       "round(100.0 * count(*) filter (where status = 'paid') / count(*), 1) as percent, "
       "coalesce(sum(amount) filter (where amount > 5), 0) - count(amount) as rest, coalesce(region, 'nowhere') as "
       "named "
       "from orders group by region having count(*) > 3 and sum(amount) > 20",
       steps);
  walk("select sum(amount) / nullif(count(*) filter (where amount > 3), 0) as mean from orders having count(*) > 8",
       steps);
}

TEST_CASE("a group that cannot be computed holds the views back until it is another, and says so") {
  scenario s("no_result");
  s.define(
      pipeline_options{.select = "select region, sum(amount) / sum(order_id) as mean from orders group by region"});
  auto weir = s.run();
  s.await_first_cut();
  auto w1 = s.session("w1");
  w1.run("insert into orders values (1, 'a', 'paid', 10)");
  s.expect_view_equals_query();
  // within one cut it may be what it likes
  w1.run("begin; insert into orders values (-1, 'a', 'paid', 1), (3, 'a', 'paid', 2); commit");
  s.expect_view_equals_query();
  w1.run("delete from orders where order_id = 3");
  CHECK(eventually(60s, [&] { return s.logged("division by zero"); }));
  CHECK(s.logged("writing view totals"));
  CHECK(s.session("coordinator").value("select mean from " + totals) == "4.3333333333333333");
  w1.run("delete from orders where order_id = -1");
  s.expect_view_equals_query();
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("with 'on error stop' what cannot be computed stops the pipeline") {
  for (const char* select : {"select region, sum(amount / (order_id - 7)) as mean from orders group by region",
                             "select region, sum(amount) / sum(order_id - 7) as mean from orders group by region"}) {
    scenario s("stops");
    pipeline_options options{.select = select};
    options.supervise += " on error stop;";
    s.define(options);
    auto weir = s.run();
    s.await_first_cut();
    auto w1 = s.session("w1");
    w1.run("insert into orders values (1, 'a', 'paid', 10)");
    s.expect_view_equals_query();
    w1.run("insert into orders values (7, 'b', 'paid', 10)");
    CHECK(eventually(60s, [&] { return weir.exit_code().has_value(); }));
    CHECK(s.logged("division by zero"));
    CHECK(s.session("coordinator").number("select count(*) from " + totals) == 1);
    CHECK(s.session("coordinator").number("select count(*) from weir.dead_letters") == 0);
  }
}

TEST_CASE("a row that cannot be computed goes to the dead letters, and the rest goes on") {
  scenario s("letters",
             "create table orders (order_id bigint primary key, region text, amount numeric(12,2), parts int4)");
  s.define(pipeline_options{
      .select = "select region, count(*) as orders, sum(amount / parts) as per_part from orders group by region"});
  auto weir = s.run();
  s.await_first_cut();
  auto w1 = s.session("w1");
  s.catch_up();
  w1.run("insert into orders values (1, 'a', 10, 4), (2, 'a', 10, 0), (3, 'b', 7, 7)");
  s.catch_up();
  CHECK(
      s.session("coordinator")
          .value("select string_agg(region || ' ' || orders || ' ' || round(per_part, 2), ', ' order by region) from " +
                 totals) == "a 1 2.50, b 1 1.00");
  const auto letters =
      fmt::format("(select count(*) = {{}} and bool_and(node = 'w1' and cause like '%division by zero%') from "
                  "weir.dead_letters where pipeline = '{}')",
                  s.name());
  CHECK(s.target_says(fmt::format(fmt::runtime(letters), 1)));
  w1.run("delete from orders where order_id = 2"); // the row that never counted does not count when it goes
  s.expect_view_equals_query();
}
