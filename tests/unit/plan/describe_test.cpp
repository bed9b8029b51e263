#include "runtime/plan/explain.hpp"
#include "tests/support/catch.hpp"

namespace {

using weir::expression;
using weir::operation;

const std::vector<weir::source_column> columns{{"a", {weir::type_id::int4}, false}, {"b", {weir::type_id::text}, true}};

expression column(std::int32_t index) {
  expression e;
  e.op = operation::column;
  e.type = columns[static_cast<std::size_t>(index)].type;
  e.column_index = index;
  return e;
}

expression literal(weir::type_id type, std::string text) {
  expression e;
  e.type = {type};
  e.literal_text = std::move(text);
  return e;
}

expression node(operation op, std::vector<expression> args) {
  expression e;
  e.op = op;
  e.args = std::move(args);
  return e;
}

std::string text_of(const expression& e) { return weir::describe(e, columns); }

} // namespace

TEST_CASE("parentheses stand where they matter") {
  const auto a = column(0);
  const auto one = literal(weir::type_id::int4, "1");
  const auto sum = node(operation::add, {a, one});
  CHECK(text_of(node(operation::multiply, {sum, a})) == "(a + 1) * a");
  CHECK(text_of(node(operation::add, {node(operation::multiply, {a, one}), a})) == "a * 1 + a");
  CHECK(text_of(node(operation::subtract, {a, sum})) == "a - (a + 1)");
  CHECK(text_of(node(operation::subtract, {sum, a})) == "a + 1 - a");
  CHECK(text_of(node(operation::negate, {sum})) == "-(a + 1)");
  const auto less = node(operation::less, {sum, a});
  CHECK(text_of(node(operation::logical_not, {less})) == "not a + 1 < a");
  CHECK(text_of(node(operation::logical_and, {node(operation::logical_or, {less, less}), less})) ==
        "(a + 1 < a or a + 1 < a) and a + 1 < a");
  CHECK(text_of(node(operation::is_null, {less})) == "a + 1 < a is null");
}

TEST_CASE("casts that widen are not shown, literals are as SQL writes them") {
  auto cast = node(operation::cast, {column(0)});
  cast.type = {weir::type_id::int8};
  CHECK(text_of(cast) == "a");
  cast.type = {weir::type_id::int2};
  CHECK(text_of(cast) == "a::smallint");
  CHECK(text_of(literal(weir::type_id::text, "it's")) == "'it''s'");
  CHECK(text_of(literal(weir::type_id::numeric, "1.50")) == "1.50");
  CHECK(text_of(literal(weir::type_id::float8, "NaN")) == "'NaN'");
  CHECK(text_of(literal(weir::type_id::boolean, "f")) == "false");
  CHECK(text_of(node(operation::in_list, {column(1), literal(weir::type_id::text, "x")})) == "b in ('x')");
  auto null = literal(weir::type_id::text, "");
  null.literal_is_null = true;
  CHECK(text_of(null) == "null");
}
