#pragma once

#include "dsl/bound.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::dsl {

/// Bound pipeline to plan: unused columns go, expressions refer to what is left, equal aggregate arguments become one
/// input.
pipeline_plan lower(const bound_pipeline& bound);

} // namespace weir::dsl
