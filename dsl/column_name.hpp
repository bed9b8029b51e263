#pragma once

#include <string>

#include "dsl/syntax.hpp"

namespace weir::dsl {

/// The name PostgreSQL gives a column of the select list that has no alias: that of the column or function, the type of
/// a cast, "case", or "?column?".
std::string column_name_of(const syntax_expression& e);

} // namespace weir::dsl
