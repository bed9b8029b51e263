#include "runtime/expr/expression.hpp"

namespace weir {

bool is_widening(const expression& e) noexcept {
  if (e.function == function::moment_of || e.function == function::small_letters || e.function == function::label_place)
    return true;
  if (e.op != operation::cast || e.type.typmod >= 0) return false;
  const auto from = e.args.front().type.id;
  const auto to = e.type.id;
  if (is_number(from) && is_number(to)) return from < to;
  return (is_string(from) && is_string(to)) || (from == type_id::date && to == type_id::timestamp) || from == to;
}

} // namespace weir
