#include "runtime/plan/pipeline_plan.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"

// Queries below a view: each must come down to the plan of a query that is written flat.

namespace {

const weir::test::schema_text& schema() {
  static const weir::test::schema_text made(R"(
public.t full
  id bigint not_null
  s text
  region text not_null
  n numeric(10,2)
  b boolean
  details jsonb
)");
  return made;
}

/// The views, their sinks for those that are called w…
weir::test::compiled compile_views(const std::string& views) {
  std::string text = "pipeline p; cluster c { coordinator \"host=a\"; nodes w1 \"host=b\", w2 \"host=c\"; }\n"
                     "source t from c.public.t;\n" +
                     views + "\n";
  for (const char* view : {"w1", "w2"})
    if (views.find("view " + std::string(view)) != std::string::npos)
      text += "sink " + std::string(view) + " into c.public." + view + ";\n";
  return weir::test::compile(text, schema());
}

std::string plan_of(const std::string& views) {
  const auto done = compile_views(views);
  return done.plan ? weir::fingerprint(*done.plan) : done.rendered();
}

std::string error_of(const std::string& views) {
  const auto done = compile_views(views);
  for (const auto& d : done.found)
    if (d.severity == weir::dsl::severity::error) return to_string(d.code) + " " + d.message;
  return "none";
}

} // namespace

TEST_CASE("a query in FROM is its source, with its filters and columns") {
  const auto flat = plan_of("view w1 as select region, count(*) as rows, sum(n * 2) as twice from t where b and n > 0 "
                            "group by region;");
  CHECK(flat ==
        plan_of("view w1 as select region, count(*) as rows, sum(m) as twice from (select region, n * 2 as m, n "
                "from t where b) as q where n > 0 group by region;"));
  CHECK(flat ==
        plan_of("view w1 as select r as region, count(*) as rows, sum(q.m) as twice from (select region, n * 2, n "
                "from t where b and n > 0) as q (r, m) group by r;"));
  CHECK(flat == plan_of("view w1 as select region, count(*) as rows, sum(n * 2) as twice from (select * from (select * "
                        "from t where b) as a where n > 0) as q group by 1;"));
}

TEST_CASE("common tables see those before them, and hide sources") {
  const auto flat = plan_of("view w1 as select s, count(*) as rows from t where b and n > 1 group by s;");
  CHECK(flat ==
        plan_of("view w1 as with a as (select * from t where b), z (q) as (select s from a where n > 1) select q "
                "as s, count(*) as rows from z group by q;"));
  CHECK(flat == plan_of("view w1 as with t as (select * from t where b) select s, count(*) as rows from t where n > 1 "
                        "group by s;"));
  CHECK(flat == plan_of("view w1 as with a as not materialized (with b as (select * from t where b) select * from b) "
                        "select s, count(*) as rows from a where n > 1 group by s;"));
  CHECK(error_of("view w1 as with a as (select s from z), z as (select s from t) select count(*) from a;") ==
        "W0202 no source \"z\" is declared");
  // one that is not read is looked at all the same
  CHECK(error_of("view w1 as with a as (select nothing from t) select count(*) from t;") ==
        "W0203 no column \"nothing\" in source \"t\"");
}

TEST_CASE("a view without a table is part of those that read it") {
  const auto flat = plan_of("view w1 as select region, sum(n) as sum from t where b group by region; view w2 as select "
                            "count(*) as rows from t where b and s = 'x';");
  CHECK(flat == plan_of("view w1 as select good.region, sum(n) as sum from good group by region; view good as select * "
                        "from t where b; view w2 as select count(*) as rows from good where s = 'x';"));
  CHECK(error_of("view a as select s from b; view b as select s from a; view w1 as select count(*) from a;") ==
        "W0202 view \"a\" would read itself");
  CHECK(error_of("view a as select s from a;") == "W0202 view \"a\" would read itself");
  CHECK(error_of("view a as select s from t;").starts_with("W0401"));
}

TEST_CASE("distinct rows are groups") {
  CHECK(plan_of("view w1 as select distinct region, n * 2 as m from t where b;") ==
        plan_of("view w1 as select region, n * 2 as m from t where b group by region, m;"));
  CHECK(plan_of("view w1 as select distinct region, count(*) as rows from t group by region;") ==
        plan_of("view w1 as select region, count(*) as rows from t group by region;"));
  CHECK(plan_of("view w1 as select distinct * from (select region, s from t) as q;") ==
        plan_of("view w1 as select region, s from t group by region, s;"));
  CHECK(plan_of("view w1 as select all region from t group by region;") ==
        plan_of("view w1 as select region from t group by region;"));
}

TEST_CASE("only the columns that are used at last are asked of the source") {
  const auto done =
      compile_views("view all_of_it as select *, n * 2 as m from t; view w1 as select region, count(*) as "
                    "rows from all_of_it group by region;");
  REQUIRE(done.plan);
  REQUIRE(done.plan->sources.at(0).columns.size() == 1);
  CHECK(done.plan->sources.at(0).columns.at(0).name == "region");
  CHECK(error_of("view w1 as select details, count(*) as rows from (select * from t) as q group by details;")
            .starts_with("W0405 grouping by jsonb is not supported"));
}

TEST_CASE("a star names what it stands for") {
  CHECK(error_of("view w1 as select x.*, count(*) from (select s from t) as q group by s;") ==
        "W0202 this view reads no \"x\"");
  CHECK(error_of("view w1 as select count(*) from (select s, b from t) as q (a, b, c);") ==
        "W0203 \"q\" has 2 columns, and 3 names are given");
  CHECK(error_of("view w1 as select q.s, count(*) from (select region as s from t) as q where region = 'x' group by s;")
            .starts_with("W0203 no column \"region\""));
}

TEST_CASE("a column that two have the name of is none to be chosen from") {
  const std::string several = "W0203 \"q\" has several columns \"x\": which of them?";
  CHECK(error_of("view w1 as select x, count(*) from (select s as x, region as x from t) as q group by x;") == several);
  CHECK(error_of("view w1 as select distinct region from (select *, n as region from t) as q;") ==
        "W0203 \"q\" has several columns \"region\": which of them?");
  CHECK(error_of("view w1 as select y, count(*) from (select s as x, region as x, b as y from t) as q group by y;") ==
        "none");
  CHECK(error_of("view w1 as select count(*) from (select s, region from t) as q (x, x) where x = 'a';") == several);
}

TEST_CASE("queries nest to the limit and no deeper") {
  const auto nested = [](std::size_t depth) {
    std::string text = "view w1 as select count(*) from ";
    for (std::size_t i = 0; i < depth; ++i) text += "(select s from ";
    text += "t";
    for (std::size_t i = 0; i < depth; ++i) text += ") as q";
    return error_of(text + ";");
  };
  CHECK(nested(90) == "none");
  CHECK_THAT(nested(300), WEIR_CONTAINS("W0006"));
  CHECK_THAT(nested(30'000), WEIR_CONTAINS("W0006"));
  CHECK_THAT(error_of("view w1 as select count(*) from " + std::string(200'000, '(')), WEIR_CONTAINS("W0006"));
  CHECK_THAT(error_of("view w1 as " + std::string(200'000, '(') + "select"), WEIR_CONTAINS("W0006"));
}
