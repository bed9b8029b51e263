#include "runtime/expr/sql.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/expr/build.hpp"

namespace weir::test {
namespace {

using enum operation;

/// Marks what it was asked to quote.
class marking_quoter final : public sql_quoter {
public:
  std::string identifier(std::string_view name) const override { return "\"" + std::string(name) + "\""; }
  std::string literal(std::string_view text) const override { return "'" + std::string(text) + "'"; }
};

std::string sql_of(const expression& e) {
  const std::vector<std::string> columns{"t.\"a\"", "t.\"b\""};
  return to_sql(e, columns, marking_quoter());
}

TEST_CASE("an expression is fully parenthesised and its literals have types", "[expr][sql]") {
  const auto a = column_of(type_id::int4, 0);
  const auto one = constant(type_id::int4, "-1");
  CHECK(sql_of(node(multiply, type_id::int4, {node(add, type_id::int4, {a, one}), node(negate, type_id::int4, {a})})) ==
        "((t.\"a\" + '-1'::integer) * (- t.\"a\"))");
  CHECK(sql_of(node(not_equal, type_id::boolean, {node(cast, type_id::numeric, {a}), null_of(type_id::numeric)})) ==
        "(cast(t.\"a\" as numeric) <> null::numeric)");
  CHECK(sql_of(node(in_list, type_id::boolean, {a, one, a})) == "(t.\"a\" in ('-1'::integer, t.\"a\"))");
  const auto test = node(is_null, type_id::boolean, {a});
  CHECK(sql_of(node(logical_or, type_id::boolean,
                    {test, node(logical_not, type_id::boolean, {test}), node(is_not_null, type_id::boolean, {a})})) ==
        "((t.\"a\" is null) or (not (t.\"a\" is null)) or (t.\"a\" is not null))");
}

TEST_CASE("choices, casts and calls are written as PostgreSQL computes them", "[expr][sql]") {
  const auto a = column_of(type_id::int4, 0);
  const auto b = column_of(type_id::text, 1);
  const auto wide = node(cast, type_id::int8, {a});
  CHECK(sql_of(node(case_when, type_id::int4, {node(is_true, type_id::boolean, {null_of(type_id::boolean)}), a, a})) ==
        "(case when (null::boolean is true) then t.\"a\" else t.\"a\" end)");
  CHECK(sql_of(node(null_if, type_id::int4, {wide, wide})) ==
        "cast(nullif(cast(t.\"a\" as bigint), cast(t.\"a\" as bigint)) as integer)");
  CHECK(sql_of(node(greatest, type_id::text, {b, b})) == "greatest(t.\"b\" collate \"C\", t.\"b\" collate \"C\")");
  CHECK(sql_of(node(is_distinct, type_id::boolean, {a, a})) == "(t.\"a\" is distinct from t.\"a\")");
  CHECK(sql_of(cast_to({type_id::varchar, 4 + 3}, b)) == "cast(t.\"b\" as character varying(3))");
  CHECK(sql_of(call_of(function::concatenate, type_id::text, {b, b})) == "(t.\"b\" || t.\"b\")");
  CHECK(sql_of(call_of(function::left, type_id::text, {b, a})) == "left(t.\"b\", t.\"a\")");
}

TEST_CASE("a modifier of a type does not reach SQL: it would round", "[expr][sql]") {
  auto value = constant(type_id::numeric, "1.005");
  value.type.typmod = ((12 << 16) | 2) + 4;
  CHECK(sql_of(value) == "'1.005'::numeric");
}

TEST_CASE("strings are ordered by their bytes, and equal under any collation", "[expr][sql]") {
  const auto b = column_of(type_id::text, 1);
  CHECK(sql_of(node(less_equal, type_id::boolean, {b, constant(type_id::text, "x")})) ==
        "(t.\"b\" collate \"C\" <= 'x'::text collate \"C\")");
  CHECK(sql_of(node(equal, type_id::boolean, {b, b})) == "(t.\"b\" = t.\"b\")");
}

} // namespace
} // namespace weir::test
