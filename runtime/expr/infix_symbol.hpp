#pragma once

#include "runtime/expr/expression.hpp"

namespace weir {

/// What stands between the arguments of a binary operation, in SQL; "" for other operations.
const char* infix_symbol(operation op) noexcept;

} // namespace weir
