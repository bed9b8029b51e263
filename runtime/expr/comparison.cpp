#include <functional>
#include <string_view>

#include "runtime/expr/kernel.hpp"
#include "runtime/expr/order.hpp"

namespace weir {
namespace {

/// The standard comparators, with PostgreSQL's order for doubles. Strings compare by their bytes.
template <operation Op, class T>
bool holds(const T& x, const T& y) noexcept {
  if constexpr (std::is_same_v<T, double>) {
    switch (Op) {
      case operation::equal: return float_equal(x, y);
      case operation::not_equal: return !float_equal(x, y);
      case operation::less: return float_less(x, y);
      case operation::less_equal: return !float_less(y, x);
      case operation::greater: return float_less(y, x);
      default: return !float_less(x, y);
    }
  } else {
    switch (Op) {
      case operation::equal: return x == y;
      case operation::not_equal: return x != y;
      case operation::less: return x < y;
      case operation::less_equal: return x <= y;
      case operation::greater: return x > y;
      default: return x >= y;
    }
  }
}

template <operation Op, class T>
void compare_values(const kernel_frame& f, const std::vector<T> column::*values) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  std::int64_t* const out = f.out.i64.data();
  for_pairs<T>(f, values, [out](std::size_t i, T x, T y) { out[i] = holds<Op>(x, y) ? 1 : 0; });
}

template <operation Op>
void compare_integers(const kernel_frame& f) {
  compare_values<Op>(f, &column::i64);
}

template <operation Op>
void compare_floats(const kernel_frame& f) {
  compare_values<Op>(f, &column::f64);
}

template <operation Op>
void compare_bytes(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    f.out.i64[i] = holds<Op>(f.a.values->bytes_at(f.a.at(i)), f.b.values->bytes_at(f.b.at(i))) ? 1 : 0;
  }
}

template <operation Op>
void compare_intervals(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    f.out.i64[i] =
        holds<Op>(span_of(f.a.values->intervals[f.a.at(i)]), span_of(f.b.values->intervals[f.b.at(i)])) ? 1 : 0;
  }
}

template <operation Op>
kernel kernel_for(storage kept_as) noexcept {
  switch (kept_as) {
    case storage::i64: return compare_integers<Op>;
    case storage::f64: return compare_floats<Op>;
    case storage::bytes: return compare_bytes<Op>;
    case storage::interval: return compare_intervals<Op>;
    case storage::decimal: return numeric_comparison_kernel(Op);
  }
  return nullptr;
}

} // namespace

kernel comparison_kernel(operation op, storage kept_as) noexcept {
  switch (op) {
    case operation::equal: return kernel_for<operation::equal>(kept_as);
    case operation::not_equal: return kernel_for<operation::not_equal>(kept_as);
    case operation::less: return kernel_for<operation::less>(kept_as);
    case operation::less_equal: return kernel_for<operation::less_equal>(kept_as);
    case operation::greater: return kernel_for<operation::greater>(kept_as);
    case operation::greater_equal: return kernel_for<operation::greater_equal>(kept_as);
    default: return nullptr;
  }
}

} // namespace weir
