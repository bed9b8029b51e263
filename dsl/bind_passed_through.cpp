#include <fmt/format.h>

#include "dsl/bind_expression.hpp"
#include "dsl/bound_nodes.hpp"
#include "dsl/column_type.hpp"

// Values of types that weir does not know: what is equal is told by their texts.
namespace weir::dsl {

std::optional<operand> expression_binder::compare_passed_through(operation op, operand left, operand right,
                                                                 span where) {
  const auto type = is_passed_through(left.value.type.id) ? left.value.type : right.value.type;
  if (type.id == type_id::opaque)
    return report(code::unsupported_type, where,
                  fmt::format("weir cannot tell which values of type {} are equal", type.name),
                  "it passes them through: count(x), x is null");
  if (op != operation::equal && op != operation::not_equal)
    return report(code::unsupported_type, where,
                  fmt::format("weir does not know the order of values of type {}", type.name),
                  "there are =, <> and in");
  if (!equal_by_bytes(left) || !equal_by_bytes(right)) return std::nullopt;
  for (auto* side : {&left, &right}) {
    if (!side->untyped) {
      if (side->value.type == type) continue;
      return report(code::type_mismatch, where,
                    fmt::format("{} and {} cannot be compared", type_text(left), type_text(right)));
    }
    const auto& text = side->value.literal_text;
    if (!side->value.literal_is_null && !is_written_so(type, text))
      return report(code::unwritten_literal, side->where,
                    fmt::format("whether '{}' is how PostgreSQL writes this {} cannot be told here", text, type.name),
                    "compare with a column of the same type");
    side->value.type = type;
    side->untyped = false;
  }
  return operand{node_over(op, type_id::boolean, std::move(left.value), std::move(right.value)), false, where};
}

} // namespace weir::dsl
