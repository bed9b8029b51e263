#include "dsl/syntax.hpp"

#include <algorithm>
#include <iterator>

namespace weir::dsl {
namespace {

template <class T>
void move_behind(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// Names that `with` gives hide sources, in what follows them and in the query itself.
void collect(const query& q, std::vector<std::string> hidden, std::vector<name>& found);

void collect(const syntax_expression& e, const std::vector<std::string>& hidden, std::vector<name>& found) {
  if (e.subquery) collect(*e.subquery, hidden, found);
  for (const auto* below : {&e.args, &e.filter})
    for (const auto& arg : *below) collect(arg, hidden, found);
}

void collect(const table_item& item, const std::vector<std::string>& hidden, std::vector<name>& found) {
  for (const auto& side : item.sides) collect(side, hidden, found);
  if (item.subquery) collect(*item.subquery, hidden, found);
  if (item.sides.empty() && !item.subquery && std::find(hidden.begin(), hidden.end(), item.table.text) == hidden.end())
    found.push_back(item.table);
  if (item.on) collect(*item.on, hidden, found);
}

/// What a select computes, one expression after the other.
template <class Visit>
void for_expressions(const select_statement& select, Visit visit) {
  for (const auto& item : select.items)
    if (!item.star) visit(item.value);
  if (select.where) visit(*select.where);
  for (const auto* some : {&select.distinct_on, &select.group_by})
    for (const auto& e : *some) visit(e);
  if (select.having) visit(*select.having);
}

void collect(const query& q, std::vector<std::string> hidden, std::vector<name>& found) {
  for (const auto& table : q.with) {
    if (q.recursive) hidden.push_back(table.table.text);
    collect(*table.body, hidden, found);
    if (!q.recursive) hidden.push_back(table.table.text);
  }
  for (const auto& side : q.sides) collect(side, hidden, found);
  const auto of = [&](const syntax_expression& e) { collect(e, hidden, found); };
  for (const auto& item : q.order_by) of(item.value);
  for (const auto* count : {&q.limit, &q.offset})
    if (*count) of(**count);
  if (!q.select) return;
  for (const auto& item : q.select->from) collect(item, hidden, found);
  for_expressions(*q.select, of);
}

} // namespace

std::vector<name> tables_read(const query& q) {
  std::vector<name> found;
  collect(q, {}, found);
  return found;
}

bool holds_subquery(const syntax_expression& e) {
  const auto holds = [](const syntax_expression& below) { return holds_subquery(below); };
  return e.subquery || std::any_of(e.args.begin(), e.args.end(), holds) ||
         std::any_of(e.filter.begin(), e.filter.end(), holds);
}

bool holds_subquery(const select_statement& select) {
  bool any = false;
  for_expressions(select, [&](const syntax_expression& e) { any = any || holds_subquery(e); });
  return any;
}

std::vector<syntax_expression> conjuncts_of(const syntax_expression& condition) {
  if (condition.form != form::binary || condition.text != "and") return {condition};
  std::vector<syntax_expression> out;
  for (const auto& side : condition.args) {
    auto some = conjuncts_of(side);
    move_behind(out, some);
  }
  return out;
}

std::optional<syntax_expression> conjunction_of(std::vector<syntax_expression> conditions) {
  if (conditions.empty()) return std::nullopt;
  auto out = std::move(conditions.front());
  for (std::size_t i = 1; i < conditions.size(); ++i) {
    syntax_expression both;
    both.form = form::binary;
    both.text = "and";
    both.where = join(out.where, conditions[i].where);
    both.args.push_back(std::move(out));
    both.args.push_back(std::move(conditions[i]));
    out = std::move(both);
  }
  return out;
}

bool syntax::is_broken(const std::string& text) const {
  return std::find(broken_names.begin(), broken_names.end(), text) != broken_names.end();
}

void append(syntax& to, syntax more) {
  move_behind(to.pipelines, more.pipelines);
  move_behind(to.clusters, more.clusters);
  move_behind(to.sources, more.sources);
  move_behind(to.views, more.views);
  move_behind(to.sinks, more.sinks);
  move_behind(to.supervises, more.supervises);
  move_behind(to.includes, more.includes);
  move_behind(to.memories, more.memories);
  move_behind(to.tests, more.tests);
  move_behind(to.broken_names, more.broken_names);
  to.broken = to.broken || more.broken;
}

} // namespace weir::dsl
