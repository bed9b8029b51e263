#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/plan/plan_text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"

// What is said of groups: aggregates with a condition, expressions over aggregates and keys, having.

namespace {

const weir::test::schema_text& schema() {
  static const weir::test::schema_text made(R"(
public.t full
  id bigint not_null
  s text
  region text not_null
  n numeric(10,2)
  i integer
  b boolean
)");
  return made;
}

weir::test::compiled compile_view(const std::string& query) {
  return weir::test::compile("pipeline p; cluster c { coordinator \"host=a\"; nodes w1 \"host=b\", w2 \"host=c\"; }\n"
                             "source t from c.public.t;\nview w as " +
                                 query + ";\nsink w into c.public.w;\n",
                             schema());
}

/// The columns of the view, each "name type: what it is", then the condition on groups; or what was found.
std::string columns_of(const std::string& query) {
  const auto done = compile_view(query);
  if (!done.plan) return done.rendered();
  const auto& view = done.plan->views.at(0);
  const auto& columns = done.plan->sources.at(0).columns;
  std::string out;
  for (const auto& o : view.outputs)
    out += o.name + " " + to_sql(o.type) + ": " + weir::plan_text::output(view, o, columns) + "\n";
  if (view.having) out += "having " + weir::plan_text::over_groups(view, *view.having, columns) + "\n";
  return out;
}

std::string first_of(const std::string& query) {
  const auto done = compile_view(query);
  return done.found.empty() ? "none" : to_string(done.found.front().code) + " " + done.found.front().message;
}

} // namespace

TEST_CASE("aggregates may be parts of expressions") {
  CHECK(columns_of("select region, sum(n) / nullif(count(*), 0) as mean, coalesce(sum(i), 0) from t group by region") ==
        "region text: region\nmean numeric: sum(n) / nullif(count(*), 0)\ncoalesce bigint: coalesce(sum(i), 0)\n");
  CHECK(columns_of("select -count(*), case when count(*) > 10 then 'many' else 'few' end as size from t") ==
        "?column? bigint: -count(*)\nsize text: case when count(*) > 10 then 'many' else 'few' end\n");
}

TEST_CASE("an aggregate is kept once, wherever it stands") {
  const auto done = compile_view("select region, sum(n), sum(n) * 2 as twice, count(*) filter (where b) from t "
                                 "group by region having sum(n) > 5 and count(*) filter (where b) > 1");
  INFO(done.rendered());
  REQUIRE(done.plan);
  CHECK(done.plan->views[0].aggregates.size() == 2);
}

TEST_CASE("group keys may be parts of expressions, as wholes") {
  CHECK(columns_of("select i + 1 as k, (i + 1) * 2 as twice, region || '!' as loud, region from t group by i + 1, "
                   "region") == "k integer: i + 1\ntwice integer: (i + 1) * 2\nloud text: region || '!'\n"
                                "region text: region\n");
  CHECK(columns_of("select region, region as again, 5 as five from t group by region") ==
        "region text: region\nagain text: region\nfive integer: 5\n");
  CHECK(first_of("select region, i * 2 from t group by region, i + 1").starts_with("W0403"));
  CHECK(first_of("select region, nothing * count(*) from t group by region") ==
        "W0203 no column \"nothing\" in source \"t\"");
}

TEST_CASE("having is over keys and aggregates, and groups without being asked") {
  CHECK(columns_of("select region, count(*) from t group by region having count(*) > 1 and region <> 'x'") ==
        "region text: region\ncount bigint: count(*)\nhaving count(*) > 1 and region <> 'x'\n");
  CHECK(columns_of("select 1 as one from t having sum(i) > 5") == "one integer: 1\nhaving sum(i) > 5\n");
  CHECK(first_of("select region, count(*) from t group by region having i > 1").starts_with("W0403"));
  CHECK(first_of("select region, count(*) from t group by region having count(*)").starts_with("W0302"));
}

TEST_CASE("an aggregate with a condition leaves out the rows for which it is not true") {
  CHECK(columns_of("select count(*) filter (where b) as good, sum(n) filter (where i > 0) from t") ==
        "good bigint: count(case when b then true else null end)\n"
        "sum numeric: sum(case when i > 0 then n else null end)\n");
  // the scale that is declared stays known
  CHECK(compile_view("select sum(n) filter (where b) from t").plan->views[0].inputs[0].fixed_scale == 2);
  CHECK(first_of("select count(*) filter (where count(*) > 1) from t").starts_with("W0404"));
  CHECK(first_of("select count(*) filter (where i) from t").starts_with("W0302"));
  CHECK(first_of("select length(s) filter (where b), count(*) from t group by 1").starts_with("W0404"));
  CHECK(first_of("select count(*) filter (b) from t").starts_with("W0101"));
  CHECK(columns_of("select count(*) as filter from t") == "filter bigint: count(*)\n");
}

TEST_CASE("where a group may divide by zero there is a warning, and a plan") {
  const auto warned = [](const std::string& value) {
    const auto done = compile_view("select region, " + value + " as v from t group by region");
    INFO(done.rendered());
    REQUIRE(done.plan);
    REQUIRE(done.plan->views.size() == 1);
    return !done.found.empty();
  };
  CHECK(warned("sum(n) / sum(i)"));
  CHECK(warned("1 + sum(n) % count(i)"));
  CHECK(warned("sum(n) / nullif(sum(i), 1)"));
  CHECK_FALSE(warned("sum(n) / nullif(sum(i), 0)"));
  CHECK_FALSE(warned("sum(n) / count(*)"));
  CHECK_FALSE(warned("sum(n) / (2 * count(*))"));
  CHECK_FALSE(warned("sum(n / i)")); // a row's own division is a row's own error
  CHECK(compile_view("select 5 / count(*) as v from t").found.size() == 1);
}
