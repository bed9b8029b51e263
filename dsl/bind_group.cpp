#include "dsl/bind_group.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dsl/bound_nodes.hpp"
#include "dsl/column_type.hpp"
#include "dsl/literal.hpp"
#include "dsl/types.hpp"

namespace weir::dsl {
namespace {

/// `case when condition then value end`: an aggregate leaves out what is null.
expression only_where(expression condition, expression value) {
  const auto type = value.type;
  const auto scale = value.fixed_scale;
  auto chosen = node_over(operation::case_when, type.id, std::move(condition), std::move(value), null_literal(type.id));
  chosen.nullable = true;
  chosen.fixed_scale = scale;
  return chosen;
}

bool is_zero_literal(const expression& e) {
  return e.op == operation::literal && !e.literal_is_null &&
         e.literal_text.find_first_of("123456789nNiI") == std::string::npos;
}

data_type result_type(aggregate_function f, const data_type& of) {
  switch (f) {
    case aggregate_function::sum: return {sum_type(of.id), -1};
    case aggregate_function::avg: return {avg_type(of.id), -1};
    // The modifier goes, and with it varchar: PostgreSQL has these of text.
    case aggregate_function::min:
    case aggregate_function::max: return {is_string(of.id) ? type_id::text : of.id, -1};
    default: return {type_id::int8, -1};
  }
}

bool has_order(type_id type) { return type != type_id::boolean && type != type_id::uuid && !is_passed_through(type); }

} // namespace

group_binder::group_binder(const relation& from, const source_scope& scope, bound_view& out, bool keys_failed,
                           diagnostics& found)
    : from_(from), scope_(scope), out_(out), keys_failed_(keys_failed), found_(found) {
  group_scope_.bound.name = out.name;
  for (const auto& key : out.keys) {
    // Their collations are deterministic: others are no keys.
    catalog_column column;
    give_type(column, key.type);
    column.not_null = !key.nullable;
    group_scope_.bound.columns.push_back(std::move(column));
  }
}

std::nullopt_t group_binder::report(code c, span where, std::string message, std::string hint) {
  found_.push_back({severity::error, c, where, std::move(message), std::move(hint)});
  return std::nullopt;
}

expression group_binder::column_of(std::size_t place, const data_type& type, bool nullable) {
  expression e;
  e.op = operation::column;
  e.type = type;
  e.column_index = static_cast<std::int32_t>(place);
  e.nullable = nullable;
  return e;
}

std::optional<expression> group_binder::value(const syntax_expression& e) { return bind(e, false); }

std::optional<expression> group_binder::condition(const syntax_expression& e) { return bind(e, true); }

std::optional<expression> group_binder::bind(const syntax_expression& e, bool as_condition) {
  expression_binder expressions(group_scope_, out_.name, found_);
  expressions.resolve_first([this](const syntax_expression& part) { return whole(part); });
  auto bound = as_condition ? expressions.bind_condition(e) : expressions.bind_value(e);
  if (bound) warn_of_division(*bound, e.where);
  return bound;
}

std::optional<group_binder::bound_operand> group_binder::whole(const syntax_expression& e) {
  if (aggregate_named(e)) {
    const auto place = aggregate(e);
    if (!place) return bound_operand{};
    const auto& a = out_.aggregates[*place];
    const bool counts = a.function == aggregate_function::count || a.function == aggregate_function::count_rows;
    return operand{column_of(out_.keys.size() + *place, a.type, !counts), false, e.where};
  }
  if (holds_aggregate(e)) return std::nullopt;
  if (const auto key = key_of(e)) {
    const auto& k = out_.keys[*key];
    auto column = column_of(*key, k.type, k.nullable);
    column.fixed_scale = k.fixed_scale;
    return operand{std::move(column), false, e.where};
  }
  if (e.form != form::column) return std::nullopt;
  if (keys_failed_) return bound_operand{};
  // What is no column of the rows either is misspelt.
  if (!expression_binder(scope_, from_.called, found_).bind_value(e)) return bound_operand{};
  report(code::neither_key_nor_aggregate, e.where, "this is neither grouped by nor aggregated",
         "add it to group by, or aggregate it: count, sum or avg");
  return bound_operand{};
}

std::optional<std::size_t> group_binder::key_of(const syntax_expression& e) {
  diagnostics unsaid; // what is wrong is said where its parts are bound
  auto bound = expression_binder(scope_, from_.called, unsaid).bind_value(e);
  if (!bound) return std::nullopt;
  const auto key = std::find(out_.keys.begin(), out_.keys.end(), from_.over_source(*std::move(bound)));
  if (key == out_.keys.end()) return std::nullopt;
  return static_cast<std::size_t>(key - out_.keys.begin());
}

std::optional<std::size_t> group_binder::aggregate(const syntax_expression& e) {
  bound_aggregate a;
  a.where = e.where;
  a.function = *aggregate_named(e);
  a.type = {type_id::int8, -1};
  const auto& function = e.names.front().text;
  if (e.star && function != "count")
    return report(code::type_mismatch, e.where, fmt::format("{}(*) has no values to work on", function),
                  fmt::format("write {}(COLUMN)", function));
  if (!e.star && e.args.size() != 1)
    return report(code::type_mismatch, e.where, fmt::format("{} takes one argument", function),
                  function == "count" ? "count(*) counts rows" : "");
  if (e.star && e.distinct)
    return report(code::type_mismatch, e.where, "count(distinct *) has no values to tell apart",
                  "write count(distinct COLUMN)");
  if (!e.star) {
    a.argument = argument_of(e, a.function);
    if (!a.argument) return std::nullopt;
    a.type = result_type(a.function, a.argument->type);
  }
  const bool extreme = a.function == aggregate_function::min || a.function == aggregate_function::max;
  a.distinct = e.distinct && !extreme;
  if (!e.filter.empty() && !filter(e, a)) return std::nullopt;
  const auto known = std::find(out_.aggregates.begin(), out_.aggregates.end(), a);
  if (known != out_.aggregates.end()) return static_cast<std::size_t>(known - out_.aggregates.begin());
  out_.aggregates.push_back(std::move(a));
  return out_.aggregates.size() - 1;
}

std::optional<expression> group_binder::argument_of(const syntax_expression& call, aggregate_function f) {
  const auto& written = call.args[0];
  if (holds_aggregate(written)) return report(code::aggregate_misplaced, written.where, "aggregates do not nest");
  auto value = expression_binder(scope_, from_.called, found_).bind_value(written);
  if (!value) return std::nullopt;
  const auto type = value->type;
  const auto& function = call.names.front().text;
  if ((f == aggregate_function::min || f == aggregate_function::max) && !has_order(type.id))
    return report(code::type_mismatch, written.where, fmt::format("there is no {}({})", function, to_sql(type)),
                  is_passed_through(type.id) ? "weir does not know the order of this type"
                                             : "PostgreSQL has none either");
  if ((f == aggregate_function::sum || f == aggregate_function::avg) && !is_number(type.id))
    return report(code::type_mismatch, written.where,
                  fmt::format("{} of {}: a number is needed", function, to_sql(type)), "count works on every type");
  return from_.over_source(*std::move(value));
}

bool group_binder::filter(const syntax_expression& call, bound_aggregate& a) {
  const auto& written = call.filter.front();
  if (holds_aggregate(written)) {
    report(code::aggregate_misplaced, written.where, "rows are chosen before they are aggregated",
           "write a condition over columns");
    return false;
  }
  auto condition = expression_binder(scope_, from_.called, found_).bind_condition(written);
  if (!condition) return false;
  auto rows = from_.over_source(*std::move(condition));
  const auto yes = make_literal(type_id::boolean, "true", call.where, found_);
  if (a.function == aggregate_function::count_rows) {
    a.function = aggregate_function::count;
    a.argument = only_where(std::move(rows), *yes);
  } else if (a.function == aggregate_function::count && !a.distinct) {
    // Of a type that is only passed through there may be no null to write.
    auto there = node_over(operation::is_not_null, type_id::boolean, *std::move(a.argument));
    there.nullable = false;
    a.argument =
        only_where(node_over(operation::logical_and, type_id::boolean, std::move(rows), std::move(there)), *yes);
  } else {
    a.argument = only_where(std::move(rows), *std::move(a.argument));
  }
  return true;
}

/// In a group there is a row at least, if there are groups.
bool group_binder::may_be_zero(const expression& divisor) const {
  switch (divisor.op) {
    case operation::literal: return is_zero_literal(divisor);
    case operation::cast: return may_be_zero(divisor.args.front());
    case operation::null_if: return !is_zero_literal(divisor.args.back());
    case operation::multiply: return may_be_zero(divisor.args.front()) || may_be_zero(divisor.args.back());
    case operation::column: {
      const auto place = static_cast<std::size_t>(divisor.column_index);
      return place < out_.keys.size() || out_.keys.empty() ||
             out_.aggregates[place - out_.keys.size()].function != aggregate_function::count_rows;
    }
    default: return true;
  }
}

void group_binder::warn_of_division(const expression& e, span where) {
  const bool divides = e.op == operation::divide || e.op == operation::modulo;
  if (divides && may_be_zero(e.args.back())) {
    found_.push_back({severity::warning, code::may_divide_by_zero, where,
                      "this may divide by zero, and a group for which it does holds the views back",
                      "divide by nullif(…, 0): the result is null then"});
    return;
  }
  for (const auto& arg : e.args) warn_of_division(arg, where);
}

} // namespace weir::dsl
