#include "runtime/plan/letters.hpp"

namespace weir {

std::shared_ptr<const letter_cases> cases_of(const pipeline_plan& plan) {
  for (const auto& source : plan.sources)
    for (const auto& column : source.columns)
      if (column.type.cases) return column.type.cases;
  return nullptr;
}

} // namespace weir
