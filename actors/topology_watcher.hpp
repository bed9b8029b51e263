#pragma once

#include <memory>

#include <caf/actor.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include "actors/messages.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

struct topology_watcher_arguments {
  std::shared_ptr<const pipeline_plan> plan;
  caf::actor supervisor;
};

/// Asks the coordinator, about once a second, which nodes the cluster has. Detached: its calls block. A coordinator
/// that does not answer is asked again: that it is down, its slot reader tells.
///
/// Protocol
///   → topology_seen   supervisor: the nodes are not those of the plan; told again as long as it is so
///   stop              quit
caf::behavior topology_watcher_actor(caf::event_based_actor* self, topology_watcher_arguments arguments);

} // namespace weir
