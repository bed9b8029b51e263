#include "dsl/bound_nodes.hpp"

#include <algorithm>

namespace weir::dsl {

expression node_of(operation op, type_id type, std::vector<expression> args) {
  expression e;
  e.op = op;
  e.type = {type, -1};
  e.nullable = std::any_of(args.begin(), args.end(), [](const expression& a) { return a.nullable; });
  e.args = std::move(args);
  return e;
}

std::size_t nodes_in(const expression& e) {
  std::size_t nodes = 1;
  for (const auto& arg : e.args) nodes += nodes_in(arg);
  return nodes;
}

std::string type_text(const operand& o) { return o.untyped ? "a string" : to_sql(data_type{o.value.type.id, -1}); }

} // namespace weir::dsl
