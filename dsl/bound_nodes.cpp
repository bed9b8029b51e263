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

expression call_of(function f, type_id type, std::vector<expression> args) {
  auto out = node_of(operation::call, type, std::move(args));
  out.function = f;
  return out;
}

std::size_t nodes_in(const expression& e) {
  std::size_t nodes = 1;
  for (const auto& arg : e.args) nodes += nodes_in(arg);
  return nodes;
}

std::string type_text(const operand& o) { return o.untyped ? "a string" : to_sql(without_modifier(o.value.type)); }

} // namespace weir::dsl
