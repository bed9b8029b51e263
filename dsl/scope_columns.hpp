#pragma once

#include <string>
#include <vector>

#include "dsl/source_scope.hpp"
#include "runtime/expr/expression.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::dsl {

/// Qualifiers that begin so can be written by no query: their columns are found by weir alone.
inline constexpr char unwritable = '\x01';

/// The columns of a scope for messages: "o.amount".
std::vector<source_column> columns_for_reading(const source_scope& scope);
/// Expressions over them, for people.
std::string list_of(const std::vector<expression>& values, const source_scope& scope);

/// The columns that an expression reads, so many places further on.
void shift_columns(expression& e, std::size_t by);

void add_column(source_scope& scope, catalog_column column, const std::string& qualifier = {});

} // namespace weir::dsl
