#pragma once

#include <optional>

#include "dsl/bound.hpp"
#include "dsl/source_scope.hpp"
#include "dsl/syntax.hpp"

namespace weir::dsl {

/// A view's select against its source; marks the source's columns that it uses. `source` and `sink` of the result are
/// not filled in.
std::optional<bound_view> bind_view(const view_declaration& view, source_scope& source, diagnostics& found);

} // namespace weir::dsl
