#include "runtime/expr/connective.hpp"

#include <algorithm>

namespace weir {

void connective_state::take_in(const operand& arg) {
  const std::int64_t wanted = deciding_ ? 1 : 0;
  for (std::size_t i = 0; i < decided_.size(); ++i) {
    const auto at = arg.at(i);
    const bool null = arg.values->nulls[at] != 0;
    decided_[i] |= static_cast<std::uint8_t>(!null && arg.values->i64[at] == wanted);
    unknown_[i] |= static_cast<std::uint8_t>(null);
  }
}

column connective_state::outcome() const {
  column out({type_id::boolean, -1});
  const auto rows = decided_.size();
  out.nulls.resize(rows);
  out.i64.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    out.nulls[i] = static_cast<std::uint8_t>(unknown_[i] & (decided_[i] ^ 1));
    out.i64[i] = (decided_[i] != 0) == deciding_ ? 1 : 0;
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
