#pragma once

#include <vector>

#include "runtime/expr/kernel.hpp"

namespace weir {

/// The kernel of a function on arguments of the types; null if there is none. `concat` has none (compute_concat).
kernel function_kernel(function f, const std::vector<type_id>& types) noexcept;

kernel text_function_kernel(function f) noexcept;
/// On a number of the type.
kernel number_function_kernel(function f, type_id id, bool with_scale) noexcept;

} // namespace weir
