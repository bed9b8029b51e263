#include "runtime/expr/numeric_frame.hpp"
#include "runtime/expr/order.hpp"
#include "runtime/rows/numeric.hpp"

namespace weir {
namespace {

struct add_op {
  static bool small(const decimal& x, const decimal& y, decimal& r) noexcept { return add_small(x, y, r); }
  static result<numeric> exact(const numeric& x, const numeric& y) { return add(x, y); }
};

struct subtract_op {
  static bool small(const decimal& x, const decimal& y, decimal& r) noexcept { return subtract_small(x, y, r); }
  static result<numeric> exact(const numeric& x, const numeric& y) { return subtract(x, y); }
};

struct multiply_op {
  static bool small(const decimal& x, const decimal& y, decimal& r) noexcept { return multiply_small(x, y, r); }
  static result<numeric> exact(const numeric& x, const numeric& y) { return multiply(x, y); }
};

struct divide_op {
  static bool small(const decimal& x, const decimal& y, decimal& r) noexcept { return divide_small(x, y, r); }
  static result<numeric> exact(const numeric& x, const numeric& y) { return divide(x, y); }
};

struct modulo_op {
  static bool small(const decimal& x, const decimal& y, decimal& r) noexcept { return modulo_small(x, y, r); }
  static result<numeric> exact(const numeric& x, const numeric& y) { return modulo(x, y); }
};

template <class Op>
void run(const kernel_frame& f) {
  merge_nulls(f);
  f.out.decimals.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.out.nulls[i] != 0) continue;
    const auto a = f.a.at(i);
    const auto b = f.b.at(i);
    if (Op::small(f.a.values->decimals[a], f.b.values->decimals[b], f.out.decimals[i])) continue;
    store(f, i, Op::exact(numeric(*f.a.values, a), numeric(*f.b.values, b)));
  }
}

void negate(const kernel_frame& f) {
  merge_nulls(f);
  f.out.decimals.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.out.nulls[i] == 0) store(f, i, numeric(*f.a.values, f.a.at(i)).negated());
  }
}

struct equal_op {
  static bool holds(int order) noexcept { return order == 0; }
};
struct not_equal_op {
  static bool holds(int order) noexcept { return order != 0; }
};
struct less_op {
  static bool holds(int order) noexcept { return order < 0; }
};
struct less_equal_op {
  static bool holds(int order) noexcept { return order <= 0; }
};
struct greater_op {
  static bool holds(int order) noexcept { return order > 0; }
};
struct greater_equal_op {
  static bool holds(int order) noexcept { return order >= 0; }
};

template <class Op>
void run_comparison(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    if (f.out.nulls[i] == 0)
      f.out.i64[i] = Op::holds(order_of_decimals(*f.a.values, f.a.at(i), *f.b.values, f.b.at(i))) ? 1 : 0;
  }
}

} // namespace

int order_of_decimals(const column& a, std::size_t row_of_a, const column& b, std::size_t row_of_b) {
  int order = 0;
  if (compare_small(a.decimals[row_of_a], b.decimals[row_of_b], order)) return order;
  const auto exact = compare(numeric(a, row_of_a), numeric(b, row_of_b));
  return exact < 0 ? -1 : exact > 0 ? 1 : 0;
}

kernel numeric_arithmetic_kernel(operation op) noexcept {
  switch (op) {
    case operation::add: return run<add_op>;
    case operation::subtract: return run<subtract_op>;
    case operation::multiply: return run<multiply_op>;
    case operation::divide: return run<divide_op>;
    case operation::modulo: return run<modulo_op>;
    case operation::negate: return negate;
    default: return nullptr;
  }
}

kernel numeric_comparison_kernel(operation op) noexcept {
  switch (op) {
    case operation::equal: return run_comparison<equal_op>;
    case operation::not_equal: return run_comparison<not_equal_op>;
    case operation::less: return run_comparison<less_op>;
    case operation::less_equal: return run_comparison<less_equal_op>;
    case operation::greater: return run_comparison<greater_op>;
    case operation::greater_equal: return run_comparison<greater_equal_op>;
    default: return nullptr;
  }
}

} // namespace weir
