#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runtime/expr/kernel.hpp"

namespace weir {

/// An expression node made ready: literals parsed, constant parts computed, kernels chosen.
struct prepared_node {
  operation op = operation::literal;
  weir::function function = weir::function::none;
  data_type type;
  data_type computed_as; ///< what the kernel computes; `type` may be another name for it
  std::int32_t column_index = -1;
  std::vector<prepared_node> args;
  kernel run = nullptr;                      ///< of operations with a kernel
  std::shared_ptr<const kernel_state> state; ///< what the kernel keeps of constant arguments
  std::optional<column> constant;            ///< of literals and all that is constant: one row
  std::optional<error> failure;              ///< of constant parts that fail: they do so on every row
};

/// Folds constants as PostgreSQL's planner does, so that the same rows fail: a strict operation on a null literal is
/// null whatever its other argument does, `false and x` is false, a constant part that fails does so on every row.
///
/// Errors   as evaluator::make.
result<prepared_node> prepare(const expression& e);

/// The value of a node over `rows` rows: the node's constant, the input's column or one of its own.
class node_value {
public:
  explicit node_value(const column* borrowed, bool scalar) : borrowed_(borrowed), scalar_(scalar) {}
  explicit node_value(column own) : own_(std::move(own)) {}

  const column& values() const noexcept { return borrowed_ != nullptr ? *borrowed_ : *own_; }
  bool is_scalar() const noexcept { return scalar_; }
  operand as_operand() const noexcept { return {&values(), scalar_}; }
  /// The values as a column of `rows` rows.
  column take(std::size_t rows) &&;

private:
  const column* borrowed_ = nullptr;
  std::optional<column> own_;
  bool scalar_ = false;
};

/// Computes a node; rows that fail have some value and one or more errors in `errors`, the first first.
node_value compute(const prepared_node& node, const batch& input, std::size_t rows, std::vector<row_error>& errors);

} // namespace weir
