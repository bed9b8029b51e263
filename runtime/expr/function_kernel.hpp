#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/expr/kernel.hpp"

namespace weir {

/// The kernel of a function on arguments of the types; null if there is none. `concat` has none (compute_concat).
kernel function_kernel(function f, const std::vector<data_type>& types);

/// Does PostgreSQL compute the call when a query is planned, where all arguments are constant?
bool is_immutable_call(function f, const std::vector<type_id>& types) noexcept;

kernel text_function_kernel(function f) noexcept;
/// Of dates, times and intervals.
kernel temporal_function_kernel(function f, const std::vector<type_id>& types) noexcept;
kernel temporal_arithmetic_kernel(function f, type_id left, type_id right) noexcept;
kernel interval_arithmetic_kernel(function f, type_id left, type_id right) noexcept;
/// extract and date_part of a value of the type.
kernel extract_kernel(function f, type_id of) noexcept;
/// Of documents and arrays, whose types have names.
kernel json_function_kernel(function f, const std::vector<data_type>& types);
kernel array_function_kernel(function f, const std::vector<data_type>& types);
kernel regex_kernel() noexcept;
/// Of functions that make letters small or capital.
kernel case_kernel(function f) noexcept;
kernel label_place_kernel() noexcept;
/// A cast of a jsonb to a boolean or a number; null if there is none.
kernel jsonb_cast_kernel(type_id to) noexcept;

/// The argument of the function that is constant, and kept in another form; empty if there is none.
std::optional<std::size_t> kept_argument(function f, const std::vector<data_type>& types) noexcept;
/// What the kernel of the function keeps of that argument, as its type is written; null of UTC.
///
/// Errors   as regex::make, read_array and time_zone::find
result<std::shared_ptr<const kernel_state>> state_of(function f, std::string_view constant);

/// What the kernels of label_place, and of functions that make letters small or capital, keep of the type of their
/// argument.
std::shared_ptr<const kernel_state> state_of(function f, const data_type& type);

/// On a number of the type.
kernel number_function_kernel(function f, type_id id, bool with_scale) noexcept;

} // namespace weir
