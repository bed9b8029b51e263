#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/rehearsal/script.hpp"

namespace weir::rehearsal {

/// Where a script did not go as written.
struct failure {
  place written = 0;
  std::string message;
  std::vector<std::string> lines = {}; ///< expected and found rows, as row_difference has them; or what weir reported
  std::string hint = {};
};

struct outcome {
  std::optional<failure> failed;
  std::uint64_t cuts = 0;
  std::chrono::milliseconds weir_time{0}; ///< that has passed for weir
};

/// Runs a script: simulated workers, the real actors and machines of the plan's pipeline, a target in memory, in one
/// thread and virtual time. The same script has the same outcome.
///
/// Input    `plan`: its nodes are the script's workers. Each is read as a plain server, whatever the cluster is: shards
///          are not rehearsed.
outcome rehearse(const pipeline_plan& plan, const script& s);

} // namespace weir::rehearsal
