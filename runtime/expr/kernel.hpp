#pragma once

#include <cstddef>
#include <vector>

#include "runtime/expr/evaluate.hpp"
#include "runtime/expr/expression.hpp"
#include "runtime/rows/column.hpp"

namespace weir {

/// One argument of a kernel: a column with a value per row, or one value that stands for all rows.
struct operand {
  const column* values = nullptr;
  bool scalar = false;

  std::size_t at(std::size_t row) const noexcept { return scalar ? 0 : row; }
  bool is_null(std::size_t row) const noexcept { return values->is_null(at(row)); }
};

/// What a kernel makes of a constant argument once, before it runs: a compiled pattern, the steps of a path.
class kernel_state {
public:
  virtual ~kernel_state() = default;
};

/// What a kernel computes from and to.
struct kernel_frame {
  operand a;
  operand b; ///< no values for kernels of one argument
  operand c; ///< no values for kernels of one or two
  std::size_t rows = 0;
  column& out; ///< of the result's type; the kernel makes it `rows` long
  std::vector<row_error>& errors;
  const kernel_state* state = nullptr; ///< of kernels that have one

  /// Row `row` fails: it becomes null, with an error.
  void fail(std::size_t row, errc code, std::string message) const {
    out.nulls[row] = 1;
    errors.push_back({static_cast<std::uint32_t>(row), code, std::move(message)});
  }
};

/// Computes one operation over whole columns. Strict ones get no scalar that is null: the evaluator has folded it.
using kernel = void (*)(const kernel_frame&);

/// The kernel of add … modulo on arguments of the type; null if PostgreSQL or weir has none.
kernel arithmetic_kernel(operation op, type_id id) noexcept;
kernel negation_kernel(type_id id) noexcept;
/// The kernel of equal … greater_equal on arguments in the storage.
kernel comparison_kernel(operation op, storage kept_as) noexcept;
/// The kernel of a cast that changes how values are stored; null if there is none (see is_relabelling).
kernel cast_kernel(type_id from, type_id to) noexcept;
/// Does a value of type `from` lie in a column as the same value of type `to` does?
bool is_relabelling(type_id from, type_id to) noexcept;
/// logical_not, is_null, is_not_null, is_true, is_false.
kernel logic_kernel(operation op) noexcept;

/// Numeric's kernels, see arithmetic_kernel and comparison_kernel.
kernel numeric_arithmetic_kernel(operation op) noexcept;
kernel numeric_comparison_kernel(operation op) noexcept;

kernel interval_negation_kernel() noexcept;

/// Makes `out.nulls` the union of the arguments' nulls.
void merge_nulls(const kernel_frame& frame);

/// Calls compute(row), a number or a truth value, for the rows where no argument is null; it may call f.fail as well.
template <class Compute>
void write_integers(const kernel_frame& f, Compute compute) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i)
    if (f.out.nulls[i] == 0) f.out.i64[i] = compute(i);
}

/// Calls fn(row, x, y) for all rows, with a scalar argument kept in a register.
template <class T, class Fn>
void for_pairs(const kernel_frame& f, const std::vector<T> column::*values, Fn fn) {
  const T* const a = (f.a.values->*values).data();
  const T* const b = (f.b.values->*values).data();
  const auto rows = f.rows;
  if (f.a.scalar) {
    const T x = *a;
    for (std::size_t i = 0; i < rows; ++i) fn(i, x, b[i]);
  } else if (f.b.scalar) {
    const T y = *b;
    for (std::size_t i = 0; i < rows; ++i) fn(i, a[i], y);
  } else {
    for (std::size_t i = 0; i < rows; ++i) fn(i, a[i], b[i]);
  }
}

} // namespace weir
