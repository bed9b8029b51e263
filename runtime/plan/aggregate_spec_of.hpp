#pragma once

#include "runtime/operators/aggregate_spec.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

/// What the aggregate operator of a view keeps.
aggregate_spec aggregate_spec_of(const view_plan& view);

} // namespace weir
