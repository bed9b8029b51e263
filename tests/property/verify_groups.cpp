#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/verify/group_choice.hpp"
#include "tests/property/postgres_target_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/plan_builder.hpp"
#include "tests/support/seed.hpp"

// Which groups a verification looks at: PostgreSQL decides, and decides alike for keys that are equal.

namespace weir::test {
namespace {

view_plan view_with_keys(const std::vector<data_type>& types) {
  view_plan view;
  for (const auto& type : types) {
    expression key;
    key.type = type;
    view.keys.push_back(key);
  }
  return view;
}

verify::group_choice sample_of(double percent, std::uint32_t seed) {
  verify::group_choice choice;
  choice.percent = percent;
  choice.seed = seed;
  return choice;
}

verify::group_choice range_of(std::optional<std::string> from, std::optional<std::string> to) {
  verify::group_choice choice;
  choice.keys = verify::key_range{std::move(from), std::move(to)};
  return choice;
}

} // namespace

TEST_CASE("keys that GROUP BY takes as equal are in a sample together, or not at all", "[verify]") {
  target_database db;
  auto target = db.connect();
  const auto view = view_with_keys({{type_id::numeric},
                                    {type_id::float8},
                                    {type_id::text},
                                    {type_id::int4},
                                    {type_id::interval},
                                    {type_id::citext, -1, "public.citext"}});
  db.sql.run("create extension citext with schema public");
  // Each row: one group, written in two ways.
  db.sql.run(
      "create table pairs as select n as ln, (n::text || '.000')::numeric as rn, case when i % 3 = 0 then '-0'::float8 "
      "else i end as lf, case when i % 3 = 0 then 0::float8 else i end as rf, nullif('k' || i % 7, 'k3') as t, i, "
      "make_interval(days => i) as lv, make_interval(hours => 24 * i) as rv, "
      "('key' || i % 9)::public.citext as lc, ('KEY' || i % 9)::public.citext as rc "
      "from generate_series(1, 500) i, lateral (select nullif(i % 11, 4)::numeric as n) x");
  for (std::uint32_t s = 0; s < 20; ++s) {
    const auto choice = sample_of(1 + 4 * s, static_cast<std::uint32_t>(seed()) + s);
    const auto left =
        verify::condition_sql(choice, view, std::vector<std::string>{"ln", "lf", "t", "i", "lv", "lc"}, target);
    const auto right =
        verify::condition_sql(choice, view, std::vector<std::string>{"rn", "rf", "t", "i", "rv", "rc"}, target);
    INFO(left);
    CHECK(db.sql.value(
              fmt::format("set search_path = pg_catalog, public; select count(*) filter (where ({0}) is distinct "
                          "from ({1})) = 0 and count(*) filter (where ({0}) is null) = 0 from pairs",
                          left, right)) == "t");
  }
}

TEST_CASE("a sample of p percent is about p percent of the groups, and another one for another seed", "[verify]") {
  target_database db;
  auto target = db.connect();
  const auto view = view_with_keys({{type_id::int8}, {type_id::text}});
  const auto chosen = [&](const verify::group_choice& choice) {
    return verify::condition_sql(choice, view, std::vector<std::string>{"i", "t"}, target);
  };
  db.sql.run("create table groups as select i::bigint as i, nullif('k' || i % 100, 'k7') as t from generate_series(1, "
             "40000) i");
  for (const double percent : {0.5, 5.0, 50.0, 95.0}) {
    const auto first = static_cast<std::uint32_t>(seed());
    const auto a = chosen(sample_of(percent, first)), b = chosen(sample_of(percent, first + 1));
    INFO(a);
    const double expected = percent / 100 * 40000;
    const double spread = 6 * std::sqrt(expected * (1 - percent / 100)); // of a binomial: 6 sigma
    CHECK(std::abs(double(db.sql.number("select count(*) from groups where " + a)) - expected) < spread);
    const double both = expected * percent / 100; // of two that know nothing of each other
    CHECK(std::abs(double(db.sql.number(fmt::format("select count(*) from groups where {} and {}", a, b))) - both) <
          6 * std::sqrt(both) + 6);
  }
  CHECK(chosen({}).empty());
  CHECK(verify::sample_check_sql({}).empty());
  CHECK(verify::condition_sql(sample_of(1, 1), view_with_keys({}), {}, target).empty());
}

TEST_CASE("a range takes the first key, both ends in it, texts by their bytes, NULL never", "[verify]") {
  target_database db;
  auto target = db.connect();
  const auto in_range = [&](data_type type, const std::string& values, const verify::group_choice& choice) {
    const auto view = view_with_keys({type});
    const auto condition = verify::condition_sql(choice, view, std::vector<std::string>{"k"}, target);
    INFO(condition);
    return db.sql.value(
        fmt::format("select string_agg(k::text, ' ' order by k::text collate \"C\") from (values {}) v(k) where {}",
                    values, condition));
  };
  const data_type text{type_id::text}, numeric{type_id::numeric};
  const std::string words = "('a'), ('B'), ('z'), ('ä'), (''), (null)";
  CHECK(in_range(text, words, range_of("a", "z")) == "a z");
  CHECK(in_range({type_id::varchar, 5}, words, range_of("a", std::nullopt)) == "a z ä");
  CHECK(in_range(text, words, range_of(std::nullopt, "a")) == " B a");
  CHECK(in_range(numeric, "(1.0), (2), (10), (null)", range_of("1.00", "2.0")) == "1.0 2");
  CHECK(in_range({type_id::date}, "(date '2024-02-29'), ('2024-03-01')", range_of("2024-03-01", std::nullopt)) ==
        "2024-03-01");
  const auto view = view_with_keys({numeric});
  CHECK(target.execute(verify::range_check_sql(range_of("1", "2.50"), view, target)));
  CHECK_FALSE(target.execute(verify::range_check_sql(range_of("1", "x"), view, target)));
  CHECK(verify::range_check_sql(range_of("1", "x"), view_with_keys({}), target).empty());
  CHECK(in_range(text, "('a')", range_of("'; drop table x; --", std::nullopt)) == "a");
}

} // namespace weir::test
