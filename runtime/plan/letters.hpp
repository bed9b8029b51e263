#pragma once

#include <memory>

#include "runtime/base/letter_cases.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

/// By which the views compare values of citext and make letters small and capital; null if they ask for none.
std::shared_ptr<const letter_cases> cases_of(const pipeline_plan& plan);

} // namespace weir
