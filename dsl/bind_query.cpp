#include "dsl/bind_query.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/column_name.hpp"
#include "dsl/column_type.hpp"
#include "dsl/identifier.hpp"
#include "dsl/types.hpp"

namespace weir::dsl {
namespace {

/// Why a column that a star brings cannot be used.
std::optional<diagnostic> fault_of(const select_item& item, const source_scope& from) {
  if (!item.star) return std::nullopt;
  const auto names = from.column_names();
  const auto at = std::find(names.begin(), names.end(), item.value.names.front().text);
  return from.faults[static_cast<std::size_t>(at - names.begin())];
}

} // namespace

catalog_column column_of(const std::string& called, const expression& value, const source_scope& from) {
  catalog_column column;
  column.name = called;
  give_type(column, value.type);
  column.not_null = !value.nullable;
  const auto undetermined = nondeterministic_column(value, from);
  column.collation = {own_collation(value, from), undetermined.empty()};
  column.cases = letters_of(from);
  return column;
}

bool rename(source_scope& scope, const std::string& called, const std::vector<name>& columns, diagnostics& found) {
  const auto width = scope.bound.columns.size();
  if (columns.size() > width) {
    found.push_back({severity::error,
                     code::unknown_column,
                     columns[width].where,
                     fmt::format("\"{}\" has {} columns, and {} names are given", called, width, columns.size()),
                     {}});
    return false;
  }
  for (std::size_t i = 0; i < columns.size(); ++i) scope.bound.columns[i].name = columns[i].text;
  return true;
}

bool makes_groups(const select_statement& select) {
  return select.distinct || select.having || !select.group_by.empty() ||
         std::any_of(select.items.begin(), select.items.end(),
                     [](const select_item& item) { return holds_aggregate(item.value); });
}

name output_name(const select_item& item) {
  if (item.alias) return *item.alias;
  return {column_name_of(item.value), item.value.where};
}

std::nullopt_t relation_binder::report(code c, span where, std::string message, std::string hint) {
  found_.push_back({severity::error, c, where, std::move(message), std::move(hint)});
  return std::nullopt;
}

std::nullopt_t relation_binder::without_operator() {
  lacks_operator_ = true;
  return std::nullopt;
}

std::nullopt_t relation_binder::refuse(span where, const std::string& what, std::string hint) {
  return report(code::not_supported_yet, where, "not supported yet: " + what, std::move(hint));
}

const select_statement* relation_binder::plain_select(const query& q) {
  bool refused = false;
  if (q.recursive && !q.with.empty()) {
    refuse(q.with.front().table.where, "recursive queries");
    refused = true;
  }
  if (!q.order_by.empty() && !q.limit && !q.offset) {
    refuse(*q.order_where, "order by", "a view is a table, order it where it is read");
    refused = true;
  } else if (q.order_where) {
    lacks_operator_ = refused = true;
  }
  if (!q.select) {
    lacks_operator_ = true;
    return nullptr;
  }
  const auto& s = *q.select;
  if (!s.distinct_on.empty()) {
    refuse(*s.distinct, "distinct on", "group by these expressions, and aggregate the others");
    refused = true;
  }
  if (holds_subquery(s)) {
    lacks_operator_ = true;
    return nullptr;
  }
  return refused ? nullptr : &s;
}

std::optional<relation> relation_binder::read_by(const query& q) {
  const auto outer = visible_.size();
  for (const auto& table : q.with) {
    auto rows = of_query(*table.body, table.table.text);
    if (rows && !rename(rows->scope, table.table.text, table.column_names, found_)) rows.reset();
    visible_.push_back({table.table.text, std::move(rows)});
  }
  std::optional<relation> from;
  if (q.select && q.select->from.size() == 1)
    from = of(q.select->from.front());
  else
    lacks_operator_ = true;
  visible_.resize(outer);
  return from;
}

std::optional<relation> relation_binder::of(const table_item& item) {
  if (!item.sides.empty()) return without_operator();
  if (item.lateral) return refuse(item.where, "lateral");
  auto out = item.subquery ? of_query(*item.subquery, "") : named(item);
  if (!out) return std::nullopt;
  if (item.alias || !item.subquery) out->called = (item.alias ? *item.alias : item.table).text;
  if (!rename(out->scope, out->called, item.column_names, found_)) return std::nullopt;
  return out;
}

std::optional<relation> relation_binder::named(const table_item& item) {
  const auto& text = item.table.text;
  const auto hiding =
      std::find_if(visible_.rbegin(), visible_.rend(), [&](const common& c) { return c.table == text; });
  if (hiding != visible_.rend()) return hiding->rows;
  std::size_t place = 0;
  if (const auto* scope = scope_(text, place)) {
    relation out;
    out.source = place;
    out.scope = *scope;
    out.is_source = true;
    return out;
  }
  const auto view = std::find_if(program_.views.begin(), program_.views.end(),
                                 [&](const view_declaration& v) { return v.view.text == text; });
  if (view == program_.views.end()) return std::nullopt; // said by outline_of, or by the table's own fault
  return of_view(item.table, *view);
}

std::optional<relation> relation_binder::of_view(const name& written, const view_declaration& view) {
  const auto& text = view.view.text;
  if (const auto known = views_.find(text); known != views_.end()) {
    lacks_operator_ = lacks_operator_ || lacking_.contains(text);
    return known->second;
  }
  if (!open_.insert(text).second)
    return report(code::unknown_source, written.where, fmt::format("view \"{}\" would read itself", text),
                  "views read sources, and views that do not read them in turn");
  const auto outer = std::exchange(visible_, {});
  const auto lacked = std::exchange(lacks_operator_, false);
  auto bound = of_query(view.query, text);
  if (lacks_operator_) lacking_.insert(text);
  lacks_operator_ = lacks_operator_ || lacked;
  visible_ = outer;
  open_.erase(text);
  views_[text] = bound;
  return bound;
}

void relation_binder::check(const view_declaration& view) { (void)of_view(view.view, view); }

/// A query whose rows are computed each from one row of what it reads.
std::optional<relation> relation_binder::of_query(const query& q, const std::string& called) {
  const auto* select = plain_select(q);
  const auto from = read_by(q);
  if (select == nullptr || !from) return std::nullopt;
  if (makes_groups(*select)) return without_operator();
  relation out;
  out.source = from->source;
  out.filters = from->filters;
  out.scope.bound.name = called;
  out.called = called;
  if (!add_columns(*select, *from, out)) return std::nullopt;
  return out;
}

bool relation_binder::add_columns(const select_statement& select, const relation& from, relation& out) {
  const auto items = items_of(select, from);
  if (!items) return false;
  auto scope = from.scope;
  expression_binder expressions(scope, from.called, found_);
  bool all_bound = true;
  if (select.where) {
    auto filter = expressions.bind_condition(*select.where);
    all_bound = filter.has_value();
    if (filter) out.filters.push_back(from.over_source(*std::move(filter)));
  }
  auto& to = out.scope;
  for (const auto& item : *items) {
    const auto called = output_name(item).text;
    if (const auto fault = fault_of(item, from.scope)) {
      // Only who uses such a column is wrong.
      to.bound.columns.emplace_back().name = called;
      to.faults.push_back(fault);
      out.columns.emplace_back();
      continue;
    }
    auto value = expressions.bind_value(item.value);
    all_bound = all_bound && value;
    if (!value) continue;
    to.bound.columns.push_back(column_of(called, *value, scope));
    to.faults.emplace_back();
    out.columns.push_back(from.over_source(*std::move(value)));
  }
  to.bound.used.assign(out.columns.size(), false);
  return all_bound;
}

std::optional<std::vector<select_item>> relation_binder::items_of(const select_statement& select,
                                                                  const relation& from) {
  std::vector<select_item> out;
  for (const auto& item : select.items) {
    if (!item.star) {
      out.push_back(item);
      continue;
    }
    if (item.star_of && item.star_of->text != from.called)
      return report(code::unknown_source, item.star_of->where,
                    fmt::format("this view reads no \"{}\"", item.star_of->text),
                    fmt::format("it reads \"{}\"", from.called));
    for (const auto& column : from.scope.bound.columns) {
      auto one = item;
      one.value.form = form::column;
      one.value.names = {{column.name, item.value.where}};
      out.push_back(std::move(one));
    }
  }
  return out;
}

} // namespace weir::dsl
