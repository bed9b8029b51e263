#include "dsl/bind_expression.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/literal.hpp"
#include "dsl/types.hpp"
#include "runtime/base/suggest.hpp"

namespace weir::dsl {
namespace {

/// `x in (a, b)` becomes x = a or x = b: how much of x may be repeated.
constexpr std::size_t max_repeated_nodes = 10'000;

std::string type_text(const operand& o) { return o.untyped ? "a string" : to_sql(data_type{o.value.type.id, -1}); }

expression node_of(operation op, type_id type, std::vector<expression> args) {
  expression e;
  e.op = op;
  e.type = {type, -1};
  e.nullable = std::any_of(args.begin(), args.end(), [](const expression& a) { return a.nullable; });
  e.args = std::move(args);
  return e;
}

template <class... Args>
expression node_over(operation op, type_id type, Args&&... args) {
  std::vector<expression> list;
  list.reserve(sizeof...(args));
  (list.push_back(std::forward<Args>(args)), ...);
  return node_of(op, type, std::move(list));
}

std::size_t nodes_in(const expression& e) {
  std::size_t nodes = 1;
  for (const auto& arg : e.args) nodes += nodes_in(arg);
  return nodes;
}

/// The display scale of an arithmetic result, where PostgreSQL's rules fix it.
std::optional<int> result_scale(operation op, const expression& left, const expression& right) {
  if (op == operation::divide || !left.fixed_scale || !right.fixed_scale) return std::nullopt;
  if (op == operation::multiply) return *left.fixed_scale + *right.fixed_scale;
  return std::max(*left.fixed_scale, *right.fixed_scale);
}

bool is_constant(const expression& e) {
  return e.op != operation::column && std::all_of(e.args.begin(), e.args.end(), is_constant);
}

operation operation_of(const std::string& text) {
  static constexpr std::pair<std::string_view, operation> table[] = {
      {"+", operation::add},         {"-", operation::subtract},       {"*", operation::multiply},
      {"/", operation::divide},      {"%", operation::modulo},         {"=", operation::equal},
      {"<>", operation::not_equal},  {"<", operation::less},           {"<=", operation::less_equal},
      {">", operation::greater},     {">=", operation::greater_equal}, {"and", operation::logical_and},
      {"or", operation::logical_or},
  };
  return std::find_if(std::begin(table), std::end(table), [&](const auto& t) { return t.first == text; })->second;
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

std::optional<expression> expression_binder::coerce(operand from, type_id to) {
  expression& e = from.value;
  if (e.type.id == to && !from.untyped) return std::move(e);
  if (e.op == operation::literal) {
    if (e.literal_is_null) return null_literal(to);
    return make_literal(to, e.literal_text, from.where, found_);
  }
  const bool whole = is_integer(e.type.id);
  expression cast = node_over(operation::cast, to, std::move(e));
  if (to == type_id::numeric && whole) cast.fixed_scale = 0;
  return cast;
}

std::optional<operand> expression_binder::bind(const syntax_expression& e) {
  const auto typed = [&](std::optional<expression> value) -> std::optional<operand> {
    if (!value) return std::nullopt;
    return operand{*std::move(value), false, e.where};
  };
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
      auto value = bind_value(e.args[0]);
      if (!value) return std::nullopt;
      auto test =
          node_over(e.negated ? operation::is_not_null : operation::is_null, type_id::boolean, *std::move(value));
      test.nullable = false;
      return typed(std::move(test));
    }
    case form::in_list: return bind_in(e);
    case form::between: return bind_between(e);
  }
  return std::nullopt;
}

std::optional<operand> expression_binder::bind_column(const syntax_expression& e) {
  if (e.names.size() > 2)
    return report(code::unknown_column, e.where, "a column has at most one name before it: source.column");
  if (e.names.size() == 2 && e.names[0].text != qualifier_)
    return report(code::unknown_source, e.names[0].where, fmt::format("this view reads no \"{}\"", e.names[0].text),
                  fmt::format("it reads \"{}\"", qualifier_));
  const name& column = e.names.back();
  const auto names = scope_.column_names();
  const auto found = std::find(names.begin(), names.end(), column.text);
  if (found == names.end()) {
    auto hint = did_you_mean(column.text, names);
    if (hint.empty())
      hint = fmt::format("{}.{} has: {}", scope_.bound.schema, scope_.bound.table, fmt::join(names, ", "));
    return report(code::unknown_column, column.where,
                  fmt::format("no column \"{}\" in source \"{}\"", column.text, scope_.bound.name), std::move(hint));
  }
  const auto place = static_cast<std::size_t>(found - names.begin());
  if (const auto& fault = scope_.faults[place]) return report(fault->code, column.where, fault->message, fault->hint);
  scope_.bound.used[place] = true;
  const auto& facts = scope_.bound.columns[place];
  expression out;
  out.op = operation::column;
  out.type = {*type_from_oid(facts.type_oid), facts.typmod};
  out.column_index = static_cast<std::int32_t>(place);
  out.nullable = !facts.not_null;
  out.fixed_scale = declared_scale(out.type);
  return operand{std::move(out), false, e.where};
}

std::optional<type_id> expression_binder::type_of(const syntax_expression& e) {
  const auto type = type_named(e.type);
  if (!type)
    return report(
        code::unknown_type, e.type_where, fmt::format("no type \"{}\" to compute with", e.type),
        did_you_mean(e.type, {"boolean", "smallint", "integer", "bigint", "numeric", "real", "double precision", "text",
                              "varchar", "date", "timestamptz", "timestamp", "uuid"}));
  if (e.type_modified)
    return report(code::not_supported_yet, e.type_where, "not supported yet: a length or precision in a cast",
                  "write the literal as it shall be");
  return type;
}

std::optional<operand> expression_binder::bind_typed_string(const syntax_expression& e) {
  const auto type = type_of(e);
  if (!type) return std::nullopt;
  auto value = make_literal(*type, e.text, e.where, found_);
  if (!value) return std::nullopt;
  return operand{*std::move(value), false, e.where};
}

std::optional<operand> expression_binder::bind_cast(const syntax_expression& e) {
  const auto type = type_of(e);
  auto from = bind(e.args[0]);
  if (!type || !from) return std::nullopt;
  if (from->value.op != operation::literal)
    return report(code::not_supported_yet, e.where, "not supported yet: casts of anything but a literal",
                  "numbers are widened where they meet");
  auto value = coerce(*std::move(from), *type);
  if (!value) return std::nullopt;
  return operand{*std::move(value), false, e.where};
}

std::optional<operand> expression_binder::bind_call(const syntax_expression& e) {
  if (aggregate_named(e))
    return report(code::aggregate_misplaced, e.where,
                  fmt::format("{}() stands where each row has its own value", e.names.back().text),
                  "an aggregate is a column of the select list, by itself");
  report_unknown_function(e, found_);
  return std::nullopt;
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
  if (value->untyped || !is_number(value->value.type.id))
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
  const auto op = operation_of(e.text);
  auto left = bind(e.args[0]);
  auto right = bind(e.args[1]);
  if (op == operation::logical_and || op == operation::logical_or)
    return connect(op, std::move(left), std::move(right), e.where);
  if (!left || !right) return std::nullopt;
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
  if (!is_number(left_type) || !is_number(right_type)) {
    const auto moment = [](type_id t) {
      return t == type_id::date || t == type_id::timestamp || t == type_id::timestamptz;
    };
    if (moment(left_type) || moment(right_type))
      return report(code::not_supported_yet, where, "not supported yet: arithmetic with dates and times");
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

std::optional<type_id> expression_binder::comparison_type(const operand& left, const operand& right, bool in_list,
                                                          span where) {
  if (left.untyped && right.untyped) return type_id::text;
  auto a = left.untyped ? right.value.type.id : left.value.type.id;
  auto b = right.untyped ? left.value.type.id : right.value.type.id;
  if (is_number(a) && is_number(b)) return in_list ? common_number_type(a, b) : arithmetic_type(a, b);
  if (is_string(a) && is_string(b)) return type_id::text;
  if (a == b) return a;
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

bool expression_binder::comparable(operation op, type_id type, const operand& left, const operand& right, span where) {
  if (is_string(type))
    for (const auto* side : {&left, &right})
      if (const auto column = nondeterministic_column(side->value, scope_); !column.empty()) {
        report(code::collation_dependent, side->where,
               fmt::format("column \"{}\" has a nondeterministic collation: what is equal depends on it", column),
               "not supported yet; compare a column with a deterministic one");
        return false;
      }
  if (op == operation::equal || op == operation::not_equal) return true;
  if (is_string(type)) {
    report(code::collation_dependent, where, "the order of texts depends on their collation",
           "not supported yet; texts are compared with =, <> and in");
    return false;
  }
  if (type == type_id::uuid || type == type_id::boolean) {
    report(code::not_supported_yet, where,
           fmt::format("not supported yet: the order of {} values", to_sql(data_type{type, -1})),
           "they are compared with =, <> and in");
    return false;
  }
  return true;
}

std::optional<operand> expression_binder::compare(operation op, operand left, operand right, span where) {
  const auto type = comparison_type(left, right, false, where);
  if (!type || !comparable(op, *type, left, right, where)) return std::nullopt;
  auto a = coerce(std::move(left), *type);
  auto b = coerce(std::move(right), *type);
  if (!a || !b) return std::nullopt;
  return operand{node_over(op, type_id::boolean, *std::move(a), *std::move(b)), false, where};
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
    auto& group = is_constant(item->value) ? constants : others;
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

std::optional<aggregate_function> aggregate_named(const syntax_expression& call) {
  if (call.form != form::call || call.names.size() != 1) return std::nullopt;
  const auto& function = call.names.front().text;
  if (function == "count") return call.star ? aggregate_function::count_rows : aggregate_function::count;
  if (function == "sum") return aggregate_function::sum;
  if (function == "avg") return aggregate_function::avg;
  return std::nullopt;
}

bool holds_aggregate(const syntax_expression& e) {
  return aggregate_named(e) || std::any_of(e.args.begin(), e.args.end(), holds_aggregate);
}

void report_unknown_function(const syntax_expression& call, diagnostics& found) {
  const auto& function = call.names.back();
  const auto meant = closest(function.text, {"count", "sum", "avg"});
  const bool misspelt = !meant.empty() && function.text != "min" && call.names.size() == 1;
  if (misspelt && meant != function.text)
    found.push_back({severity::error, code::unknown_function, function.where,
                     fmt::format("no function \"{}\"", function.text), fmt::format("did you mean \"{}\"?", meant)});
  else
    found.push_back({severity::error, code::not_supported_yet, call.where,
                     fmt::format("not supported yet: the function {}()", function.text), "there are: count, sum, avg"});
}

std::string nondeterministic_column(const expression& e, const source_scope& scope) {
  if (e.op == operation::column && is_string(e.type.id)) {
    const auto& facts = scope.bound.columns[static_cast<std::size_t>(e.column_index)];
    return facts.collation.empty() ? std::string() : facts.name;
  }
  if (!is_string(e.type.id)) return {};
  for (const auto& arg : e.args)
    if (auto column = nondeterministic_column(arg, scope); !column.empty()) return column;
  return {};
}

} // namespace weir::dsl
