#include "runtime/expr/kernel.hpp"

namespace weir {
namespace {

void negate(const kernel_frame& f) {
  merge_nulls(f);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) f.out.i64[i] = f.a.values->i64[f.a.at(i)] == 0 ? 1 : 0;
}

template <bool IsNull>
void test_null(const kernel_frame& f) {
  f.out.nulls.assign(f.rows, 0);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) f.out.i64[i] = f.a.is_null(i) == IsNull ? 1 : 0;
}

template <bool Wanted>
void test_truth(const kernel_frame& f) {
  f.out.nulls.assign(f.rows, 0);
  f.out.i64.resize(f.rows);
  for (std::size_t i = 0; i < f.rows; ++i) {
    const bool truth = f.a.values->i64[f.a.at(i)] != 0;
    f.out.i64[i] = !f.a.is_null(i) && truth == Wanted ? 1 : 0;
  }
}

} // namespace

kernel logic_kernel(operation op) noexcept {
  switch (op) {
    case operation::logical_not: return negate;
    case operation::is_null: return test_null<true>;
    case operation::is_not_null: return test_null<false>;
    case operation::is_true: return test_truth<true>;
    case operation::is_false: return test_truth<false>;
    default: return nullptr;
  }
}

} // namespace weir
