#pragma once

#include <optional>

#include "dsl/bound.hpp"
#include "dsl/diagnostic.hpp"
#include "dsl/outline.hpp"
#include "dsl/syntax.hpp"
#include "runtime/cluster/catalog.hpp"

namespace weir::dsl {

struct bind_outcome {
  std::optional<bound_pipeline> pipeline; ///< empty if `found` has errors, or the outline's findings had
  diagnostics found;
};

/// Syntax tree to bound pipeline: names and types against the catalogs of the source cluster's nodes, with
/// PostgreSQL's rules.
///
/// Input    `about` is outline_of(program), the nodes of its source cluster filled in; `catalogs` has one entry for
///          each of these nodes, with the tables of `about.tables` that are there.
/// What outline_of has reported is not reported again.
bind_outcome bind(const syntax& program, const outline& about, const cluster_catalog& catalogs);

} // namespace weir::dsl
