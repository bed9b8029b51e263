#pragma once

#include "runtime/expr/kernel.hpp"

namespace weir {

/// Number to a narrower integer or to real: rounded to the nearest, or out of range.
kernel narrowing_kernel(type_id from, type_id to) noexcept;
/// By as many digits as the float surely has.
kernel float_to_numeric_kernel(type_id from) noexcept;

/// As PostgreSQL writes the value; null of timestamptz, whose text depends on the session.
kernel to_text_kernel(type_id from) noexcept;
/// Reads the text of a value; null for types whose texts PostgreSQL reads in more forms than append_text does.
kernel from_text_kernel(type_id to) noexcept;

kernel fit_numeric_kernel() noexcept;
/// Rounds or cuts a value to the modifier of the output's type; null if the type has none.
kernel modifier_kernel(type_id id) noexcept;

/// Does PostgreSQL compute the cast when a query is planned, where its argument is constant?
bool is_immutable_cast(type_id from, type_id to) noexcept;

} // namespace weir
