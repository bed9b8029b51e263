#include <fmt/format.h>

#include "runtime/postgres/target_schema.hpp"
#include "tests/property/postgres_target_model.hpp"
#include "tests/property/postgres_target_server.hpp"
#include "tests/support/catch.hpp"

// Values at the edges of the types, which random rows do not reach: the state is written by hand and the view made
// from it. Inputs (facts_plan): 1 int2, 2 int4, 3 int8, 4 numeric, 5 numeric(12,2), 6 float4, 7 float8.

namespace weir::test {
namespace {

class stated_view {
public:
  stated_view() {
    must(postgres::install_schema(target_));
    must(postgres::register_pipeline(target_, plan_, "a definition"));
  }

  /// The output `name` of the view without keys, from one state row for each of `rows` ("c7 = 2, s7 = 1e308", …).
  std::string final_of(const std::string& name, const std::vector<std::string>& rows) {
    db_.sql.run("TRUNCATE weir.state_facts_overall; DROP TABLE \"shown here\".\"the overall\"");
    for (std::size_t node = 0; node < rows.size(); ++node) {
      db_.sql.run(fmt::format("INSERT INTO weir.state_facts_overall (weir_node, weir_rows) VALUES ({}, 9)", node));
      db_.sql.run(fmt::format("UPDATE weir.state_facts_overall SET {} WHERE weir_node = {}", rows[node], node));
    }
    must(postgres::register_pipeline(target_, plan_, "a definition"));
    return db_.sql.value(
        fmt::format("SELECT coalesce(\"{}\"::text, 'NULL') FROM \"shown here\".\"the overall\"", name));
  }
  std::string asked(const std::string& sql) { return db_.sql.value("SELECT (" + sql + ")::text"); }

private:
  target_database db_;
  pipeline_plan plan_ = facts_plan();
  postgres::connection target_ = db_.connect();
};

} // namespace

TEST_CASE("finals at the edges of the types", "[target]") {
  stated_view v;
  const auto nothing = std::vector<std::string>{};
  for (const auto* name : {"sum small", "sum free", "sum twin", "avg large", "avg single"})
    CHECK(v.final_of(name, nothing) == "NULL");
  CHECK(v.final_of("count", nothing) == "0");

  SECTION("floats beyond the range are infinite, not an error; the last one inside is itself") {
    CHECK(v.final_of("sum twin", {"c7 = 1, s7 = 1.7e308", "c7 = 1, s7 = 1.7e308"}) == "Infinity");
    CHECK(v.final_of("sum twin", {"c7 = 2, s7 = -1.8e308"}) == "-Infinity");
    CHECK(v.final_of("avg twin", {"c7 = 2, s7 = -1.8e308"}) == "-Infinity");
    CHECK(v.final_of("sum twin", {"c7 = 1, s7 = 1.7976931348623157e308"}) == "1.7976931348623157e+308");
    CHECK(v.final_of("sum twin", {"c7 = 1, s7 = 1.7976931348623158e308"}) == "1.7976931348623157e+308");
    CHECK(v.final_of("sum twin", {"c7 = 1, s7 = 1.7976931348623159e308"}) == "Infinity");
    CHECK(v.final_of("sum single", {"c6 = 1, s6 = 3.4028235e38"}) == "3.4028235e+38");
    CHECK(v.final_of("sum single", {"c6 = 2, s6 = 3.4028236e38"}) == "Infinity");
    CHECK(v.final_of("sum single", {"c6 = 2, s6 = -3.5e38"}) == "-Infinity");
    CHECK(v.final_of("avg single", {"c6 = 2, s6 = -3.5e38"}) == "-1.75e+38"); // avg(float4) is a float8
  }
  SECTION("the smallest floats: a quotient that rounds to zero is zero") {
    CHECK(v.final_of("avg twin", {"c7 = 1, s7 = 4.9406564584124654e-324"}) == "5e-324");
    CHECK(v.final_of("avg twin", {"c7 = 2, s7 = 4.9406564584124654e-324"}) == "0");
    CHECK(v.final_of("avg twin", {"c7 = 3, s7 = 9.8813129168249309e-324"}) == "5e-324");
    CHECK(v.final_of("avg twin", {"c7 = 2, s7 = 0"}) == "0");
  }
  SECTION("special values win, from whichever node") {
    CHECK(v.final_of("sum free", {"c4 = 2, s4 = 1, pinf4 = 1, scales4 = '{1}'", "c4 = 1, ninf4 = 1"}) == "NaN");
    CHECK(v.final_of("sum free", {"c4 = 1, pinf4 = 1", "c4 = 1, s4 = 5, scales4 = '{1}'"}) == "Infinity");
    CHECK(v.final_of("avg free", {"c4 = 1, ninf4 = 1"}) == "-Infinity");
    CHECK(v.final_of("avg twin", {"c7 = 1, nan7 = 1", "c7 = 1, pinf7 = 1"}) == "NaN");
  }
  SECTION("numerics keep the display scale of the values that are there") {
    CHECK(v.final_of("sum free", {"c4 = 1, s4 = 1.5000, scales4 = '{0,1,0,0,0}'"}) == "1.5");
    CHECK(v.final_of("sum free", {"c4 = 1, s4 = 1, scales4 = '{1}'", "c4 = 1, s4 = 2, scales4 = '{0,0,0,1}'"}) ==
          "3.000");
    CHECK(v.final_of("avg free", {"c4 = 3, s4 = 1.000, scales4 = '{0,3}'"}) == v.asked("1.0 / 3::numeric"));
    CHECK(v.final_of("sum money", {"c5 = 1, s5 = 7"}) == "7.00");
    CHECK(v.final_of("avg money", {"c5 = 3, s5 = 7"}) == v.asked("7.00 / 3::numeric"));
    const std::string deep = "array_fill(0::bigint, array[3000]) || 1::bigint"; // beyond what round() takes
    CHECK(v.final_of("sum free", {"c4 = 1, s4 = 1e-3000, scales4 = " + deep}) == v.asked("1e-3000"));
    CHECK(v.final_of("sum free", {"c4 = 1, s4 = 2, scales4 = " + deep}) == v.asked("2 + 0e-3000"));
  }
  SECTION("integers") {
    CHECK(v.final_of("sum large", {"c3 = 2, s3 = 18446744073709551614", "c3 = 1, s3 = 9223372036854775807"}) ==
          "27670116110564327421");
    CHECK(v.final_of("avg large", {"c3 = 3, s3 = 10"}) ==
          v.asked("SELECT avg(x) FROM (VALUES (3::bigint), (3), (4)) AS t(x)"));
    CHECK(v.final_of("avg small", {"c1 = 1, s1 = 1", "c1 = 2, s1 = 1"}) == v.asked("2::numeric / 3"));
  }
}

} // namespace weir::test
