#include "dsl/print.hpp"

#include "dsl/lookahead.hpp"
#include "dsl/outline.hpp"
#include "dsl/parse.hpp"
#include "tests/support/catch.hpp"

namespace {

std::string printed(const std::string& query) {
  const auto parsed = weir::dsl::parse(weir::dsl::text_of("t", "view v as " + query + ";"));
  if (!parsed.found.empty()) return parsed.found.front().message;
  return weir::dsl::print(parsed.program.views.at(0).query);
}

weir::dsl::outlined outlined(const std::string& text) {
  return weir::dsl::outline_of(weir::dsl::parse(weir::dsl::text_of("t", text)).program, {});
}

std::string first_error(const std::string& text) {
  const auto found = weir::dsl::parse(weir::dsl::text_of("t", text)).found;
  return found.empty() ? "none" : to_string(found[0].code) + " " + found[0].message + "; " + found[0].hint;
}

} // namespace

TEST_CASE("a printed query has the parentheses that it needs") {
  for (const char* query : {
           "select a + b * c from t",
           "select (a + b) * c from t",
           "select a - (b - c) from t",
           "select - - a::bigint, (- a)::bigint from t",
           "select not (a or b) and c from t",
           "select a = b is null from t where (a < b) = c",
           "select count(*), sum(a) as \"from\", \"substring\"(x, y) from t group by 1",
           "select case a when 1 then 'it''s' else null end from t",
           "select a::timestamp(3) with time zone, numeric '1' from t",
           "select * from (a join b on x = y) cross join c",
           "select * from a join (b natural left join c) using (x, y)",
           "select * from ((select a from t) as u join v on true) right join w on false",
           "select a from t union all select b from u intersect select c from v",
           "(select a from t union select b from u) intersect select c from v",
           "select a from t except (select b from u except select c from v)",
           "with r (x) as (select a from t) select x from r order by x desc nulls last limit 3 offset 1",
           "(select a from t limit 1) union select b from u",
       }) {
    // parentheses around what is read from the left anyway go
    const auto once = printed(query);
    CHECK(printed(once) == once);
    if (std::string(query).find("from (a join") == std::string::npos &&
        std::string(query).find("from ((select a from t) as u") == std::string::npos)
      CHECK(once == query);
  }
  CHECK(printed("select * from ((with t as (select x from a) select x from t)) as u") ==
        "select * from (with t as (select x from a) select x from t) as u");
  CHECK(printed("select * from a where x in ((select y from b), 0)") ==
        "select * from a where x in ((select y from b), 0)");
  CHECK(printed("select * from a where x in ((select y from b))") == "select * from a where x in (select y from b)");
  CHECK(printed("select (select y from b)[1] from a") == "select ((select y from b))[1] from a");
  CHECK(printed("select * from (a join b on x = y) cross join c") == "select * from a join b on x = y cross join c");
}

TEST_CASE("a parenthesis of tables may begin with a query") {
  CHECK(printed("select x from ((select a as x from t) as u)") == "select x from (select a as x from t) as u");
  CHECK(printed("select x from ((select a from t) as u join v on u.a = v.a)") ==
        "select x from (select a from t) as u join v on u.a = v.a");
  CHECK(printed("select x from (((select a from t) union (select b from u)) as w)") ==
        "select x from (select a from t union select b from u) as w");
  CHECK(printed("select x from (((select a from t))) as w") == "select x from (select a from t) as w");
  CHECK(printed("select x from ((((select a from t) as u) join v using (a)))") ==
        "select x from (select a from t) as u join v using (a)");
}

TEST_CASE("whether a parenthesis is a query's is seen from its end") {
  using weir::dsl::encloses_query;
  for (const char* text : {"(select 1)", "( /* ( */ with a as (select 1) select 2) x", "((select ')') union select 2)",
                           "(((select 1)) limit 1)", "((select 1) order by 1)", "((select 1)", "((select '"})
    CHECK(encloses_query(text));
  for (const char* text : {"(a join b)", "((select 1) as t)", "((select 1) t)", "((select 1) join b)",
                           "(((select 1) union select 2) as t)", "select 1", "", "(", "(selected)", "((select 1), b)"})
    CHECK_FALSE(encloses_query(text));
}

TEST_CASE("long chains of joins and unions are refused, not walked until the stack ends") {
  std::string joins = "view v as select * from t";
  std::string unions = "view v as select a from t";
  for (int i = 0; i < 2000; ++i) {
    joins += " join t on a";
    unions += " union select a from t";
  }
  CHECK_THAT(first_error(joins + ";"), WEIR_CONTAINS("W0006 more than 500 joins or queries are put together"));
  CHECK_THAT(first_error(unions + ";"), WEIR_CONTAINS("W0006 more than 500 joins or queries are put together"));
}

TEST_CASE("memory is a setting of the file") {
  using weir::memory_size;
  CHECK(outlined("pipeline p; memory 256 MiB;").outline.memory == memory_size{std::uint64_t{256} << 20, 0});
  CHECK(outlined("memory 1.5 GiB;").outline.memory == memory_size{std::uint64_t{3} << 29, 0});
  CHECK(outlined("MEMORY 25 %;").outline.memory == memory_size{0, 25});
  CHECK_FALSE(outlined("pipeline p;").outline.memory);
  const auto twice = outlined("memory 1 GiB;\nmemory 2 GiB;\n");
  CHECK(twice.outline.memory == memory_size{std::uint64_t{1} << 30, 0});
  CHECK(std::any_of(twice.found.begin(), twice.found.end(),
                    [](const auto& d) { return d.message == "memory is given twice"; }));
}

TEST_CASE("an amount that cannot be is told with what could") {
  CHECK(first_error("memory 4 gib;") == "W0106 unknown unit of bytes \"gib\"; did you mean \"GiB\"?");
  CHECK_THAT(first_error("memory 4 lots;"), WEIR_CONTAINS("unknown unit of bytes \"lots\"; there are: B, kB, MB"));
  CHECK(first_error("memory 101 %;") == "W0106 this is no share; whole percents, from 1 % to 100 %");
  CHECK(first_error("memory 2.5 %;") == "W0106 this is no share; whole percents, from 1 % to 100 %");
  CHECK(first_error("memory 1 MiB;") == "W0106 memory is too small to work with; at least 16 MiB");
  CHECK_THAT(first_error("memory 99999999999 TiB;"), WEIR_CONTAINS("W0106 this amount cannot be"));
  CHECK_THAT(first_error("memory lots;"), WEIR_CONTAINS("W0101 expected an amount like 256 MiB, or a share like 25 %"));
  CHECK_THAT(first_error("memory 256;"), WEIR_CONTAINS("W0101 expected a unit of bytes"));
}
