#pragma once

#include <optional>
#include <vector>

#include "dsl/bound.hpp"
#include "dsl/relation.hpp"
#include "dsl/source_scope.hpp"
#include "dsl/syntax.hpp"

namespace weir::dsl {

/// A view's select against what it reads; marks the columns of the source that it uses. `items` is its select list
/// without stars. `source` and `sink` of the result are not filled in.
std::optional<bound_view> bind_view(const view_declaration& view, const select_statement& query,
                                    std::vector<select_item> items, const relation& from, source_scope& source,
                                    diagnostics& found);

} // namespace weir::dsl
