#pragma once

#include <string>
#include <vector>

#include "dsl/source_scope.hpp"
#include "runtime/expr/expression.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::dsl {

/// The columns of a scope for messages: "o.amount".
std::vector<source_column> columns_for_reading(const source_scope& scope);
/// Expressions over them, for people.
std::string list_of(const std::vector<expression>& values, const source_scope& scope);

void add_column(source_scope& scope, catalog_column column, const std::string& qualifier = {});

} // namespace weir::dsl
