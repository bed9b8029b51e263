#pragma once

#include <vector>

#include "dsl/bound.hpp"
#include "dsl/diagnostic.hpp"
#include "dsl/syntax.hpp"

namespace weir::dsl {

/// Where a view is written. A distribution column becomes `not null` in the view's outputs if its filter says so.
///
/// Errors   (in `found`) a distribution by what is no key of the view, or may be null
sink_plan bind_sink(const sink_declaration& sink, const std::vector<source_declaration>& sources, bound_view& view,
                    diagnostics& found);

} // namespace weir::dsl
