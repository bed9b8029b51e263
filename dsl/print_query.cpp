#include <fmt/format.h>

#include "dsl/identifier.hpp"
#include "dsl/print.hpp"
#include "dsl/print_words.hpp"

namespace weir::dsl {
namespace {

std::string item_text(const select_item& item) {
  if (item.star) return item.star_of ? display_name(item.star_of->text) + ".*" : "*";
  auto out = print(item.value);
  if (item.alias) out += " as " + display_name(item.alias->text);
  return out;
}

std::string alias_text(const table_item& item) {
  if (!item.alias) return {};
  auto out = " as " + display_name(item.alias->text);
  if (!item.column_names.empty()) out += fmt::format(" ({})", print_words::names(item.column_names));
  return out;
}

std::string join_words(const table_item& join) {
  std::string out = join.natural ? "natural " : "";
  switch (join.kind) {
    case join_kind::inner: break;
    case join_kind::left: out += "left "; break;
    case join_kind::right: out += "right "; break;
    case join_kind::full: out += "full "; break;
    case join_kind::cross: out += "cross "; break;
  }
  return out + "join";
}

/// Joins are read from the left: only one on the right of another needs parentheses.
std::string table_text(const table_item& item, bool is_right = false) {
  if (!item.sides.empty()) {
    auto out = fmt::format("{} {} {}", table_text(item.sides[0]), join_words(item), table_text(item.sides[1], true));
    if (item.on) out += " on " + print(*item.on);
    if (!item.using_columns.empty()) out += fmt::format(" using ({})", print_words::names(item.using_columns));
    return is_right ? '(' + out + ')' : out;
  }
  if (!item.subquery) return display_name(item.table.text) + alias_text(item);
  return fmt::format("{}({}){}", item.lateral ? "lateral " : "", print(*item.subquery), alias_text(item));
}

std::string select_text(const select_statement& s) {
  std::string out = "select ";
  if (s.distinct) out += "distinct ";
  if (!s.distinct_on.empty()) out += fmt::format("on ({}) ", print_words::expressions(s.distinct_on));
  for (std::size_t i = 0; i < s.items.size(); ++i) out += (i > 0 ? ", " : "") + item_text(s.items[i]);
  for (std::size_t i = 0; i < s.from.size(); ++i) out += (i > 0 ? ", " : " from ") + table_text(s.from[i]);
  if (s.where) out += " where " + print(*s.where);
  if (!s.group_by.empty()) out += " group by " + print_words::expressions(s.group_by);
  if (s.having) out += " having " + print(*s.having);
  return out;
}

bool has_range(const query& q) { return !q.order_by.empty() || q.limit || q.offset; }

/// What stands before or behind a query goes with it only in parentheses; so does a union below an intersection, and
/// whatever is put together on the right.
std::string side_text(const query& side, set_operation above, bool is_right) {
  const auto binds = [](set_operation o) { return o == set_operation::intersect ? 2 : 1; };
  const int least = binds(above) + (is_right ? 1 : 0);
  const bool looser = !side.select && binds(side.operation) < least;
  const bool enclosed = !side.with.empty() || has_range(side) || looser;
  return enclosed ? '(' + print(side) + ')' : print(side);
}

std::string set_text(const query& q) {
  const char* word = q.operation == set_operation::unite       ? "union"
                     : q.operation == set_operation::intersect ? "intersect"
                                                               : "except";
  return fmt::format("{} {}{} {}", side_text(q.sides[0], q.operation, false), word, q.all ? " all" : "",
                     side_text(q.sides[1], q.operation, true));
}

std::string order_text(const order_item& item) {
  auto out = print(item.value);
  if (item.descending) out += " desc";
  if (item.nulls_first) out += *item.nulls_first ? " nulls first" : " nulls last";
  return out;
}

std::string with_text(const query& q) {
  std::string out;
  for (const auto& table : q.with) {
    out += out.empty() ? (q.recursive ? "with recursive " : "with ") : ", ";
    out += display_name(table.table.text);
    if (!table.column_names.empty()) out += fmt::format(" ({})", print_words::names(table.column_names));
    out += fmt::format(" as ({})", print(*table.body));
  }
  return out.empty() ? out : out + ' ';
}

} // namespace

std::string print(const query& q) {
  auto out = with_text(q) + (q.select ? select_text(*q.select) : set_text(q));
  for (std::size_t i = 0; i < q.order_by.size(); ++i) out += (i > 0 ? ", " : " order by ") + order_text(q.order_by[i]);
  if (q.limit) out += " limit " + print(*q.limit);
  if (q.offset) out += " offset " + print(*q.offset);
  return out;
}

} // namespace weir::dsl
