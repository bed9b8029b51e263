#include "dsl/bind_tree.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bind_query.hpp"
#include "dsl/bind_view.hpp"
#include "dsl/column_type.hpp"
#include "dsl/scope_columns.hpp"
#include "dsl/types.hpp"
#include "runtime/plan/explain.hpp"

namespace weir::dsl {
namespace {

const char* word_of(set_operation operation) {
  switch (operation) {
    case set_operation::intersect: return "intersect";
    case set_operation::except: return "except";
    default: return "union";
  }
}

/// What a column of `union` is of; empty if there is no such type.
std::optional<data_type> common_type(const data_type& a, const data_type& b) {
  if (a == b) return a;
  if (a.id == b.id && !is_passed_through(a.id)) return data_type{a.id};
  if (is_number(a.id) && is_number(b.id)) return data_type{common_number_type(a.id, b.id)};
  if (is_string(a.id) && is_string(b.id)) return data_type{type_id::text};
  return std::nullopt;
}

} // namespace

std::nullopt_t tree_binder::report(code c, span where, std::string message, std::string hint) {
  found_.push_back({severity::error, c, where, std::move(message), std::move(hint)});
  return std::nullopt;
}

/// False: the operator does not run.
bool tree_binder::lacks(span where, const std::string& what) {
  found_.push_back({severity::warning, code::no_operator, where,
                    fmt::format("weir cannot keep {} current yet: weir run refuses view \"{}\"", what, view_),
                    "weir plan shows the operators of the view, and which of them are missing"});
  return false;
}

std::optional<logical_view> tree_binder::bind(const view_declaration& view) {
  const auto said = found_.size();
  if (!of_view(view.view, view)) return std::nullopt;
  const auto since = found_.begin() + static_cast<std::ptrdiff_t>(said);
  if (std::none_of(since, found_.end(), [](const diagnostic& d) { return d.code == code::no_operator; })) {
    view_ = view.view.text;
    (void)lacks(view.view.where, "what this view reads");
  }
  return made_.at(view.view.text);
}

tree_binder::maybe_rows tree_binder::of_view(const name& written, const view_declaration& view) {
  const auto& text = view.view.text;
  if (const auto known = views_.find(text); known != views_.end()) return known->second;
  if (!open_.insert(text).second)
    return report(code::unknown_source, written.where, fmt::format("view \"{}\" would read itself", text),
                  "views read sources, and views that do not read them in turn");
  const auto outer = std::exchange(visible_, {});
  const auto outer_view = std::exchange(view_, text);
  const auto outer_names = std::exchange(names_, {});
  const auto outer_scope = std::exchange(outer_, {});
  auto bound = of_query(view.query, text);
  visible_ = outer;
  view_ = outer_view;
  names_ = outer_names;
  outer_ = outer_scope;
  open_.erase(text);
  if (bound) {
    made_[text] = {text, bound->made_by, {}};
    // Who reads it, reads what it shows.
    bound->origins.assign(bound->origins.size(), std::nullopt);
    auto scan = *bound->made_by;
    scan.kind = logical_kind::scan;
    scan.name = text;
    scan.does = "the rows of view " + text;
    scan.values.clear();
    scan.inputs.clear();
    scan.runs = true;
    bound->made_by = std::make_shared<const logical_operator>(std::move(scan));
  }
  views_[text] = bound;
  return bound;
}

tree_binder::operator_pointer tree_binder::make(logical_kind kind, std::string does, std::vector<expression> values,
                                                std::vector<operator_pointer> inputs, const source_scope& columns,
                                                bool runs) {
  logical_operator o;
  o.kind = kind;
  const auto number = ++names_[to_string(kind)];
  o.name = fmt::format("{}.{}", view_, to_string(kind)) + (number == 1 ? "" : std::to_string(number));
  o.does = std::move(does);
  o.values = std::move(values);
  o.inputs = std::move(inputs);
  o.runs = runs;
  for (std::size_t i = 0; i < columns.bound.columns.size(); ++i) {
    const auto& c = columns.bound.columns[i];
    if (!columns.faults[i]) o.columns.push_back({c.name, type_of_column(c), !c.not_null});
  }
  return std::make_shared<const logical_operator>(std::move(o));
}

void tree_binder::mark_used(const rows& of, const source_scope& bound_to) {
  for (std::size_t i = 0; i < of.origins.size(); ++i) {
    if (!bound_to.bound.used[i] || !of.origins[i]) continue;
    if (auto* source = scope_(of.origins[i]->source)) source->bound.used[of.origins[i]->column] = true;
  }
}

tree_binder::maybe_rows tree_binder::of_query(const query& q, const std::string& called) {
  if (q.recursive && !q.with.empty())
    return report(code::not_supported_yet, q.with.front().table.where, "not supported yet: recursive queries");
  const auto outer = visible_.size();
  for (const auto& table : q.with) {
    auto content = of_query(*table.body, table.table.text);
    if (content && !rename(content->scope, table.table.text, table.column_names, found_)) content.reset();
    visible_.push_back({table.table.text, std::move(content)});
  }
  auto out = q.select ? of_select(*q.select, called) : of_sides(q);
  visible_.resize(outer);
  return first_of(q, std::move(out));
}

tree_binder::maybe_rows tree_binder::first_of(const query& q, maybe_rows input) {
  if (!q.order_where || !input) return input;
  if (!q.limit && !q.offset)
    return report(code::not_supported_yet, *q.order_where, "not supported yet: order by",
                  "a view is a table, order it where it is read");
  auto scope = input->scope;
  expression_binder expressions(scope, "", found_);
  std::vector<expression> values;
  std::string does;
  for (const auto& item : q.order_by) {
    auto written = item.value;
    if (written.form == form::integer) {
      const auto place = written.text.size() > 6 ? 0 : std::stoul(written.text);
      if (place < 1 || place > scope.bound.columns.size())
        return report(code::bad_ordinal, written.where, fmt::format("the select list has no column {}", written.text),
                      fmt::format("it has {}", scope.bound.columns.size()));
      written.form = form::column;
      written.names = {{scope.bound.columns[place - 1].name, written.where}};
    }
    auto value = expressions.bind_value(written);
    if (!value) return std::nullopt;
    does += (does.empty() ? "by " : ", ") + describe(*value, columns_for_reading(scope));
    if (item.descending) does += " desc";
    values.push_back(*std::move(value));
  }
  const auto count = [&](const std::optional<syntax_expression>& e, const char* word) {
    if (!e) return true;
    if (e->form != form::integer) {
      report(code::type_mismatch, e->where, fmt::format("{} takes a whole number", word));
      return false;
    }
    does += fmt::format("{}{} {}", does.empty() ? "" : ", ", word, e->text);
    return true;
  };
  if (!count(q.limit, "limit") || !count(q.offset, "offset")) return std::nullopt;
  const bool runs = lacks(*q.order_where, "the first rows of an order");
  input->made_by = make(logical_kind::top, does, std::move(values), {input->made_by}, input->scope, runs);
  return input;
}

tree_binder::maybe_rows tree_binder::of_sides(const query& q) {
  auto left = of_query(q.sides[0], "");
  auto right = of_query(q.sides[1], "");
  if (!left || !right) return std::nullopt;
  const auto& a = left->scope.bound.columns;
  const auto& b = right->scope.bound.columns;
  if (a.size() != b.size())
    return report(code::type_mismatch, q.operation_where,
                  fmt::format("the sides of {} have {} and {} columns", word_of(q.operation), a.size(), b.size()));
  rows out;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (const auto* side : {&*left, &*right})
      if (const auto& fault = side->scope.faults[i])
        return report(fault->code, q.operation_where, fault->message, fault->hint);
    const auto type = common_type(type_of_column(a[i]), type_of_column(b[i]));
    if (!type)
      return report(code::type_mismatch, q.operation_where,
                    fmt::format("column {} of {} is {} on one side and {} on the other", i + 1, word_of(q.operation),
                                a[i].type_name, b[i].type_name),
                    "cast one of them");
    auto column = a[i];
    give_type(column, *type);
    column.not_null = a[i].not_null && b[i].not_null;
    add_column(out.scope, std::move(column));
  }
  out.origins.resize(a.size());
  const auto what = fmt::format("{}{}", word_of(q.operation), q.all ? " all" : "");
  const bool runs = lacks(q.operation_where, what);
  out.made_by = make(logical_kind::unite, what, {}, {left->made_by, right->made_by}, out.scope, runs);
  return out;
}

bool tree_binder::filter(const syntax_expression& where, rows& of) {
  auto scope = of.scope;
  auto condition = expression_binder(scope, "", found_).bind_condition(where);
  if (!condition) return false;
  mark_used(of, scope);
  std::vector<expression> values{*std::move(condition)};
  auto does = list_of(values, of.scope);
  of.made_by = make(logical_kind::filter, std::move(does), std::move(values), {of.made_by}, of.scope);
  return true;
}

std::optional<std::vector<select_item>> tree_binder::items_of(const select_statement& select, const rows& from) {
  std::vector<select_item> out;
  const auto& scope = from.scope;
  for (const auto& item : select.items) {
    if (!item.star) {
      out.push_back(item);
      continue;
    }
    bool any = false;
    for (std::size_t i = 0; i < scope.bound.columns.size(); ++i) {
      const bool hidden = !scope.hidden.empty() && scope.hidden[i];
      if (item.star_of ? scope.qualifiers[i] != item.star_of->text : hidden) continue;
      any = true;
      auto one = item;
      one.star = false;
      one.value.form = form::column;
      one.value.names = {{scope.qualifiers[i], item.value.where}, {scope.bound.columns[i].name, item.value.where}};
      if (scope.qualifiers[i].empty()) one.value.names.erase(one.value.names.begin());
      out.push_back(std::move(one));
    }
    if (!any && item.star_of)
      return report(code::unknown_source, item.star_of->where,
                    fmt::format("this view reads no \"{}\"", item.star_of->text));
  }
  return out;
}

tree_binder::maybe_rows tree_binder::of_select(const select_statement& select, const std::string& called) {
  if (!select.distinct_on.empty())
    return report(code::not_supported_yet, *select.distinct, "not supported yet: distinct on",
                  "group by these expressions, and aggregate the others");
  auto from = of_from(select);
  if (!from) return std::nullopt;
  if (from->grouped) (void)lacks(select.from.front().where, "a query over groups");
  return selected(select, *std::move(from), called);
}

/// What a select makes of the rows that it reads.
tree_binder::maybe_rows tree_binder::selected(const select_statement& select, rows from, const std::string& called) {
  auto items = items_of(select, from);
  if (!items) return std::nullopt;
  auto plain = select;
  plain.items = *std::move(items);
  if (!join_subqueries(plain, from)) return std::nullopt;
  if (makes_groups(plain)) return grouped(plain, std::move(from), called.empty() ? view_ : called);
  return projected(plain, std::move(from));
}

tree_binder::maybe_rows tree_binder::projected(const select_statement& select, rows from) {
  bool failed = select.where && !filter(*select.where, from);
  rows out;
  std::vector<expression> values;
  auto scope = from.scope;
  expression_binder expressions(scope, "", found_);
  for (const auto& item : select.items) {
    auto value = expressions.bind_value(item.value);
    failed = failed || !value;
    if (!value) continue;
    add_column(out.scope, column_of(output_name(item).text, *value, scope));
    values.push_back(*std::move(value));
  }
  if (failed) return std::nullopt;
  mark_used(from, scope);
  out.origins.resize(values.size());
  auto does = list_of(values, from.scope);
  out.made_by = make(logical_kind::project, std::move(does), std::move(values), {from.made_by}, out.scope);
  return out;
}

tree_binder::maybe_rows tree_binder::grouped(const select_statement& select, rows from, const std::string& called) {
  relation input;
  input.is_source = true;
  input.scope = from.scope;
  auto scope = from.scope;
  view_declaration named;
  named.view = {called, select.items.front().value.where};
  const auto bound = bind_view(named, select, select.items, input, scope, found_);
  if (!bound) return std::nullopt;
  mark_used(from, scope);
  return of_groups(*bound, from);
}

tree_binder::rows tree_binder::of_groups(const bound_view& view, const rows& from) {
  auto input = from.made_by;
  if (view.filter)
    input = make(logical_kind::filter, list_of({*view.filter}, from.scope), {*view.filter}, {input}, from.scope);
  // The columns of a group are called by what they are.
  source_scope group;
  std::vector<expression> values = view.keys;
  const auto keys = list_of(view.keys, from.scope);
  std::string does = view.keys.empty() ? "all rows are one group" : "by " + keys;
  const auto add = [&](const expression& value, const data_type& type, bool nullable, const std::string& called) {
    auto column = column_of(called, value, from.scope);
    give_type(column, type);
    column.not_null = !nullable;
    add_column(group, std::move(column));
  };
  for (const auto& key : view.keys) add(key, key.type, key.nullable, list_of({key}, from.scope));
  for (const auto& a : view.aggregates) {
    const auto called = fmt::format("{}({}{})", to_string(a.function), a.distinct ? "distinct " : "",
                                    a.argument ? list_of({*a.argument}, from.scope) : std::string("*"));
    if (a.argument) values.push_back(*a.argument);
    add(a.argument.value_or(expression{}), a.type, true, called);
    does += "; " + called;
  }
  bool runs = true;
  for (const auto& a : view.aggregates)
    if (!runs_incrementally(a))
      runs = lacks(a.where, fmt::format("{}({})", to_string(a.function), a.distinct ? "distinct …" : "…"));
  input = make(logical_kind::group, std::move(does), std::move(values), {input}, group, runs);
  if (view.having) input = make(logical_kind::filter, list_of({*view.having}, group), {*view.having}, {input}, group);
  rows out;
  std::vector<expression> shown;
  for (const auto& o : view.outputs) {
    expression value;
    if (o.is_computed) {
      value = view.computed[o.index];
    } else {
      value.op = operation::column;
      value.type = o.type;
      value.column_index = static_cast<std::int32_t>(o.is_key ? o.index : view.keys.size() + o.index);
      value.nullable = !o.not_null;
    }
    add_column(out.scope, column_of(o.name, value, group));
    shown.push_back(std::move(value));
  }
  out.origins.resize(shown.size());
  out.grouped = true;
  auto list = list_of(shown, group);
  out.made_by = make(logical_kind::project, std::move(list), std::move(shown), {input}, out.scope);
  return out;
}

} // namespace weir::dsl
