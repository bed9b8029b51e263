#pragma once

#include <string>

#include "dsl/syntax.hpp"

namespace weir::dsl {

/// Makes the call that PostgreSQL makes of one with words between its arguments: substring(x from 1 for 2), trim,
/// extract.
///
/// Input    `marks`: a letter for each argument and word, in their order: '.' an argument, f from, o for, s a side.
///          `side`: both, leading or trailing; "" without one
/// Output   false: it is not put together so
bool arrange_special_call(syntax_expression& e, const std::string& marks, const std::string& side);
const char* how_to_write_special_call(const std::string& function);

} // namespace weir::dsl
