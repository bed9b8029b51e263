#include "runtime/expr/evaluate.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/expr/build.hpp"
#include "tests/unit/expr/values.hpp"

namespace weir::test {
namespace {

using enum operation;

std::string refusal_of(const expression& e) {
  const auto made = evaluator::make(e);
  REQUIRE_FALSE(made);
  return std::string(to_string(made.error().code)) + ": " + made.error().message;
}

const expression a4 = column_of(type_id::int4, 0);
const expression b4 = column_of(type_id::int4, 1);

TEST_CASE("integers overflow with PostgreSQL's words, on their row alone", "[expr]") {
  const auto rows = rows_of("a:int4 b:int4\n+ 2147483647 1\n+ 5 3\n+ null 1\n+ -2147483648 -1\n+ 7 0\n");
  CHECK(values_of(node(add, type_id::int4, {a4, b4}), rows) == "!integer out of range 8 null !integer out of range 7");
  CHECK(values_of(node(divide, type_id::int4, {a4, b4}), rows) ==
        "2147483647 1 null !integer out of range !division by zero");
  CHECK(values_of(node(modulo, type_id::int4, {a4, b4}), rows) == "0 2 null 0 !division by zero");
  CHECK(values_of(node(negate, type_id::int4, {a4}), rows) == "-2147483647 -5 null !integer out of range -7");
}

TEST_CASE("each integer type has its own bounds", "[expr]") {
  const auto rows = rows_of("s:int2 l:int8\n+ 32767 9223372036854775807\n");
  const auto s = column_of(type_id::int2, 0);
  const auto l = column_of(type_id::int8, 1);
  CHECK(values_of(node(multiply, type_id::int2, {s, constant(type_id::int2, "2")}), rows) == "!smallint out of range");
  CHECK(values_of(node(add, type_id::int8, {l, constant(type_id::int8, "1")}), rows) == "!bigint out of range");
  const auto wide = node(cast, type_id::int8, {s});
  CHECK(values_of(node(multiply, type_id::int8, {wide, constant(type_id::int8, "2")}), rows) == "65534");
}

TEST_CASE("floats fail as in PostgreSQL and order NaN above all", "[expr]") {
  const auto rows = rows_of("x:float8 y:float8\n+ 1e308 10\n+ 1 0\n+ NaN 0\n+ 1e-308 1e-308\n+ -0 0\n+ Infinity NaN\n");
  const auto x = column_of(type_id::float8, 0);
  const auto y = column_of(type_id::float8, 1);
  CHECK(values_of(node(multiply, type_id::float8, {x, y}), rows) ==
        "!value out of range: overflow 0 NaN !value out of range: underflow -0 NaN");
  CHECK(values_of(node(divide, type_id::float8, {x, y}), rows) ==
        "1e+307 !division by zero NaN 1 !division by zero NaN");
  CHECK(values_of(node(less, type_id::boolean, {x, y}), rows) == "f f f f f t");
  CHECK(values_of(node(equal, type_id::boolean, {x, y}), rows) == "f f f t t f");
  CHECK(values_of(node(equal, type_id::boolean, {x, x}), rows) == "t t t t t t");
  const auto f4 = node(multiply, type_id::float4, {constant(type_id::float4, "1e38"), constant(type_id::float4, "10")});
  CHECK(values_of(f4, rows_of("x:int4\n+ 1\n+ 2\n")) == "!value out of range: overflow !value out of range: overflow");
}

TEST_CASE("numerics of all sizes in one column", "[expr]") {
  const auto rows = rows_of("n:numeric\n+ 1.50\n+ null\n+ 85070591730234615865843651857942052863\n+ NaN\n+ 0.00\n");
  const auto n = column_of(type_id::numeric, 0);
  CHECK(values_of(node(add, type_id::numeric, {n, n}), rows) ==
        "3.00 null 170141183460469231731687303715884105726 NaN 0.00");
  CHECK(values_of(node(divide, type_id::numeric, {constant(type_id::numeric, "1"), n}), rows) ==
        "0.66666666666666666667 null 0.00000000000000000000000000000000000001175494350822287508 NaN !division by zero");
  CHECK(values_of(node(negate, type_id::numeric, {n}), rows) ==
        "-1.50 null -85070591730234615865843651857942052863 NaN 0.00");
  CHECK(values_of(node(greater, type_id::boolean, {n, constant(type_id::numeric, "1.5000")}), rows) == "f null t t f");
}

TEST_CASE("logic of three values", "[expr]") {
  const auto rows =
      rows_of("a:bool b:bool\n+ t t\n+ t f\n+ t null\n+ f t\n+ f f\n+ f null\n+ null t\n+ null f\n+ null null\n");
  const auto a = column_of(type_id::boolean, 0);
  const auto b = column_of(type_id::boolean, 1);
  CHECK(values_of(node(logical_and, type_id::boolean, {a, b}), rows) == "t f null f f f null f null");
  CHECK(values_of(node(logical_or, type_id::boolean, {a, b}), rows) == "t t t t f null t null null");
  CHECK(values_of(node(logical_not, type_id::boolean, {a}), rows) == "f f f t t t null null null");
  CHECK(values_of(node(is_null, type_id::boolean, {a}), rows) == "f f f f f f t t t");
  CHECK(values_of(node(is_not_null, type_id::boolean, {b}), rows) == "t t f t t f t t f");
}

TEST_CASE("lists", "[expr]") {
  const auto rows = rows_of("a:int4 b:int4\n+ 1 9\n+ 4 4\n+ null 1\n+ 5 0\n");
  const auto two = constant(type_id::int4, "2");
  CHECK(values_of(node(in_list, type_id::boolean, {a4, constant(type_id::int4, "1"), two}), rows) == "t f null f");
  CHECK(values_of(node(in_list, type_id::boolean, {a4, two, null_of(type_id::int4), b4}), rows) == "null t null null");
  CHECK(values_of(node(in_list, type_id::boolean, {two, constant(type_id::int4, "3"), two}), rows) == "t t t t");
  // so many that they are hashed
  auto many = node(in_list, type_id::boolean, {a4, constant(type_id::int4, "4")});
  for (int i = 100; i < 120; ++i) many.args.push_back(constant(type_id::int4, std::to_string(i)));
  CHECK(values_of(many, rows) == "f t null f");
  many.args.push_back(null_of(type_id::int4));
  CHECK(values_of(many, rows) == "null t null null");
}

TEST_CASE("a list may hold what is not computed beforehand", "[expr]") {
  // Found by the comparison with PostgreSQL: how a date reads depends on the session.
  const auto rows = rows_of("s:text\n+ 2024-02-29\n+ x\n+ null\n");
  const auto day = node(cast, type_id::text, {constant(type_id::date, "2024-02-29")});
  CHECK(values_of(node(in_list, type_id::boolean, {column_of(type_id::text, 0), day, constant(type_id::text, "eu")}),
                  rows) == "t f null");
}

TEST_CASE("an error behind a decided side does not count, one before it does", "[expr]") {
  const auto rows = rows_of("a:int4 b:int4\n+ 10 0\n+ 10 2\n");
  const auto nonzero = node(not_equal, type_id::boolean, {b4, constant(type_id::int4, "0")});
  const auto quotient =
      node(greater, type_id::boolean, {node(divide, type_id::int4, {a4, b4}), constant(type_id::int4, "1")});
  CHECK(values_of(node(logical_and, type_id::boolean, {nonzero, quotient}), rows) == "f t");
  CHECK(values_of(node(logical_and, type_id::boolean, {quotient, nonzero}), rows) == "!division by zero t");
}

TEST_CASE("constants are computed once and fail on every row", "[expr]") {
  const auto rows = rows_of("a:int4 b:int4\n+ 1 1\n+ null 2\n");
  const auto zero = constant(type_id::int4, "0");
  const auto broken = node(divide, type_id::int4, {zero, zero});
  CHECK(values_of(node(add, type_id::int4, {a4, broken}), rows) == "!division by zero !division by zero");
  CHECK(values_of(node(add, type_id::int4, {null_of(type_id::int4), node(divide, type_id::int4, {a4, zero})}), rows) ==
        "null null");
  CHECK(values_of(constant(type_id::text, "eu"), rows) == "eu eu");
  CHECK(values_of(null_of(type_id::date), rows) == "null null");
}

TEST_CASE("what is null whatever the rows hold keeps other parts from being computed", "[expr]") {
  // Found by the comparison with PostgreSQL.
  const auto rows = rows_of("a:int4 b:int4\n+ 1 0\n+ null 2\n");
  const auto nothing = null_of(type_id::int4);
  const auto quotient = node(divide, type_id::int4, {a4, b4});
  const auto fails = node(is_null, type_id::boolean, {quotient});
  const auto null_in_columns = node(in_list, type_id::boolean, {nothing, a4, b4});
  CHECK(values_of(node(not_equal, type_id::boolean, {null_in_columns, fails}), rows) == "null null");
  CHECK(values_of(node(in_list, type_id::boolean, {quotient, nothing}), rows) == "null null");
  CHECK(values_of(node(in_list, type_id::boolean, {quotient, node(add, type_id::int4, {a4, nothing}), nothing}),
                  rows) == "null null");
  CHECK(values_of(node(in_list, type_id::boolean, {quotient, nothing, nothing}), rows) == "!division by zero null");
}

TEST_CASE("casts", "[expr]") {
  const auto rows = rows_of("a:int4 n:numeric d:date v:varchar(3) f:float4\n+ 7 0.1 2024-02-29 eu 0.1\n"
                            "+ null 1e400 5874897-12-31 null NaN\n+ -1 NaN infinity '' 3\n");
  CHECK(values_of(node(cast, type_id::int8, {a4}), rows) == "7 null -1");
  CHECK(values_of(node(cast, type_id::numeric, {a4}), rows) == "7 null -1");
  CHECK(values_of(node(cast, type_id::float8, {a4}), rows) == "7 null -1");
  const auto big = "\"1" + std::string(400, '0') + "\"";
  CHECK(values_of(node(cast, type_id::float8, {column_of(type_id::numeric, 1)}), rows) ==
        "0.1 !" + big + " is out of range for type double precision NaN");
  CHECK(values_of(node(cast, type_id::float8, {column_of(type_id::float4, 4)}), rows) == "0.10000000149011612 NaN 3");
  CHECK(values_of(node(cast, type_id::text, {column_of(type_id::varchar, 3)}), rows) == "eu null ");
  CHECK(values_of(node(cast, type_id::timestamp, {column_of(type_id::date, 2)}), rows) ==
        "2024-02-29 00:00:00 !date out of range for timestamp infinity");
}

TEST_CASE("a filter selects what is true", "[expr]") {
  const auto rows = rows_of("a:int4 b:int4\n+ 1 1\n+ null 1\n+ 9 1\n+ 9 0\n+ 10 1\n");
  const auto quotient = node(divide, type_id::int4, {a4, b4});
  const auto filter = evaluator::make(node(greater, type_id::boolean, {quotient, constant(type_id::int4, "5")}));
  REQUIRE(filter);
  std::vector<std::uint32_t> selected{77};
  std::vector<row_error> errors;
  filter->select(rows, selected, errors);
  CHECK(selected == std::vector<std::uint32_t>{77, 2, 4});
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].row == 3);
  CHECK(errors[0].code == errc::division_by_zero);

  const auto always = evaluator::make(constant(type_id::boolean, "t"));
  REQUIRE(always);
  selected.clear();
  always->select(rows, selected, errors);
  CHECK(selected.size() == 5);
}

TEST_CASE("an empty batch", "[expr]") {
  CHECK(values_of(node(add, type_id::int4, {a4, b4}), rows_of("a:int4 b:int4\n")).empty());
  CHECK(values_of(node(divide, type_id::int4, {constant(type_id::int4, "1"), constant(type_id::int4, "0")}),
                  rows_of("a:int4\n"))
            .empty());
}

TEST_CASE("a batch that is not the expression's fails on every row", "[expr]") {
  CHECK(values_of(b4, rows_of("a:int4\n+ 1\n")) == "!the batch has no column 1 of type integer");
  CHECK(values_of(a4, rows_of("a:text\n+ x\n")) == "!the batch has no column 0 of type integer");
}

TEST_CASE("what cannot be evaluated is refused when it is made", "[expr]") {
  const auto t = column_of(type_id::text, 0);
  const auto f = column_of(type_id::float8, 0);
  CHECK(refusal_of(constant(type_id::int4, "x")) ==
        "invalid_text_representation: invalid input syntax for type integer: \"x\"");
  CHECK(refusal_of(node(add, type_id::text, {t, t})) == "unsupported: this operation on text cannot be evaluated");
  CHECK(refusal_of(node(modulo, type_id::float8, {f, f})) ==
        "unsupported: this operation on double precision cannot be evaluated");
  CHECK(refusal_of(node(equal, type_id::boolean, {a4, t})) ==
        "unsupported: an operation on integer and text cannot be evaluated");
  CHECK(refusal_of(node(cast, type_id::date, {t})) == "unsupported: a cast from text to date cannot be evaluated");
  CHECK(refusal_of(node(coalesce, type_id::int4, {a4, t})) ==
        "unsupported: text where integer is needed cannot be evaluated");
  CHECK(refusal_of(call_of(function::length, type_id::int4, {a4})) ==
        "unsupported: length of integer cannot be evaluated");
  CHECK(refusal_of(node(logical_and, type_id::boolean, {a4, a4})) ==
        "unsupported: this operation on integer cannot be evaluated");
  CHECK(refusal_of(node(add, type_id::int4, {a4})).starts_with("internal"));
}

} // namespace
} // namespace weir::test
