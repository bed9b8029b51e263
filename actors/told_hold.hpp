#pragma once

#include <chrono>

#include "runtime/cut/hold.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/registry.hpp"

namespace weir {

/// What holds a cut, in the words of weir.holds: names of nodes and slots, and the command that resolves it.
postgres::cut_hold told_hold(const pipeline_plan& plan, const cut::hold& what, std::chrono::microseconds age);

} // namespace weir
