#pragma once

#include <span>
#include <string>

#include "runtime/base/sql_quoter.hpp"
#include "runtime/expr/expression.hpp"

namespace weir {

/// The expression as SQL that PostgreSQL evaluates to the same values, fully parenthesised, types of literals explicit.
///
/// Input    `columns[i]` is the SQL text of input column i, quoted already.
std::string to_sql(const expression& e, std::span<const std::string> columns, const sql_quoter& quote);

} // namespace weir
