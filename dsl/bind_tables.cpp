#include <algorithm>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bind_query.hpp"
#include "dsl/bind_tree.hpp"
#include "dsl/scope_columns.hpp"

// What stands in FROM: tables, queries and joins.
namespace weir::dsl {
namespace {

void qualify(source_scope& scope, const std::string& by) { scope.qualifiers.assign(scope.bound.columns.size(), by); }

const char* word_of(join_kind kind) {
  switch (kind) {
    case join_kind::left: return "left join";
    case join_kind::right: return "right join";
    case join_kind::full: return "full join";
    case join_kind::cross: return "cross join";
    default: return "join";
  }
}

} // namespace

tree_binder::maybe_rows tree_binder::of_from(const select_statement& select) {
  maybe_rows all;
  bool failed = false;
  for (const auto& item : select.from) {
    auto more = of_table(item);
    failed = failed || !more;
    if (failed || !all) {
      if (!failed) all = std::move(more);
      continue;
    }
    table_item cross;
    cross.kind = join_kind::cross;
    cross.where = item.where;
    all = joined(cross, *std::move(all), *std::move(more));
    failed = !all;
  }
  if (failed) return std::nullopt;
  all->scope.outer = outer_;
  return all;
}

tree_binder::maybe_rows tree_binder::of_table(const table_item& item) {
  if (!item.sides.empty()) {
    auto left = of_table(item.sides[0]);
    auto right = of_table(item.sides[1]);
    if (!left || !right) return std::nullopt;
    return joined(item, *std::move(left), *std::move(right));
  }
  if (item.lateral) return report(code::not_supported_yet, item.where, "not supported yet: lateral");
  auto out = item.subquery ? of_query(*item.subquery, "") : named(item);
  if (!out) return std::nullopt;
  const auto called = item.alias ? item.alias->text : item.subquery ? std::string() : item.table.text;
  if (!rename(out->scope, called, item.column_names, found_)) return std::nullopt;
  out->scope.hidden.clear();
  out->scope.outer.reset();
  qualify(out->scope, called);
  return out;
}

tree_binder::maybe_rows tree_binder::named(const table_item& item) {
  const auto& text = item.table.text;
  const auto hiding =
      std::find_if(visible_.rbegin(), visible_.rend(), [&](const common& c) { return c.table == text; });
  if (hiding != visible_.rend()) return hiding->content;
  if (const auto* scope = scope_(text)) {
    rows out;
    out.scope = *scope;
    out.scope.bound.used.assign(scope->bound.columns.size(), false);
    qualify(out.scope, text);
    for (std::size_t i = 0; i < scope->bound.columns.size(); ++i) out.origins.push_back(origin{text, i});
    out.made_by =
        make(logical_kind::scan, fmt::format("{}.{}", scope->bound.schema, scope->bound.table), {}, {}, out.scope);
    return out;
  }
  const auto view = std::find_if(program_.views.begin(), program_.views.end(),
                                 [&](const view_declaration& v) { return v.view.text == text; });
  if (view == program_.views.end()) return std::nullopt; // said by outline_of, or by the table's own fault
  return of_view(item.table, *view);
}

/// The columns of `right` behind those of `left`, and none of them used yet.
void tree_binder::put_beside(rows& left, const rows& right) {
  auto& to = left.scope;
  to.hidden.resize(to.bound.columns.size(), false);
  for (std::size_t i = 0; i < right.scope.bound.columns.size(); ++i) {
    add_column(to, right.scope.bound.columns[i], right.scope.qualifiers[i]);
    to.faults.back() = right.scope.faults[i];
    to.hidden.push_back(!right.scope.hidden.empty() && right.scope.hidden[i]);
    left.origins.push_back(right.origins[i]);
  }
  to.bound.used.assign(to.bound.columns.size(), false);
}

tree_binder::maybe_rows tree_binder::joined(const table_item& join, rows left, rows right) {
  const auto width = left.scope.bound.columns.size();
  rows both = std::move(left);
  auto& to = both.scope;
  put_beside(both, right);
  std::vector<expression> values;
  if (join.natural || !join.using_columns.empty() || join.on) {
    auto condition = join_condition(join, both, width);
    if (!condition) return std::nullopt;
    mark_used(both, to);
    values.push_back(*std::move(condition));
  }
  for (std::size_t i = 0; i < to.bound.columns.size(); ++i) {
    const bool on_left = i < width;
    const bool may_be_missing = join.kind == join_kind::full || (join.kind == join_kind::left && !on_left) ||
                                (join.kind == join_kind::right && on_left);
    if (may_be_missing) to.bound.columns[i].not_null = false;
  }
  const bool runs = lacks(join.where, std::string(word_of(join.kind)) + "s");
  auto does = std::string(word_of(join.kind)) + (values.empty() ? "" : " on " + list_of(values, to));
  both.made_by = make(logical_kind::join, std::move(does), std::move(values), {both.made_by, right.made_by}, to, runs);
  return both;
}

std::optional<expression> tree_binder::join_condition(const table_item& join, rows& both, std::size_t left) {
  if (join.on) return expression_binder(both.scope, "", found_).bind_condition(*join.on);
  auto columns = join.using_columns;
  if (join.natural) {
    const auto& all = both.scope.bound.columns;
    for (std::size_t i = 0; i < left; ++i)
      if (std::any_of(all.begin() + static_cast<std::ptrdiff_t>(left), all.end(),
                      [&](const catalog_column& c) { return c.name == all[i].name; }))
        columns.push_back({all[i].name, join.where});
  }
  if (join.kind == join_kind::full)
    return report(code::not_supported_yet, join.where, "not supported yet: full join with columns of one name",
                  "write: full join … on a.x = b.x, and select coalesce(a.x, b.x)");
  return equal_columns(columns, both, left);
}

/// The columns of one name on both sides are equal, and are one where no table is named: that of the side that is
/// there.
std::optional<expression> tree_binder::equal_columns(const std::vector<name>& columns, rows& both, std::size_t left) {
  for (const auto& column : columns) {
    const auto& all = both.scope.bound.columns;
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(left);
    const auto is_it = [&](const catalog_column& c) { return c.name == column.text; };
    for (const bool on_left : {true, false}) {
      const auto times = std::count_if(on_left ? all.begin() : middle, on_left ? middle : all.end(), is_it);
      if (times != 1)
        return report(code::unknown_column, column.where,
                      fmt::format("the {} side of this join has {} \"{}\"", on_left ? "left" : "right",
                                  times == 0 ? "no column" : "several columns", column.text));
    }
  }
  // Names that nobody can write.
  const std::string sides[]{"\x01left", "\x01right"};
  const auto qualifiers = both.scope.qualifiers;
  for (std::size_t i = 0; i < qualifiers.size(); ++i) both.scope.qualifiers[i] = sides[i < left ? 0 : 1];
  std::vector<syntax_expression> all_equal;
  for (const auto& column : columns) {
    syntax_expression equal;
    equal.form = form::binary;
    equal.text = "=";
    equal.where = column.where;
    for (const auto& side : sides) {
      syntax_expression one;
      one.form = form::column;
      one.where = column.where;
      one.names = {{side, column.where}, column};
      equal.args.push_back(std::move(one));
    }
    all_equal.push_back(std::move(equal));
  }
  syntax_expression always;
  always.form = form::boolean;
  always.text = "true";
  const auto condition = conjunction_of(std::move(all_equal)).value_or(always);
  auto bound = expression_binder(both.scope, "", found_).bind_condition(condition);
  both.scope.qualifiers = qualifiers;
  const auto& names = both.scope.bound.columns;
  for (std::size_t i = left; i < names.size(); ++i)
    if (std::any_of(columns.begin(), columns.end(), [&](const name& c) { return c.text == names[i].name; }))
      both.scope.hidden[i] = true;
  return bound;
}

} // namespace weir::dsl
