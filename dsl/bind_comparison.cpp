#include <algorithm>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"
#include "dsl/types.hpp"

// Comparisons, and the lists and ranges that are made of them.
namespace weir::dsl {
namespace {

bool is_constant(const expression& e) {
  return e.op != operation::column && std::all_of(e.args.begin(), e.args.end(), is_constant);
}

} // namespace

std::optional<type_id> expression_binder::comparison_type(const operand& left, const operand& right, bool in_list,
                                                          span where) {
  if (left.untyped && right.untyped) return type_id::text;
  auto a = left.untyped ? right.value.type.id : left.value.type.id;
  auto b = right.untyped ? left.value.type.id : right.value.type.id;
  if (is_number(a) && is_number(b)) return in_list ? common_number_type(a, b) : arithmetic_type(a, b);
  if (is_string(a) && is_string(b)) return type_id::text;
  if (a == b) return a;
  if ((a == type_id::character && b == type_id::text) || (a == type_id::text && b == type_id::character))
    return type_id::text;
  if (a > b) std::swap(a, b);
  if (a == type_id::date && b == type_id::timestamp) return type_id::timestamp;
  if ((a == type_id::date || a == type_id::timestamp) && b == type_id::timestamptz)
    return report(
        code::session_dependent, where,
        fmt::format("comparing {} with {} depends on the session's time zone", type_text(left), type_text(right)),
        "compare values of one type");
  return report(code::type_mismatch, where,
                fmt::format("{} and {} cannot be compared", type_text(left), type_text(right)));
}

bool expression_binder::equal_by_bytes(const operand& side) {
  const auto column = nondeterministic_column(side.value, scope_);
  if (column.empty() || side.bytewise) return true;
  report(code::collation_dependent, side.where,
         fmt::format("column \"{}\" has a nondeterministic collation: what is equal depends on it", column),
         "not supported yet; compare a column with a deterministic one");
  return false;
}

bool expression_binder::comparable(operation op, type_id type, const operand& left, const operand& right, span where) {
  if (!is_string(type) && type != type_id::character) return true;
  if (!equal_by_bytes(left) || !equal_by_bytes(right)) return false;
  if (op == operation::equal || op == operation::not_equal || left.bytewise || right.bytewise) return true;
  report(code::collation_dependent, where, "the order of texts depends on their collation",
         "texts are compared with =, <> and in; or by their bytes: x collate \"C\" < …");
  return false;
}

std::optional<operand> expression_binder::compare(operation op, operand left, operand right, span where) {
  if (is_jsonb(left.value.type) || is_jsonb(right.value.type))
    return compare_jsonb(op, std::move(left), std::move(right), where);
  if (is_citext(left) || is_citext(right)) {
    auto sides = both_as_citext(std::move(left), std::move(right));
    return sides ? compare(op, std::move(sides->first), std::move(sides->second), where) : std::nullopt;
  }
  if (is_passed_through(left.value.type.id) || is_passed_through(right.value.type.id))
    return compare_passed_through(op, std::move(left), std::move(right), where);
  const auto type = comparison_type(left, right, false, where);
  if (!type || !comparable(op, *type, left, right, where)) return std::nullopt;
  const auto side = [&](operand from) {
    const bool is_date = !from.untyped && from.value.type.id == type_id::date;
    if (!is_date || *type != type_id::timestamp) return coerce(std::move(from), *type);
    std::vector<expression> date;
    date.push_back(std::move(from.value));
    return std::optional(call_of(function::moment_of, *type, std::move(date)));
  };
  auto a = side(std::move(left));
  auto b = side(std::move(right));
  if (!a || !b) return std::nullopt;
  return operand{node_over(op, type_id::boolean, *std::move(a), *std::move(b)), false, where};
}

std::optional<operand> expression_binder::bind_distinct(const syntax_expression& e) {
  if (e.args[0].form == form::row && e.args[1].form == form::row) return bind_row(e);
  auto left = bind(e.args[0]);
  auto right = bind(e.args[1]);
  if (!left || !right || !check_no_jsonb(*left, *right, "is distinct from", e.where)) return std::nullopt;
  const auto is_null = [](const operand& o) { return o.untyped && is_null_literal(o.value); };
  if (is_null(*left) || is_null(*right)) {
    // as PostgreSQL's parser has it
    auto value = is_null(*right) ? std::move(left->value) : std::move(right->value);
    auto test = node_over(e.negated ? operation::is_null : operation::is_not_null, type_id::boolean, std::move(value));
    test.nullable = false;
    return operand{std::move(test), false, e.where};
  }
  auto test = compare(operation::not_equal, *std::move(left), *std::move(right), e.where);
  if (!test) return std::nullopt;
  test->value.op = operation::is_distinct;
  test->value.nullable = false;
  if (e.negated) test->value = node_over(operation::logical_not, type_id::boolean, std::move(test->value));
  return test;
}

// As transformAExprIn: constants are compared in one common type, if there are several; all else as by `=`.
std::optional<operand> expression_binder::bind_in(const syntax_expression& e) {
  auto left = bind(e.args[0]);
  std::vector<operand> constants;
  std::vector<operand> others;
  bool failed = !left;
  for (std::size_t i = 1; i < e.args.size(); ++i) {
    auto item = bind(e.args[i]);
    if (!item) {
      failed = true;
      continue;
    }
    const bool in_one = is_constant(item->value) && left &&
                        (is_citext(*left) || !is_passed_through(left->value.type.id)) &&
                        !is_passed_through(item->value.type.id);
    auto& group = in_one ? constants : others;
    group.push_back(*std::move(item));
  }
  if (failed) return std::nullopt;
  if (constants.size() == 1) {
    others.insert(others.begin(), std::move(constants.front()));
    constants.clear();
  }
  if (others.size() > 1 && nodes_in(left->value) * others.size() > max_repeated_nodes)
    return report(code::nested_too_deep, e.where, "this list compares its left side with too many expressions",
                  "split the list, or simplify its left side");
  std::vector<expression> tests;
  if (!constants.empty()) {
    auto test = in_constants(*left, std::move(constants), e.where);
    if (!test) return std::nullopt;
    tests.push_back(std::move(test->value));
  }
  for (auto& item : others) {
    auto test = compare(operation::equal, *left, std::move(item), e.where);
    if (!test) return std::nullopt;
    tests.push_back(std::move(test->value));
  }
  expression value =
      tests.size() == 1 ? std::move(tests.front()) : node_of(operation::logical_or, type_id::boolean, std::move(tests));
  if (e.negated) value = node_over(operation::logical_not, type_id::boolean, std::move(value));
  return operand{std::move(value), false, e.where};
}

std::optional<operand> expression_binder::in_constants(operand left, std::vector<operand> items, span where) {
  if (is_citext(left)) {
    const bool of_texts = std::any_of(items.begin(), items.end(), [](const operand& item) { return !item.untyped; });
    const auto citext = left;
    for (auto& item : items) {
      auto sides = of_texts ? std::optional(std::pair(as_text(citext), std::move(item)))
                            : both_as_citext(citext, std::move(item));
      if (!sides) return std::nullopt;
      left = std::move(sides->first);
      item = std::move(sides->second);
    }
  }
  operand common = left;
  for (const auto& item : items) {
    const auto type = comparison_type(common, item, true, item.where);
    if (!type || !comparable(operation::equal, *type, common, item, item.where)) return std::nullopt;
    if (common.untyped && item.untyped) continue;
    common.untyped = false;
    common.value.type = {*type, -1};
  }
  std::vector<expression> args;
  items.insert(items.begin(), std::move(left));
  for (auto& item : items) {
    auto value = coerce(std::move(item), common.untyped ? type_id::text : common.value.type.id);
    if (!value) return std::nullopt;
    args.push_back(*std::move(value));
  }
  return operand{node_of(operation::in_list, type_id::boolean, std::move(args)), false, where};
}

std::optional<operand> expression_binder::bind_between(const syntax_expression& e) {
  const auto value = bind(e.args[0]);
  auto least = bind(e.args[1]);
  auto most = bind(e.args[2]);
  if (!value || !least || !most) return std::nullopt;
  auto from = compare(operation::greater_equal, *value, *std::move(least), e.where);
  if (!from) return std::nullopt;
  auto to = compare(operation::less_equal, *value, *std::move(most), e.where);
  auto both = connect(operation::logical_and, std::move(from), std::move(to), e.where);
  if (both && e.negated) both->value = node_over(operation::logical_not, type_id::boolean, std::move(both->value));
  return both;
}

} // namespace weir::dsl
