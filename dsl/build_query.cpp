#include "dsl/build_query.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dsl/build_expression.hpp"
#include "dsl/grammar.hpp"

namespace weir::dsl {
namespace {

namespace g = grammar;

class query_builder {
public:
  explicit query_builder(word_builder& words) : words_(words) {}

  query build(const tree& node) {
    std::size_t at = 0;
    std::vector<common_table> with;
    bool recursive = false;
    if (node.children[at]->is_type<g::with_part>()) with = common_tables(*node.children[at++], recursive);
    auto q = set_expression(*node.children[at++]);
    const bool parted = at < node.children.size() || !with.empty();
    if (!parted) return q; // it may be one in parentheses, with all that belongs to it
    // What belongs to a query in parentheses stays there: (select … limit 1) order by x
    if (q.order_where || !q.with.empty()) q = derived(std::move(q));
    for (const auto& table : with) q.height = std::max(q.height, table.body->height + 1);
    q.with = std::move(with);
    q.recursive = recursive;
    for (; at < node.children.size(); ++at) behind(*node.children[at], q);
    return q;
  }

private:
  /// Reports the first of a file.
  bool is_too_high(std::uint32_t height, span where) {
    if (height <= max_expression_height) return false;
    if (!too_high_)
      words_.error(code::nested_too_deep, where,
                   fmt::format("more than {} joins or queries are put together", max_expression_height),
                   "make views of parts of them");
    too_high_ = true;
    return true;
  }

  /// select * from (the query)
  static query derived(query inner) {
    query q;
    q.where = inner.where;
    table_item table;
    table.where = inner.where;
    table.height = q.height = inner.height + 1;
    table.subquery = std::make_shared<const query>(std::move(inner));
    select_item star;
    star.star = true;
    star.value.where = q.where;
    q.select.emplace();
    q.select->items.push_back(std::move(star));
    q.select->from.push_back(std::move(table));
    return q;
  }

  std::vector<common_table> common_tables(const tree& node, bool& recursive) {
    std::vector<common_table> out;
    for (const auto& child : node.children) {
      if (child->is_type<g::recursive_word>()) {
        recursive = true;
        continue;
      }
      common_table table{words_.name_from(*child->children.front()), {}, nullptr};
      for (const auto& part : child->children) {
        if (part->is_type<g::column_names>()) table.column_names = names(*part, 0);
        if (part->is_type<g::nested_query>()) table.body = shared(*part);
      }
      out.push_back(std::move(table));
    }
    return out;
  }

  /// Of a nested_query, or of what it came down to.
  std::shared_ptr<const query> shared(const tree& nested) { return std::make_shared<const query>(inside(nested)); }
  query inside(const tree& nested) { return build(*nested.children[1]); }

  query set_expression(const tree& node) {
    if (node.is_type<g::select_core>()) return select(node);
    if (node.is_type<g::nested_query>()) return inside(node);
    auto left = set_expression(*node.children.front());
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      const tree& word = *node.children[i++];
      query q;
      q.where = left.where;
      q.operation_where = words_.span_of(word);
      q.operation = word.is_type<g::union_word>()       ? set_operation::unite
                    : word.is_type<g::intersect_word>() ? set_operation::intersect
                                                        : set_operation::except;
      if (node.children[i]->is_type<g::all_word>()) {
        q.all = true;
        ++i;
      }
      auto right = set_expression(*node.children[i]);
      q.height = std::max(left.height, right.height) + 1;
      if (is_too_high(q.height, q.operation_where)) return right;
      q.sides.push_back(std::move(left));
      q.sides.push_back(std::move(right));
      left = std::move(q);
    }
    return left;
  }

  query select(const tree& node) {
    query q;
    q.where = words_.span_of(*node.children.front());
    auto& s = q.select.emplace();
    for (const auto& part : node.children) {
      if (part->is_type<g::distinct_word>())
        s.distinct = words_.span_of(*part);
      else if (part->is_type<g::distinct_on>())
        s.distinct_on = expressions(*part);
      else if (part->is_type<g::select_list>())
        for (const auto& item : part->children) s.items.push_back(item_of(*item));
      else if (part->is_type<g::from_list>())
        for (const auto& item : part->children) s.from.push_back(table(*item));
      else if (part->is_type<g::where_part>())
        s.where = build_expression(*part->children.front(), words_);
      else if (part->is_type<g::group_part>())
        s.group_by = expressions(*part);
      else if (part->is_type<g::having_part>()) {
        s.having_where = words_.span_of(*part->children.front());
        s.having = build_expression(*part->children.back(), words_);
      }
    }
    for (const auto& item : s.from) q.height = std::max(q.height, item.height);
    const auto include = [&](const syntax_expression& e) {
      if (holds_subquery(e)) q.height = std::max(q.height, e.height);
    };
    for (const auto& item : s.items) include(item.value);
    for (const auto& key : s.group_by) include(key);
    for (const auto* condition : {&s.where, &s.having})
      if (*condition) include(**condition);
    return q;
  }

  std::vector<syntax_expression> expressions(const tree& node) {
    std::vector<syntax_expression> out;
    for (const auto& child : node.children)
      if (!child->is_type<g::close_mark>()) out.push_back(build_expression(*child, words_));
    return out;
  }

  select_item item_of(const tree& node) {
    select_item item;
    const tree& first = *node.children.front();
    if (first.is_type<g::star_item>()) {
      item.star = true;
      item.value.where = words_.span_from(*first.children.front(), *first.children.back());
      if (first.children.size() > 1) item.star_of = words_.name_from(*first.children.front());
      return item;
    }
    item.value = build_expression(first, words_);
    if (node.children.size() > 1) item.alias = words_.name_from(*node.children.back()->children.front());
    return item;
  }

  table_item table(const tree& node) {
    if (node.is_type<g::named_table>()) return named(node);
    if (node.is_type<g::table_query>()) return subquery(node);
    if (node.is_type<g::table_group>()) return table(*node.children.front());
    auto left = table(*node.children.front());
    for (std::size_t i = 1; i < node.children.size(); ++i) left = join(std::move(left), *node.children[i]);
    return left;
  }

  table_item named(const tree& node) {
    table_item item;
    item.table = words_.name_from(*node.children.front());
    item.where = item.table.where;
    if (node.children.size() > 1) alias(*node.children.back(), item);
    return item;
  }

  table_item subquery(const tree& node) {
    table_item item;
    for (const auto& part : node.children) {
      if (part->is_type<g::lateral_word>()) item.lateral = true;
      if (part->is_type<g::table_alias>()) alias(*part, item);
      if (!part->is_type<g::nested_query>()) continue;
      item.where = words_.span_of(*part->children.front());
      item.subquery = shared(*part);
      item.height = item.subquery->height + 1;
    }
    return item;
  }

  void alias(const tree& node, table_item& item) {
    item.alias = words_.name_from(*node.children.front());
    if (node.children.size() > 1) item.column_names = names(*node.children.back(), 0);
  }

  table_item join(table_item left, const tree& node) {
    table_item item;
    const tree& words = *node.children.front();
    item.where = words_.span_from(*words.children.front(), *words.children.back());
    for (const auto& word : words.children) {
      if (word->is_type<g::natural_word>()) item.natural = true;
      if (word->is_type<g::left_word>()) item.kind = join_kind::left;
      if (word->is_type<g::right_word>()) item.kind = join_kind::right;
      if (word->is_type<g::full_word>()) item.kind = join_kind::full;
      if (word->is_type<g::cross_word>()) item.kind = join_kind::cross;
    }
    auto right = table(*node.children[1]);
    item.height = std::max(left.height, right.height) + 1;
    if (is_too_high(item.height, item.where)) return right;
    item.sides.push_back(std::move(left));
    item.sides.push_back(std::move(right));
    if (node.children.size() < 3) return item;
    const tree& condition = *node.children.back();
    if (condition.is_type<g::on_part>())
      item.on = build_expression(*condition.children.front(), words_);
    else
      item.using_columns = names(condition, 0);
    return item;
  }

  std::vector<name> names(const tree& node, std::size_t from) {
    std::vector<name> out;
    for (; from < node.children.size(); ++from)
      if (!node.children[from]->is_type<g::close_mark>()) out.push_back(words_.name_from(*node.children[from]));
    return out;
  }

  void behind(const tree& node, query& q) {
    const auto where = words_.span_of(*node.children.front());
    if (!q.order_where) q.order_where = where;
    if (node.is_type<g::order_part>()) {
      for (std::size_t i = 1; i < node.children.size(); ++i) q.order_by.push_back(order(*node.children[i]));
      return;
    }
    auto& target = node.is_type<g::offset_part>() ? q.offset : q.limit;
    if (target)
      words_.error(code::declared_twice, where, "the number of rows is given twice",
                   "one limit and one offset are enough");
    // `fetch first row only` is one row, `limit all` is none.
    if (node.children.size() > 1 && !node.children.back()->is_type<g::all_word>())
      target = build_expression(*node.children.back(), words_);
    else if (node.is_type<g::fetch_part>())
      target = one_row(where);
  }

  static syntax_expression one_row(span where) {
    syntax_expression e;
    e.form = form::integer;
    e.text = "1";
    e.where = where;
    return e;
  }

  order_item order(const tree& node) {
    order_item item;
    item.value = build_expression(*node.children.front(), words_);
    for (const auto& word : node.children) {
      if (word->is_type<g::descending_word>()) item.descending = true;
      if (word->is_type<g::first_word>()) item.nulls_first = true;
      if (word->is_type<g::last_word>()) item.nulls_first = false;
    }
    return item;
  }

  word_builder& words_;
  bool too_high_ = false;
};

} // namespace

query build_query(const tree& node, word_builder& words) { return query_builder(words).build(node); }

} // namespace weir::dsl
