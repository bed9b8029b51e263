#pragma once

#include <utility>

#include "runtime/expr/kernel.hpp"
#include "runtime/rows/numeric.hpp"

namespace weir {

/// Row `row` of the output becomes `value`.
inline void store(const kernel_frame& f, std::size_t row, const numeric& value) {
  value.append_to(f.out); // gives big values their text
  f.out.decimals[row] = f.out.decimals.back();
  f.out.decimals.pop_back();
  f.out.nulls.pop_back();
}

inline void store(const kernel_frame& f, std::size_t row, result<numeric> value) {
  if (value) return store(f, row, *value);
  f.fail(row, value.error().code, std::move(value.error().message));
}

} // namespace weir
