#include "dsl/bind_expression.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/bound_nodes.hpp"
#include "dsl/column_type.hpp"
#include "dsl/literal.hpp"
#include "dsl/types.hpp"
#include "runtime/base/suggest.hpp"

namespace weir::dsl {
namespace {

/// The display scale of an arithmetic result, where PostgreSQL's rules fix it.
std::optional<int> result_scale(operation op, const expression& left, const expression& right) {
  if (op == operation::divide || !left.fixed_scale || !right.fixed_scale) return std::nullopt;
  if (op == operation::multiply) return *left.fixed_scale + *right.fixed_scale;
  return std::max(*left.fixed_scale, *right.fixed_scale);
}

/// Of arithmetic, comparison and logic; all others are calls.
operation operation_of(const std::string& text) {
  static constexpr std::pair<std::string_view, operation> table[] = {
      {"+", operation::add},         {"-", operation::subtract},       {"*", operation::multiply},
      {"/", operation::divide},      {"%", operation::modulo},         {"=", operation::equal},
      {"<>", operation::not_equal},  {"<", operation::less},           {"<=", operation::less_equal},
      {">", operation::greater},     {">=", operation::greater_equal}, {"and", operation::logical_and},
      {"or", operation::logical_or},
  };
  const auto* found = std::find_if(std::begin(table), std::end(table), [&](const auto& t) { return t.first == text; });
  return found == std::end(table) ? operation::call : found->second;
}

bool is_arithmetic(operation op) noexcept { return op >= operation::add && op <= operation::modulo; }

} // namespace

std::nullopt_t expression_binder::report(code c, span where, std::string message, std::string hint) {
  found_.push_back({severity::error, c, where, std::move(message), std::move(hint)});
  return std::nullopt;
}

std::optional<expression> expression_binder::bind_value(const syntax_expression& e) {
  auto bound = bind(e);
  if (!bound) return std::nullopt;
  return bound->untyped ? coerce(*std::move(bound), type_id::text) : std::move(bound->value);
}

std::optional<expression> expression_binder::bind_condition(const syntax_expression& e) {
  auto bound = bind(e);
  return bound ? condition(*std::move(bound)) : std::nullopt;
}

std::optional<expression> expression_binder::condition(operand from) {
  if (from.untyped) return coerce(std::move(from), type_id::boolean);
  if (from.value.type.id == type_id::boolean) return std::move(from.value);
  return report(code::type_mismatch, from.where, fmt::format("a condition is needed here, this is {}", type_text(from)),
                "compare it with something");
}

std::optional<operand> expression_binder::bind(const syntax_expression& e) {
  const auto typed = [&](std::optional<expression> value) -> std::optional<operand> {
    if (!value) return std::nullopt;
    return operand{*std::move(value), false, e.where};
  };
  if (whole_)
    if (auto whole = whole_(e)) return *std::move(whole);
  switch (e.form) {
    case form::column: return bind_column(e);
    case form::integer:
    case form::decimal: return typed(make_number(e.text, e.where, found_));
    case form::string: {
      auto text = make_literal(type_id::text, e.text, e.where, found_);
      if (!text) return std::nullopt;
      return operand{*std::move(text), true, e.where};
    }
    case form::boolean: return typed(make_literal(type_id::boolean, e.text, e.where, found_));
    case form::null: return operand{null_literal(type_id::text), true, e.where};
    case form::typed_string: return bind_typed_string(e);
    case form::cast: return bind_cast(e);
    case form::call: return bind_call(e);
    case form::negate:
    case form::plus: return bind_sign(e);
    case form::binary: return bind_binary(e);
    case form::logical_not: {
      auto value = bind_condition(e.args[0]);
      if (!value) return std::nullopt;
      return typed(node_over(operation::logical_not, type_id::boolean, *std::move(value)));
    }
    case form::is_null: {
      if (e.args[0].form == form::row) return bind_row(e);
      auto value = bind_value(e.args[0]);
      if (!value) return std::nullopt;
      auto test =
          node_over(e.negated ? operation::is_not_null : operation::is_null, type_id::boolean, *std::move(value));
      test.nullable = false;
      return typed(std::move(test));
    }
    case form::row:
      return report(code::type_mismatch, e.where, "a row is no value",
                    "rows are compared: (a, b) = (1, 2), (a, b) in ((1, 2), (3, 4)), (a, b) is null");
    case form::exists:
    case form::in_query:
    case form::scalar_query:
      return report(code::not_supported_yet, e.where, "not supported yet: a subquery here",
                    "select it in a query of its own, and read that: select … from (select …) as t where …");
    case form::in_list: return e.args[0].form == form::row ? bind_row(e) : bind_in(e);
    case form::between: return bind_between(e);
    case form::like: return bind_like(e);
    case form::collate: return bind_collate(e);
    case form::is_truth: return bind_truth(e);
    case form::is_distinct: return bind_distinct(e);
    case form::array: return bind_array(e);
    case form::subscript: return bind_subscript(e);
    case form::quantified: return bind_quantified(e);
    case form::searched_case:
    case form::simple_case: return bind_case(e);
  }
  return std::nullopt;
}

bool expression_binder::is_qualifier(const std::string& text) const {
  const auto& all = scope_.qualifiers;
  return all.empty() ? text == qualifier_ : std::find(all.begin(), all.end(), text) != all.end();
}

std::optional<std::size_t> expression_binder::place_of(const syntax_expression& e) {
  const auto& column = e.names.back().text;
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < scope_.bound.columns.size(); ++i) {
    if (scope_.bound.columns[i].name != column) continue;
    if (e.names.size() == 1 && !scope_.hidden.empty() && scope_.hidden[i]) continue;
    if (e.names.size() == 2 && !scope_.qualifiers.empty() && scope_.qualifiers[i] != e.names[0].text) continue;
    if (found)
      return report(code::unknown_column, e.names.back().where,
                    fmt::format("\"{}\" has several columns \"{}\": which of them?",
                                qualifier_.empty() ? "this query" : qualifier_, column),
                    scope_.qualifiers.empty() ? "give one of them another name where they are selected: … as NAME"
                                              : "write the name of its table before it");
    found = i;
  }
  if (found) return found;
  const auto names = scope_.column_names();
  auto hint = did_you_mean(column, names);
  const auto& b = scope_.bound; // the columns of a query are in no table
  if (hint.empty())
    hint =
        fmt::format("{} has: {}", b.table.empty() ? (qualifier_.empty() ? "it" : qualifier_) : b.schema + "." + b.table,
                    fmt::join(names, ", "));
  const auto where = scope_.qualifiers.empty() ? fmt::format("in source \"{}\"", b.name)
                     : e.names.size() == 2     ? fmt::format("in \"{}\"", e.names[0].text)
                                               : std::string("in what this query reads");
  return report(code::unknown_column, e.names.back().where, fmt::format("no column \"{}\" {}", column, where),
                std::move(hint));
}

std::optional<operand> expression_binder::bind_column(const syntax_expression& e) {
  if (e.names.size() > 2)
    return report(code::unknown_column, e.where, "a column has at most one name before it: source.column");
  const auto* around = scope_.has(e.names) ? nullptr : scope_.outer.get();
  while (around != nullptr && !around->has(e.names)) around = around->outer.get();
  if (around != nullptr)
    return report(code::not_supported_yet, e.where,
                  fmt::format("not supported yet: \"{}\" of the outer query in this place", e.names.back().text),
                  "a subquery may use columns of the query right around it, in its where, if it has no group by, "
                  "distinct, limit or union");
  if (e.names.size() == 2 && !is_qualifier(e.names[0].text))
    return report(code::unknown_source, e.names[0].where, fmt::format("this view reads no \"{}\"", e.names[0].text),
                  scope_.qualifiers.empty() ? fmt::format("it reads \"{}\"", qualifier_)
                                            : did_you_mean(e.names[0].text, scope_.qualifiers));
  const auto at = place_of(e);
  if (!at) return std::nullopt;
  const auto place = *at;
  const name& column = e.names.back();
  if (const auto& fault = scope_.faults[place]) return report(fault->code, column.where, fault->message, fault->hint);
  scope_.bound.used[place] = true;
  const auto& facts = scope_.bound.columns[place];
  expression out;
  out.op = operation::column;
  out.type = type_of_column(facts);
  out.column_index = static_cast<std::int32_t>(place);
  out.nullable = !facts.not_null;
  out.fixed_scale = declared_scale(out.type);
  return operand{std::move(out), false, e.where};
}

std::optional<operand> expression_binder::bind_sign(const syntax_expression& e) {
  const auto& inner = e.args[0];
  if (e.form == form::negate && (inner.form == form::integer || inner.form == form::decimal)) {
    // one literal, as in PostgreSQL: -2147483648 is an integer
    auto value = make_number("-" + inner.text, e.where, found_);
    if (!value) return std::nullopt;
    return operand{*std::move(value), false, e.where};
  }
  auto value = bind(inner);
  if (!value) return std::nullopt;
  const bool negates_interval = e.form == form::negate && value->value.type.id == type_id::interval;
  if (value->untyped || (!is_number(value->value.type.id) && !negates_interval))
    return report(code::type_mismatch, e.where,
                  fmt::format("a number is needed behind the sign, this is {}", type_text(*value)));
  value->where = e.where;
  if (e.form == form::plus) return value;
  const auto scale = value->value.fixed_scale;
  const auto type = value->value.type.id;
  auto negated = node_over(operation::negate, type, std::move(value->value));
  negated.fixed_scale = scale;
  return operand{std::move(negated), false, e.where};
}

std::optional<operand> expression_binder::bind_binary(const syntax_expression& e) {
  if (e.args[0].form == form::row && e.args[1].form == form::row) return bind_row(e);
  const auto op = operation_of(e.text);
  auto left = bind(e.args[0]);
  auto right = bind(e.args[1]);
  if (op == operation::logical_and || op == operation::logical_or)
    return connect(op, std::move(left), std::move(right), e.where);
  if (!left || !right) return std::nullopt;
  if (op == operation::call) return bind_operator(e.text, *std::move(left), *std::move(right), e.where);
  if (is_arithmetic(op)) return arithmetic(op, *std::move(left), *std::move(right), e.where);
  return compare(op, *std::move(left), *std::move(right), e.where);
}

std::optional<operand> expression_binder::connect(operation op, std::optional<operand> left,
                                                  std::optional<operand> right, span where) {
  auto a = left ? condition(*std::move(left)) : std::nullopt;
  auto b = right ? condition(*std::move(right)) : std::nullopt;
  if (!a || !b) return std::nullopt;
  return operand{node_over(op, type_id::boolean, *std::move(a), *std::move(b)), false, where};
}

std::optional<operand> expression_binder::arithmetic(operation op, operand left, operand right, span where) {
  if (left.untyped && right.untyped)
    return report(code::type_mismatch, where, "the type of neither side is known", "write one as a number");
  const auto left_type = left.untyped ? right.value.type.id : left.value.type.id;
  const auto right_type = right.untyped ? left.value.type.id : right.value.type.id;
  if (is_temporal(left_type) || is_temporal(right_type))
    return temporal_arithmetic(op, std::move(left), std::move(right), where);
  if (!is_number(left_type) || !is_number(right_type)) {
    return report(code::type_mismatch, where,
                  fmt::format("there is no arithmetic for {} and {}", type_text(left), type_text(right)));
  }
  const auto type = arithmetic_type(left_type, right_type);
  if (op == operation::modulo && is_float(type))
    return report(code::type_mismatch, where, "there is no % for floating point", "% is for integers and numeric");
  auto a = coerce(std::move(left), type);
  auto b = coerce(std::move(right), type);
  if (!a || !b) return std::nullopt;
  const auto scale = type == type_id::numeric ? result_scale(op, *a, *b) : std::nullopt;
  auto value = node_over(op, type, *std::move(a), *std::move(b));
  value.fixed_scale = scale;
  return operand{std::move(value), false, where};
}

} // namespace weir::dsl
