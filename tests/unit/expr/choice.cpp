#include "tests/support/catch.hpp"
#include "tests/unit/expr/build.hpp"
#include "tests/unit/expr/values.hpp"

namespace weir::test {
namespace {

using enum operation;

const expression a = column_of(type_id::int4, 0);
const expression b = column_of(type_id::int4, 1);
const expression quotient = node(divide, type_id::int4, {a, b});
const expression zero = constant(type_id::int4, "0");

expression number(const char* text) { return constant(type_id::int4, text); }

TEST_CASE("a branch that is not taken raises no error", "[expr]") {
  const auto rows = rows_of("a:int4 b:int4\n+ 10 0\n+ 10 5\n+ null 1\n");
  const auto divides = node(not_equal, type_id::boolean, {b, zero});
  CHECK(values_of(node(case_when, type_id::int4, {divides, quotient, number("-1")}), rows) == "-1 2 null");
  CHECK(values_of(node(case_when, type_id::int4, {node(is_null, type_id::boolean, {a}), number("0"), quotient}),
                  rows) == "!division by zero 2 0");
  CHECK(values_of(node(coalesce, type_id::int4, {a, quotient}), rows) == "10 10 null");
  CHECK(values_of(node(coalesce, type_id::int4, {quotient, number("7")}), rows) == "!division by zero 2 7");
  CHECK(values_of(node(greatest, type_id::int4, {a, quotient}), rows) == "!division by zero 10 null");
}

TEST_CASE("constant branches fail where PostgreSQL's planner computes them", "[expr]") {
  const auto rows = rows_of("a:int4 b:int4\n+ 1 1\n+ 2 0\n");
  const auto broken = node(divide, type_id::int4, {number("1"), zero});
  const auto positive = node(greater, type_id::boolean, {a, zero});
  const auto never = constant(type_id::boolean, "f");
  CHECK(values_of(node(case_when, type_id::int4, {positive, a, broken}), rows) ==
        "!division by zero !division by zero");
  CHECK(values_of(node(case_when, type_id::int4, {never, broken, a}), rows) == "1 2");
  CHECK(values_of(node(coalesce, type_id::int4, {a, broken}), rows) == "!division by zero !division by zero");
  CHECK(values_of(node(coalesce, type_id::int4, {number("3"), broken}), rows) == "3 3");
  CHECK(values_of(node(null_if, type_id::int4, {null_of(type_id::int4), quotient}), rows) == "null null");
}

TEST_CASE("greatest and least leave nulls out and keep the first of equals", "[expr]") {
  const auto rows = rows_of("x:numeric y:numeric\n+ 1.0 1.00\n+ null 2\n+ NaN 5\n+ null null\n");
  const auto x = column_of(type_id::numeric, 0);
  const auto y = column_of(type_id::numeric, 1);
  CHECK(values_of(node(greatest, type_id::numeric, {x, y}), rows) == "1.0 2 NaN null");
  CHECK(values_of(node(least, type_id::numeric, {y, x}), rows) == "1.00 2 5 null");
  const auto words = rows_of("s:text t:text\n+ b a\n+ é z\n");
  CHECK(values_of(node(greatest, type_id::text, {column_of(type_id::text, 0), column_of(type_id::text, 1)}), words) ==
        "b é");
}

TEST_CASE("numerics beyond 127 bits are chosen among others", "[expr]") {
  const std::string big(60, '7');
  const std::string bigger(61, '8');
  const auto rows = rows_of("x:numeric y:numeric\n+ " + big + " 1\n+ null " + bigger + "\n+ 2 " + big + "\n+ " +
                            bigger + " 0\n+ null null\n");
  const auto x = column_of(type_id::numeric, 0);
  const auto y = column_of(type_id::numeric, 1);
  CHECK(values_of(node(coalesce, type_id::numeric, {x, y}), rows) == big + " " + bigger + " 2 " + bigger + " null");
  const auto limit = constant(type_id::numeric, "5");
  CHECK(values_of(node(case_when, type_id::numeric, {node(greater, type_id::boolean, {y, limit}), y, x}), rows) ==
        big + " " + bigger + " " + big + " " + bigger + " null");
  CHECK(values_of(node(case_when, type_id::numeric,
                       {node(greater, type_id::boolean, {y, limit}), constant(type_id::numeric, bigger), limit}),
                  rows) == "5 " + bigger + " " + bigger + " 5 5");
}

TEST_CASE("distinct and truth are never null", "[expr]") {
  const auto rows = rows_of("a:bool b:bool\n+ t t\n+ t f\n+ null t\n+ null null\n");
  const auto x = column_of(type_id::boolean, 0);
  const auto y = column_of(type_id::boolean, 1);
  CHECK(values_of(node(is_distinct, type_id::boolean, {x, y}), rows) == "f t t f");
  CHECK(values_of(node(is_true, type_id::boolean, {x}), rows) == "t t f f");
  CHECK(values_of(node(is_false, type_id::boolean, {y}), rows) == "f t f f");
  CHECK(values_of(node(null_if, type_id::boolean, {x, y}), rows) == "null t null null");
}

} // namespace
} // namespace weir::test
