#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "actors/rehearsal/memory_target.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/rehearsal/script.hpp"
#include "runtime/rehearsal/worker.hpp"

namespace weir::rehearsal {

/// What outlives weir in a rehearsal: the workers, the target, the time, and what has been reported.
struct stage {
  using instant = std::chrono::steady_clock::time_point;

  stage(const pipeline_plan& plan_of, const script& s) : plan(plan_of), target(plan_of) {
    for (const auto& node : plan.nodes) workers.emplace_back(node.name, s.tables);
  }

  const pipeline_plan& plan;
  std::deque<worker> workers; ///< by node of the plan
  memory_target target;
  instant now{std::chrono::hours(1)};
  std::vector<std::string> reports; ///< warnings, errors and dead letters, in weir's words
  std::uint64_t connections = 0;    ///< made so far: each has a number

  /// The clock of all workers, in microseconds since 2000-01-01 UTC: it begins in 2026.
  std::int64_t time_us() const {
    constexpr std::int64_t beginning_us = 9497LL * 24 * 3600 * 1'000'000;
    return beginning_us + std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  }
};

} // namespace weir::rehearsal
