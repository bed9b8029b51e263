#pragma once

#include <optional>
#include <string>

#include "dsl/diagnostic.hpp"
#include "runtime/expr/expression.hpp"

namespace weir::dsl {

/// A literal of `type` from its text, in PostgreSQL's canonical form, with its display scale if it is numeric.
///
/// Errors   (in `found`, then empty) the text is not of the type; a moment whose meaning depends on the session's time
///          zone or on the clock
std::optional<expression> make_literal(type_id type, const std::string& text, span where, diagnostics& found);

/// NULL of a type.
expression null_literal(type_id type);

/// The literal of a number as written: int4, int8 or numeric, the first that holds it.
std::optional<expression> make_number(const std::string& text, span where, diagnostics& found);

} // namespace weir::dsl
