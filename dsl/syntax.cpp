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

void collect(const table_item& item, const std::vector<std::string>& hidden, std::vector<name>& found) {
  for (const auto& side : item.sides) collect(side, hidden, found);
  if (item.subquery) collect(*item.subquery, hidden, found);
  if (item.sides.empty() && !item.subquery && std::find(hidden.begin(), hidden.end(), item.table.text) == hidden.end())
    found.push_back(item.table);
}

void collect(const query& q, std::vector<std::string> hidden, std::vector<name>& found) {
  for (const auto& table : q.with) {
    if (q.recursive) hidden.push_back(table.table.text);
    collect(*table.body, hidden, found);
    if (!q.recursive) hidden.push_back(table.table.text);
  }
  for (const auto& side : q.sides) collect(side, hidden, found);
  if (!q.select) return;
  for (const auto& item : q.select->from) collect(item, hidden, found);
}

} // namespace

std::vector<name> tables_read(const query& q) {
  std::vector<name> found;
  collect(q, {}, found);
  return found;
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
