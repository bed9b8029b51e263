// Views that depend on what a database takes for small and capital letters.

#include <csignal>

#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"
#include "tests/system/scenario.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* table =
    "create extension if not exists citext with schema public; create table orders (order_id bigint primary key, email "
    "public.citext, city public.citext not null, amount numeric(12,2)); alter table orders replica identity full";

const pipeline_options by_email{
    .select =
        "select email, city, count(*) as orders, sum(amount) as revenue, count(nullif(city, 'oslo')) as elsewhere "
        "from orders where city in ('OSLO', 'riga', 'Łódź') or email like '%@EXAMPLE.org' group by email, city"};

/// Where operators are looked for; without those of the extension citext would be text.
constexpr const char* sees_operators = "set search_path = recomputed, public";

/// Whatever spelling a group shows.
constexpr const char* small_letters = "lower({}::text)";

/// Of rows, every group in several spellings.
std::string spelt(std::uint64_t seed, int first) {
  return fmt::format(
      "insert into orders select i, case when i % 11 = 0 then null when i % 2 = 0 then upper(e) when i % 3 = 0 then "
      "initcap(e) else e end, (array['Oslo', 'OSLO', 'riga', 'Łódź', 'łódź', 'łÓDŹ', 'Rome'])[1 + i * {0} % 7], i % "
      "100 "
      "from generate_series({1}, {1} + 2000) i, lateral (select 'user' || i * {0} % 40 || '@example.org' as e) x",
      seed % 1000 + 1, first);
}

/// Makes the database of a scenario again, with the letters of ASCII only.
void give_ascii(scenario& s, const std::string& node) {
  sql_session admin(s.cluster().admin(node, "postgres"));
  const auto owner = admin.value(fmt::format("select datdba::regrole from pg_database where datname = '{}'", s.name()));
  admin.run(fmt::format("drop database {} with (force)", s.name()));
  admin.run(fmt::format("create database {} owner {} template template0 lc_collate 'C' lc_ctype 'C'", s.name(), owner));
  s.session(node).run(table);
}

} // namespace

TEST_CASE("groups of citext follow their rows, however these are spelt, through a restart and verify") {
  scenario s("citext", table);
  s.define(by_email);
  {
    auto weir = s.run();
    CHECK(weir.wait(30s) != 0);
    CHECK(s.logged("has no type public.citext, which column email of view totals is of"));
    CHECK_THAT(s.program({"doctor", "FILE"}).out, WEIR_CONTAINS("CREATE EXTENSION citext SCHEMA public"));
  }
  s.session("coordinator").run("create extension citext with schema public");
  s.session("w1").run(spelt(seed(), 0));
  auto weir = s.run();
  s.await_first_cut();
  s.expect_view_equals_query(sees_operators, small_letters);
  s.session("w2").run(spelt(seed() + 1, 10'000));
  s.session("w1").run("update orders set email = upper(email), amount = amount + 1 where order_id % 5 = 0");
  s.session("w2").run("delete from orders where order_id % 3 = 0; update orders set city = lower(city)");
  s.expect_view_equals_query(sees_operators, small_letters);
  // A spelling is one that rows have, or had.
  CHECK(s.session("coordinator").number("select count(*) from " + totals + " where email::text ~ '[a-z]'") > 0);
  weir.kill();
  s.session("w2").run("delete from orders where order_id % 2 = 0");
  auto again = s.run();
  s.expect_view_equals_query(sees_operators, small_letters);
  const auto verified = s.program({"verify", "FILE"}, 60s);
  INFO(verified.out << verified.err);
  CHECK(verified.exit_code == 0);
  s.session("w1").run("delete from orders");
  s.session("w2").run("truncate orders");
  s.expect_view_equals_query(sees_operators, small_letters);
  CHECK(s.session("coordinator").number("select count(*) from " + totals) == 0);
}

TEST_CASE("capital and small letters are the databases' own, in the first load and in the stream") {
  scenario s("lower");
  s.define(pipeline_options{
      .select = "select lower(region) as region, upper(status) as status, count(*) as orders, sum(amount) as revenue "
                "from orders where note ilike '%ÉTÉ%' or upper(region) = 'ŁÓDŹ' group by 1, 2"});
  const auto insert = [&](const std::string& node, int first) {
    s.session(node).run(fmt::format(
        "insert into orders select i, (array['Łódź', 'ŁÓDŹ', 'ÅRHUS', 'århus', null, 'İzmir'])[1 + i % 6], "
        "(array['Paid', "
        "'paid', 'ÖPEN'])[1 + i % 3], i, (array['un été', 'UN ÉTÉ', 'ete', null])[1 + i % 4] from generate_series({0}, "
        "{0} + 500) i",
        first));
  };
  insert("w1", 0);
  auto weir = s.run();
  s.await_first_cut();
  s.expect_view_equals_query();
  insert("w2", 1'000);
  s.session("w1").run("update orders set region = upper(region), status = lower(status), note = upper(note) where "
                      "order_id % 2 = 0; delete from orders where order_id % 5 = 0");
  s.expect_view_equals_query();
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("databases that make other small letters are not compared by those of one of them") {
  scenario s("letters", table);
  s.define(by_email);
  s.session("coordinator").run("create extension citext with schema public");
  give_ascii(s, "w1");
  const auto doctor = s.program({"doctor", "FILE"});
  CHECK(doctor.exit_code != 0);
  CHECK_THAT(doctor.out, WEIR_CONTAINS("its lower('À') is 'à', that of the databases whose tables were read is 'À'"));
  auto weir = s.run();
  CHECK(weir.wait(30s) == 4);
  CHECK(s.logged("make all databases with the same LC_CTYPE"));
}
