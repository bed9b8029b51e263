#pragma once

#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

/// Calls visit(expression) for each expression of the plan's views, as a whole.
template <class Visit>
void each_expression(const pipeline_plan& plan, Visit visit) {
  for (const auto& view : plan.views) {
    if (view.filter) visit(*view.filter);
    if (view.having) visit(*view.having);
    for (const auto* all : {&view.keys, &view.inputs, &view.computed})
      for (const auto& e : *all) visit(e);
  }
}

} // namespace weir
