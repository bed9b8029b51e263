#include "runtime/expr/connective.hpp"

#include <algorithm>

namespace weir {

void connective_state::take_in(const operand& arg) {
  if (arg.scalar && arg.is_null(0)) { // of whatever type
    std::fill(unknown_.begin(), unknown_.end(), std::uint8_t{1});
    return;
  }
  const std::int64_t wanted = deciding_ ? 1 : 0;
  const std::size_t step = arg.scalar ? 0 : 1;
  const auto* nulls = arg.values->nulls.data();
  const auto* truths = arg.values->i64.data();
  auto* const decided = decided_.data();
  auto* const unknown = unknown_.data();
  for (std::size_t i = 0, rows = decided_.size(); i < rows; ++i, nulls += step, truths += step) {
    const auto null = static_cast<std::uint8_t>(*nulls != 0);
    decided[i] |= static_cast<std::uint8_t>((null ^ 1) & static_cast<std::uint8_t>(*truths == wanted));
    unknown[i] |= null;
  }
}

column connective_state::outcome() const {
  column out({type_id::boolean, -1});
  const auto rows = decided_.size();
  out.nulls.resize(rows);
  out.i64.resize(rows);
  const auto* const decided = decided_.data();
  const auto* const unknown = unknown_.data();
  const std::int64_t otherwise = deciding_ ? 0 : 1;
  auto* const nulls = out.nulls.data();
  auto* const truths = out.i64.data();
  for (std::size_t i = 0; i < rows; ++i) {
    nulls[i] = static_cast<std::uint8_t>(unknown[i] & (decided[i] ^ 1));
    truths[i] = decided[i] ^ otherwise;
  }
  return out;
}

void forget_errors(std::vector<row_error>& errors, std::size_t from, const std::vector<std::uint8_t>& out) {
  if (errors.size() == from) return;
  const auto begin = errors.begin() + static_cast<std::ptrdiff_t>(from);
  errors.erase(std::remove_if(begin, errors.end(), [&](const auto& e) { return out[e.row] != 0; }), errors.end());
}

column compute_connective(const prepared_node& node, const batch& input, std::size_t rows,
                          std::vector<row_error>& errors) {
  connective_state state(node.op == operation::logical_or, rows);
  for (const auto& arg : node.args) {
    const auto errors_before = errors.size();
    const auto value = compute(arg, input, rows, errors);
    // PostgreSQL stops at the argument that decides.
    forget_errors(errors, errors_before, state.decided());
    state.take_in(value.as_operand());
  }
  return state.outcome();
}

} // namespace weir
