#include "runtime/expr/like.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/expr/build.hpp"
#include "tests/unit/expr/values.hpp"

namespace weir::test {
namespace {

using enum operation;

const expression s = column_of(type_id::text, 0);

expression text(const char* value) { return constant(type_id::text, value); }
expression number(const char* value) { return constant(type_id::int4, value); }

data_type numeric_of(int precision, int scale) { return {type_id::numeric, ((precision << 16) | scale) + 4}; }

TEST_CASE("texts are counted and cut by characters", "[expr]") {
  const auto rows = rows_of("s:text\n+ héllo\n+ ''\n+ null\n");
  CHECK(values_of(call_of(function::length, type_id::int4, {s}), rows) == "5 0 null");
  CHECK(values_of(call_of(function::octet_length, type_id::int4, {s}), rows) == "6 0 null");
  CHECK(values_of(call_of(function::left, type_id::text, {s, number("2")}), rows) == "hé  null");
  CHECK(values_of(call_of(function::right, type_id::text, {s, number("-2")}), rows) == "llo  null");
  CHECK(values_of(call_of(function::substring, type_id::text, {s, number("-1"), number("4")}), rows) == "hé  null");
  CHECK(values_of(call_of(function::substring, type_id::text, {s, number("1"), number("-1")}), rows) ==
        "!negative substring length not allowed !negative substring length not allowed null");
  CHECK(values_of(call_of(function::strpos, type_id::int4, {s, text("l")}), rows) == "3 0 null");
  CHECK(values_of(call_of(function::rtrim, type_id::text, {s, text("ol")}), rows) == "hé  null");
  CHECK(values_of(call_of(function::replace, type_id::text, {s, text("l"), text("--")}), rows) == "hé----o  null");
  CHECK(values_of(call_of(function::concat, type_id::text, {s, text("!")}), rows) == "héllo! ! !");
}

TEST_CASE("fields are counted from either end", "[expr]") {
  const auto rows = rows_of("s:text\n+ a,b,c\n");
  const auto field = [&](const char* n) {
    return values_of(call_of(function::split_part, type_id::text, {s, text(","), number(n)}), rows);
  };
  CHECK(field("2") == "b");
  CHECK(field("-1") == "c");
  CHECK(field("-3") == "a");
  CHECK(field("4").empty());
  CHECK(field("0") == "!field position must not be zero");
}

TEST_CASE("like", "[expr]") {
  CHECK(match_like("abc", "a%c") == like_outcome::matches);
  CHECK(match_like("aéc", "a_c") == like_outcome::matches);
  CHECK(match_like("a%c", "a\\%c") == like_outcome::matches);
  CHECK(match_like("abc", "a\\%c") == like_outcome::differs);
  CHECK(match_like("abc", "abc\\") == like_outcome::differs); // as in PostgreSQL, where the text ends first
  CHECK(match_like("abcd", "abc\\") == like_outcome::dangling_escape);
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "%a";
  CHECK(match_like(std::string(300'000, 'a'), deep) == like_outcome::too_deep);
}

TEST_CASE("casts round, cut and fail with PostgreSQL's words", "[expr]") {
  const auto rows = rows_of("n:numeric f:float8\n+ 2.5 2.5\n+ -99999.5 1e20\n+ NaN NaN\n");
  const auto n = column_of(type_id::numeric, 0);
  const auto f = column_of(type_id::float8, 1);
  CHECK(values_of(node(cast, type_id::int2, {n}), rows) == "3 !smallint out of range !cannot convert NaN to smallint");
  CHECK(values_of(node(cast, type_id::int4, {f}), rows) == "2 !integer out of range !integer out of range");
  CHECK(values_of(node(cast, type_id::numeric, {f}), rows) == "2.5 100000000000000000000 NaN");
  CHECK(values_of(cast_to(numeric_of(3, 0), n), rows) == "3 !numeric field overflow NaN");
  CHECK(values_of(cast_to({type_id::varchar, 4 + 2}, node(cast, type_id::text, {n})), rows) == "2. -9 Na");
  const auto words = rows_of("s:text\n+ ' 7 '\n+ x\n+ 3000000000\n");
  CHECK(values_of(node(cast, type_id::int4, {s}), words) ==
        "7 !invalid input syntax for type integer: \"x\" !value \"3000000000\" is out of range for type integer");
  CHECK(values_of(node(cast, type_id::text, {node(is_null, type_id::boolean, {s})}), words) == "false false false");
}

TEST_CASE("numbers are rounded as their type rounds", "[expr]") {
  const auto rows = rows_of("n:numeric f:float8\n+ -2.5 -2.5\n+ 1234.567 0.5\n+ Infinity NaN\n");
  const auto n = column_of(type_id::numeric, 0);
  const auto f = column_of(type_id::float8, 1);
  const auto of = [&](function g, const expression& x) { return values_of(call_of(g, x.type.id, {x}), rows); };
  CHECK(of(function::round, n) == "-3 1235 Infinity");
  CHECK(of(function::round, f) == "-2 0 NaN");
  CHECK(of(function::ceil, n) == "-2 1235 Infinity");
  CHECK(of(function::ceil, f) == "-2 1 NaN");
  CHECK(of(function::floor, n) == "-3 1234 Infinity");
  CHECK(of(function::trunc, f) == "-2 0 NaN");
  CHECK(of(function::sign, n) == "-1 1 1");
  CHECK(of(function::abs, n) == "2.5 1234.567 Infinity");
  CHECK(values_of(call_of(function::round, type_id::numeric, {n, number("-2")}), rows) == "0 1200 Infinity");
  CHECK(values_of(call_of(function::trunc, type_id::numeric, {n, number("4")}), rows) == "-2.5000 1234.5670 Infinity");
  CHECK(values_of(call_of(function::div, type_id::numeric, {n, constant(type_id::numeric, "0.4")}), rows) ==
        "-6 3086 Infinity");
}

} // namespace
} // namespace weir::test
