#pragma once

#include <compare>
#include <string_view>

#include "runtime/expr/kernel.hpp"
#include "runtime/rows/data_type.hpp"

namespace weir {

/// How two values are ordered, by the texts that PostgreSQL writes for them.
using text_order = std::strong_ordering (*)(std::string_view, std::string_view) noexcept;

/// The order of a type that is passed through; null where weir does not know it. Values are equal where their texts
/// are.
text_order order_of(const data_type& type) noexcept;

/// The kernel of less … greater_equal on values of such a type; null if there is none.
kernel verbatim_order_kernel(operation op, const data_type& type) noexcept;

} // namespace weir
