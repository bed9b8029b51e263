#include "dsl/scope_columns.hpp"

#include "runtime/plan/explain.hpp"

namespace weir::dsl {

std::vector<source_column> columns_for_reading(const source_scope& scope) {
  std::vector<source_column> out;
  for (std::size_t i = 0; i < scope.bound.columns.size(); ++i) {
    const auto& q = scope.qualifiers[i];
    out.push_back({(q.empty() || q.front() == unwritable ? "" : q + ".") + scope.bound.columns[i].name, {}, false});
  }
  return out;
}

std::string list_of(const std::vector<expression>& values, const source_scope& scope) {
  const auto columns = columns_for_reading(scope);
  std::string out;
  for (const auto& v : values) out += (out.empty() ? "" : ", ") + describe(v, columns);
  return out;
}

void shift_columns(expression& e, std::size_t by) {
  if (e.op == operation::column) e.column_index += static_cast<std::int32_t>(by);
  for (auto& arg : e.args) shift_columns(arg, by);
}

void add_column(source_scope& scope, catalog_column column, const std::string& qualifier) {
  scope.bound.columns.push_back(std::move(column));
  scope.faults.emplace_back();
  scope.qualifiers.push_back(qualifier);
  scope.bound.used.push_back(false);
}

} // namespace weir::dsl
