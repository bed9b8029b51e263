#pragma once

#include <string>
#include <vector>

#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

/// The zones of time zone files by which the views compute, each once, in order: "Europe/Berlin".
std::vector<std::string> zones_of(const pipeline_plan& plan);

} // namespace weir
