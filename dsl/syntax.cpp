#include "dsl/syntax.hpp"

#include <algorithm>
#include <iterator>

namespace weir::dsl {
namespace {

template <class T>
void move_behind(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

} // namespace

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
  move_behind(to.broken_names, more.broken_names);
  to.broken = to.broken || more.broken;
}

} // namespace weir::dsl
