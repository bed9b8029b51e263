#include "dsl/relation.hpp"

namespace weir::dsl {

expression relation::over_source(expression e) const {
  if (is_source) return e;
  if (e.op == operation::column) return columns[static_cast<std::size_t>(e.column_index)];
  for (auto& arg : e.args) arg = over_source(std::move(arg));
  return e;
}

void mark_used(const expression& e, bound_source& source) {
  if (e.op == operation::column) source.used[static_cast<std::size_t>(e.column_index)] = true;
  for (const auto& arg : e.args) mark_used(arg, source);
}

} // namespace weir::dsl
