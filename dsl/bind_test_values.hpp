#pragma once

#include <optional>

#include "dsl/source_scope.hpp"
#include "dsl/syntax_test.hpp"
#include "runtime/rehearsal/script.hpp"

namespace weir::dsl {

/// A value without columns, as an assignment to `type` takes it.
/// Errors   W0609 it reads a column · those of expressions
std::optional<expression> bind_constant(const syntax_expression& e, data_type type, diagnostics& found);

/// A statement against its table; `scope` is the table's. The place of the table is left to the caller.
/// Errors   W0605, W0609, W0203 and those of expressions
std::optional<rehearsal::table_change> bind_change(const table_statement& s, const catalog_table& table,
                                                   source_scope& scope, diagnostics& found);

} // namespace weir::dsl
