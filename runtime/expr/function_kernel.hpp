#pragma once

#include <vector>

#include "runtime/expr/kernel.hpp"

namespace weir {

/// The kernel of a function on arguments of the types; null if there is none. `concat` has none (compute_concat).
kernel function_kernel(function f, const std::vector<type_id>& types) noexcept;

/// Does PostgreSQL compute the call when a query is planned, where all arguments are constant?
bool is_immutable_call(function f, const std::vector<type_id>& types) noexcept;

kernel text_function_kernel(function f) noexcept;
/// Of dates, times and intervals.
kernel temporal_function_kernel(function f, const std::vector<type_id>& types) noexcept;
kernel temporal_arithmetic_kernel(function f, type_id left, type_id right) noexcept;
kernel interval_arithmetic_kernel(function f, type_id left, type_id right) noexcept;
/// extract and date_part of a value of the type.
kernel extract_kernel(function f, type_id of) noexcept;
/// On a number of the type.
kernel number_function_kernel(function f, type_id id, bool with_scale) noexcept;

} // namespace weir
