#pragma once

#include "runtime/expr/prepared_node.hpp"

namespace weir {

/// What `and` or `or` over some arguments has come to: decided rows stay as they are.
///
/// Invariant   of a row that is not decided and not null every argument so far was the other truth value.
class connective_state {
public:
  connective_state(bool deciding, std::size_t rows) : deciding_(deciding), decided_(rows, 0), unknown_(rows, 0) {}

  void take_in(const operand& arg);
  /// A byte a row: 1 where an argument has decided.
  const std::vector<std::uint8_t>& decided() const noexcept { return decided_; }
  column outcome() const;

private:
  bool deciding_;
  std::vector<std::uint8_t> decided_;
  std::vector<std::uint8_t> unknown_;
};

/// Removes the errors from place `from` on of rows that are marked in `out`: PostgreSQL does not compute there.
void forget_errors(std::vector<row_error>& errors, std::size_t from, const std::vector<std::uint8_t>& out);

column compute_connective(const prepared_node& node, const batch& input, std::size_t rows,
                          std::vector<row_error>& errors);

} // namespace weir
