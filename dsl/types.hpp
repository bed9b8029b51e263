#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/rows/data_type.hpp"

namespace weir::dsl {

/// The type that a name in SQL means ("int", "double precision", "timestamptz"), if weir computes with it.
std::optional<type_id> type_named(std::string_view name);

/// What `left OP right` is computed in, for + - * / and comparison of two numbers; PostgreSQL's choice.
type_id arithmetic_type(type_id left, type_id right) noexcept;

/// PostgreSQL's select_common_type for numbers: the later of int2, int4, int8, numeric, float4, float8.
type_id common_number_type(type_id left, type_id right) noexcept;

/// sum(x) and avg(x) of a number.
type_id sum_type(type_id argument) noexcept;
type_id avg_type(type_id argument) noexcept;

} // namespace weir::dsl
