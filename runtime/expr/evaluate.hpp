#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/expr/expression.hpp"
#include "runtime/rows/batch.hpp"

namespace weir {

/// An expression that could not be computed on one row; the message is PostgreSQL's ("division by zero").
struct row_error {
  std::uint32_t row = 0;
  errc code = errc::internal;
  std::string message;
};

/// A prepared expression: literals parsed once, evaluation by column over whole batches.
///
/// Law        row i of the output depends on row i of the input only, and equals what PostgreSQL computes for it.
/// Rows that fail are null in the output and named in `errors` (once per row, first error). Which rows fail is what
/// PostgreSQL does in practice: `and`, `or`, `in` stop at the argument that decides, from left to right, and a constant
/// part that fails does so on every row. Strings are ordered by their bytes (collation "C"), see sql.hpp.
class evaluator {
public:
  /// Errors   `errc::invalid_text_representation` a literal is not of its type · `errc::unsupported`
  static result<evaluator> make(expression e);

  evaluator(evaluator&&) noexcept;
  evaluator& operator=(evaluator&&) noexcept;
  ~evaluator();

  const expression& source() const noexcept;

  /// Input    a batch whose columns are those the expression was bound to.
  /// Output   one value per row.
  column evaluate(const batch& input, std::vector<row_error>& errors) const;

  /// For filters: appends the rows for which the expression is true (neither false nor null nor failed).
  void select(const batch& input, std::vector<std::uint32_t>& rows, std::vector<row_error>& errors) const;

private:
  struct impl;
  explicit evaluator(std::unique_ptr<impl> state);
  std::unique_ptr<impl> state_;
};

} // namespace weir
