#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bind_query.hpp"
#include "dsl/bind_tree.hpp"
#include "dsl/bind_view.hpp"
#include "dsl/bound_nodes.hpp"
#include "dsl/column_type.hpp"
#include "dsl/scope_columns.hpp"
#include "runtime/plan/explain.hpp"

// Subqueries in expressions become joins: `exists` and `in` of a WHERE keep or drop rows, all others add a column that
// no query can name, which takes the place of the subquery.
namespace weir::dsl {
namespace {

const char* text_of(form f) { return f == form::exists ? "exists (…)" : f == form::in_query ? "in (…)" : "(select …)"; }

/// The subquery that a condition is, or is the opposite of.
struct tested {
  const syntax_expression* subquery = nullptr;
  bool negated = false;
};

std::optional<tested> test_in(const syntax_expression& condition) {
  tested out{&condition, false};
  while (out.subquery->form == form::logical_not) {
    out.subquery = &out.subquery->args[0];
    out.negated = !out.negated;
  }
  if (out.subquery->form == form::in_query) out.negated = out.negated != out.subquery->negated;
  const bool is_one = out.subquery->form == form::in_query || out.subquery->form == form::exists;
  return is_one ? std::optional(out) : std::nullopt;
}

/// Does it name a column that is not the subquery's own, but one of the query around it?
bool reads_outer(const syntax_expression& e, const source_scope& own, const source_scope& outer) {
  if (e.form == form::column) return !own.has(e.names) && outer.has(e.names);
  const auto reads = [&](const syntax_expression& below) { return reads_outer(below, own, outer); };
  return std::any_of(e.args.begin(), e.args.end(), reads) || std::any_of(e.filter.begin(), e.filter.end(), reads);
}

/// A select whose rows are made one by one of what it reads, and given in no order.
const select_statement* plain_select(const query& q) {
  if (!q.select || !q.with.empty() || q.order_where) return nullptr;
  const auto& s = *q.select;
  return s.distinct || s.having || !s.group_by.empty() ? nullptr : &s;
}

/// A column in the place of what was bound already: its two names are a side and a place on it.
constexpr const char* left_side = "\x01left";
constexpr const char* right_side = "\x01right";

syntax_expression placed(const char* side, std::size_t place, span where) {
  syntax_expression e;
  e.form = form::column;
  e.where = where;
  e.names = {{side, where}, {std::to_string(place), where}};
  return e;
}

bool has_no_type(const syntax_expression& e) { return e.form == form::string || e.form == form::null; }

} // namespace

struct tree_binder::lookup {
  rows content;                              ///< what the subquery reads, or what it gives
  const select_statement* select = nullptr;  ///< its list is over content; null: content is what it gives
  std::vector<select_item> items;            ///< of select, without stars
  std::vector<syntax_expression> conditions; ///< over both sides
  std::vector<expression> left;              ///< of equalities: over the rows outside
  std::vector<expression> right;             ///< over content
  rows both;                                 ///< those outside, and content behind them
  std::size_t width = 0;                     ///< of the rows outside
  std::optional<expression> condition;       ///< over both

  std::size_t columns() const { return select ? items.size() : content.scope.bound.columns.size(); }
};

/// Takes the subqueries out of a select: rows come and go by them, and columns stand for them.
bool tree_binder::join_subqueries(select_statement& select, rows& from) {
  if (!holds_subquery(select)) return true;
  bool sound = filter_by_subqueries(select.where, from);
  for (auto& item : select.items) {
    if (!holds_subquery(item.value)) continue;
    if (!item.alias) item.alias = output_name(item);
    sound = take_subqueries(item.value, from) && sound;
  }
  for (auto& key : select.group_by) sound = take_subqueries(key, from) && sound;
  return sound;
}

bool tree_binder::filter_by_subqueries(std::optional<syntax_expression>& where, rows& from) {
  if (!where || !holds_subquery(*where)) return true;
  std::vector<syntax_expression> others;
  bool sound = true;
  for (auto& condition : conjuncts_of(*where)) {
    if (test_in(condition)) {
      sound = keep_found(condition, from) && sound;
      continue;
    }
    sound = take_subqueries(condition, from) && sound;
    others.push_back(std::move(condition));
  }
  where = conjunction_of(std::move(others));
  return sound;
}

bool tree_binder::take_subqueries(syntax_expression& e, rows& from) {
  bool sound = true;
  for (auto* below : {&e.args, &e.filter})
    for (auto& arg : *below) sound = take_subqueries(arg, from) && sound;
  if (!sound || !e.subquery) return sound;
  return e.form == form::scalar_query ? add_value(e, from) : add_found(e, from);
}

/// What rows outside are found by, and said of the join.
std::vector<expression> tree_binder::condition_of(const lookup& found, std::string& does) {
  if (!found.condition) {
    does += " with any row";
    return {};
  }
  does += " on " + list_of({*found.condition}, found.both.scope);
  return {*found.condition};
}

/// [not] exists, [not] in: a semi join or an anti join.
bool tree_binder::keep_found(const syntax_expression& condition, rows& from) {
  const auto test = *test_in(condition);
  auto e = *test.subquery;
  for (auto& arg : e.args)
    if (!take_subqueries(arg, from)) return false;
  const auto found = look_up(e, from);
  if (!found) return false;
  // `not in` is true only if no comparison is true, nor unknown
  std::string does = !test.negated ? "semi join" : e.form == form::exists ? "anti join" : "anti join, nulls count,";
  auto values = condition_of(*found, does);
  const bool runs = lacks(e.where, std::string(test.negated ? "not " : "") + text_of(e.form));
  from.made_by = make(logical_kind::join, std::move(does), std::move(values), {from.made_by, found->content.made_by},
                      from.scope, runs);
  return true;
}

/// `exists` and `in` anywhere else: a mark join, which adds what they are for each row.
bool tree_binder::add_found(syntax_expression& e, rows& from) {
  const auto found = look_up(e, from);
  if (!found) return false;
  std::string does = e.form == form::exists ? "mark join" : "mark join, nulls count,";
  auto values = condition_of(*found, does);
  const auto where = e.where;
  const bool negated = e.negated;
  const auto kind = e.form;
  auto input = from.made_by;
  add_hidden(e, {text_of(kind), data_type{type_id::boolean}, kind == form::in_query}, from);
  const bool runs = lacks(where, text_of(kind));
  from.made_by =
      make(logical_kind::join, std::move(does), std::move(values), {input, found->content.made_by}, from.scope, runs);
  if (!negated) return true;
  syntax_expression opposite;
  opposite.form = form::logical_not;
  opposite.where = where;
  opposite.args.push_back(std::move(e));
  e = std::move(opposite);
  return true;
}

/// A subquery as a value: a join that finds one row or none, or what the rows that it finds come to.
bool tree_binder::add_value(syntax_expression& e, rows& from) {
  auto found = look_up(e, from);
  if (!found) return false;
  if (found->columns() != 1) {
    report(code::type_mismatch, e.where,
           fmt::format("a subquery is a value if it has one column, this one has {}", found->columns()));
    return false;
  }
  std::string does = "single join";
  std::vector<expression> values;
  std::optional<logical_column> column;
  if (found->select && holds_aggregate(found->items[0].value)) {
    does = "group join";
    column = total_of(*found, does, values);
  } else if (auto value = value_of(*found, 0, e.where)) {
    column = logical_column{text_of(e.form), value->type, true};
    shift_columns(*value, found->width);
    values.push_back(*std::move(value));
    does += " of " + list_of(values, found->both.scope);
  }
  if (!column) return false;
  if (found->condition) {
    does += " on " + list_of({*found->condition}, found->both.scope);
    values.insert(values.begin(), *found->condition);
  }
  const auto where = e.where;
  auto input = from.made_by;
  add_hidden(e, *column, from);
  const bool runs = lacks(where, "a subquery as a value");
  from.made_by =
      make(logical_kind::join, std::move(does), std::move(values), {input, found->content.made_by}, from.scope, runs);
  return true;
}

/// A column of what a subquery gives, over content.
std::optional<expression> tree_binder::value_of(lookup& in, std::size_t place, span where) {
  auto scope = in.content.scope;
  if (in.select) {
    auto value = expression_binder(scope, "", found_).bind_value(in.items[place].value);
    mark_used(in.content, scope);
    return value;
  }
  if (const auto& fault = scope.faults[place]) return report(fault->code, where, fault->message, fault->hint);
  scope.bound.used[place] = true;
  mark_used(in.content, scope);
  expression value;
  value.op = operation::column;
  value.type = type_of_column(scope.bound.columns[place]);
  value.column_index = static_cast<std::int32_t>(place);
  value.nullable = !scope.bound.columns[place].not_null;
  return value;
}

/// The aggregates of a subquery over the rows that it finds for one row outside.
std::optional<logical_column> tree_binder::total_of(lookup& in, std::string& does, std::vector<expression>& values) {
  relation input;
  input.is_source = true;
  input.scope = in.content.scope;
  auto scope = in.content.scope;
  auto select = *in.select;
  select.where.reset(); // what is left of it is a condition of the join
  view_declaration named;
  named.view = {view_, in.items[0].value.where};
  const auto bound = bind_view(named, select, in.items, input, scope, found_);
  if (!bound) return std::nullopt;
  mark_used(in.content, scope);
  const auto& shown = bound->outputs.front();
  std::vector<std::string> totals;
  for (const auto& a : bound->aggregates) {
    const auto argument = a.argument ? list_of({*a.argument}, in.content.scope) : std::string("*");
    totals.push_back(fmt::format("{}({}{})", to_string(a.function), a.distinct ? "distinct " : "", argument));
    if (!a.argument) continue;
    values.push_back(*a.argument);
    shift_columns(values.back(), in.width);
  }
  does += fmt::format(": {}", fmt::join(totals, ", "));
  return logical_column{text_of(form::scalar_query), shown.type, !shown.not_null};
}

/// Puts a new column where a subquery was.
void tree_binder::add_hidden(syntax_expression& e, const logical_column& column, rows& to) {
  auto& scope = to.scope;
  const auto qualifier = unwritable + std::to_string(scope.bound.columns.size());
  scope.hidden.resize(scope.bound.columns.size(), false);
  catalog_column added;
  added.name = column.name;
  give_type(added, column.type);
  added.not_null = !column.nullable;
  add_column(scope, std::move(added), qualifier);
  scope.hidden.push_back(true);
  to.origins.emplace_back();
  syntax_expression stands_for;
  stands_for.form = form::column;
  stands_for.where = e.where;
  stands_for.names = {{qualifier, e.where}, {column.name, e.where}};
  e = std::move(stands_for);
}

/// Names are the subquery's own first: what they hide outside is found by none.
tree_binder::rows tree_binder::both_sides(const rows& outside, const rows& content) {
  rows both = outside;
  auto& scope = both.scope;
  const auto& own = content.scope;
  scope.hidden.resize(scope.bound.columns.size(), false);
  for (std::size_t i = 0; i < scope.bound.columns.size(); ++i) {
    scope.hidden[i] = scope.hidden[i] || own.has({{scope.bound.columns[i].name, {}}});
    if (std::find(own.qualifiers.begin(), own.qualifiers.end(), scope.qualifiers[i]) != own.qualifiers.end())
      scope.qualifiers[i] = fmt::format("{}{}", unwritable, scope.qualifiers[i]);
  }
  put_beside(both, content);
  return both;
}

std::optional<tree_binder::lookup> tree_binder::look_up(const syntax_expression& e, const rows& from) {
  lookup out;
  const auto around = std::exchange(outer_, std::make_shared<const source_scope>(from.scope));
  const bool opened = open(*e.subquery, from, out);
  outer_ = around;
  if (!opened || (out.select && !check_list(e, out))) return std::nullopt;
  if (e.form == form::in_query && !add_equalities(e, from, out)) return std::nullopt;
  out.width = from.scope.bound.columns.size();
  out.both = both_sides(from, out.content);
  auto& scope = out.both.scope;
  const auto condition = conjunction_of(out.conditions);
  if (!condition) return out;
  expression_binder binder(scope, "", found_);
  binder.resolve_first([&](const syntax_expression& one) -> std::optional<std::optional<operand>> {
    const bool is_left = one.form == form::column && one.names.front().text == left_side;
    if (!is_left && (one.form != form::column || one.names.front().text != right_side)) return std::nullopt;
    auto value = (is_left ? out.left : out.right)[std::stoul(one.names.back().text)];
    if (!is_left) shift_columns(value, out.width);
    return operand{std::move(value), false, one.where};
  });
  out.condition = binder.bind_condition(*condition);
  if (!out.condition) return std::nullopt;
  mark_used(out.both, scope);
  return out;
}

/// What a subquery reads, and which of its conditions are about the rows outside as well.
bool tree_binder::open(const query& q, const rows& from, lookup& out) {
  const auto whole = [&](maybe_rows given) {
    if (given) out.content = *std::move(given);
    return given.has_value();
  };
  const auto* select = plain_select(q);
  if (select == nullptr) return whole(of_query(q, ""));
  auto content = of_from(*select);
  if (!content) return false;
  std::vector<syntax_expression> own;
  if (select->where)
    for (auto& condition : conjuncts_of(*select->where))
      (reads_outer(condition, content->scope, from.scope) ? out.conditions : own).push_back(std::move(condition));
  if (out.conditions.empty()) return whole(selected(*select, *std::move(content), ""));
  auto items = items_of(*select, *content);
  auto where = conjunction_of(std::move(own));
  if (!items || !filter_by_subqueries(where, *content) || (where && !filter(*where, *content))) return false;
  out.content = *std::move(content);
  out.select = select;
  out.items = *std::move(items);
  return true;
}

/// Is the list of a subquery that reads the rows outside one that can be looked up?
bool tree_binder::check_list(const syntax_expression& e, const lookup& in) {
  if (e.form == form::scalar_query) return true;
  if (makes_groups(*in.select)) {
    report(code::not_supported_yet, in.items.front().value.where,
           "not supported yet: an aggregate in a subquery that reads the outer query, behind exists and in",
           "group in a query of its own, and join that");
    return false;
  }
  auto scope = in.content.scope;
  bool sound = true;
  for (const auto& item : in.select->items) // of `exists` it does not matter what they are, but they have to be
    sound = (item.star || expression_binder(scope, "", found_).bind_value(item.value)) && sound;
  return sound;
}

/// x in (select y …): what is found has y = x.
bool tree_binder::add_equalities(const syntax_expression& in, const rows& from, lookup& out) {
  const auto& left = in.args[0];
  const auto width = left.form == form::row ? left.args.size() : 1;
  if (out.columns() != width) {
    report(code::type_mismatch, in.where,
           fmt::format("the subquery has {} columns, and {} are looked for in it", out.columns(), width));
    return false;
  }
  auto outside = from.scope;
  std::vector<syntax_expression> equalities;
  for (std::size_t i = 0; i < width; ++i) {
    const auto& one = left.form == form::row ? left.args[i] : left;
    syntax_expression equal;
    equal.form = form::binary;
    equal.text = "=";
    equal.where = one.where;
    if (has_no_type(one)) {
      equal.args.push_back(one);
    } else {
      auto value = expression_binder(outside, "", found_).bind_value(one);
      if (!value) return false;
      equal.args.push_back(placed(left_side, out.left.size(), one.where));
      out.left.push_back(*std::move(value));
    }
    auto item = value_of(out, i, in.where);
    if (!item) return false;
    equal.args.push_back(placed(right_side, i, in.where));
    out.right.push_back(*std::move(item));
    equalities.push_back(std::move(equal));
  }
  mark_used(from, outside);
  out.conditions.insert(out.conditions.begin(), std::make_move_iterator(equalities.begin()),
                        std::make_move_iterator(equalities.end()));
  return true;
}

} // namespace weir::dsl
