#pragma once

#include <optional>
#include <string>

#include "runtime/base/result.hpp"
#include "runtime/expr/expression.hpp"
#include "runtime/rows/column.hpp"

namespace weir::rehearsal {

/// The value of an expression without columns: a column of one row.
/// Errors   those of the expression: "division by zero"
result<column> constant(const expression& e);

/// A value's text, or nothing for NULL.
std::optional<std::string> text_at(const column& from, std::size_t row);

/// A text under which GROUP BY's equals are equal, and others differ: 1.0 is 1.00, -0 is 0.
std::string key_of(const column& from, std::size_t row);

} // namespace weir::rehearsal
