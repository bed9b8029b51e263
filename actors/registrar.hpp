#pragma once

#include <memory>
#include <optional>
#include <string>

#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/messages.hpp"
#include "actors/pipeline_registry.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/lease.hpp"
#include "runtime/telemetry/log.hpp"

namespace weir {

struct registrar_arguments {
  std::shared_ptr<const pipeline_plan> plan;
  std::string definition; ///< text of the .pipe files, kept in weir.pipelines
  std::string holder;     ///< "host:pid"
  caf::actor supervisor;
  event_log log = event_log::silent();
};

/// State of the registrar.
struct registrar_state {
  static constexpr const char* name = "registrar";

  registrar_arguments to;
  std::shared_ptr<pipeline_registry> target;
  std::optional<postgres::lease_grant> grant;
  std::vector<postgres::event> unsent; ///< while the target is away
  bool told_failure = false;           ///< the log knows that the target is away
};

/// Keeps the pipeline's lease, status and events in the target, on a connection of its own. Detached where that blocks.
///
/// Protocol
///   (start) → lease_granted | lease_failed   supervisor
///   publish_event, publish_status            supervisor
///   (every second) lease renewed; → lease_failed when it is gone
///   stop                                     release the lease, quit
caf::behavior registrar_actor(caf::stateful_actor<registrar_state>* self, registrar_arguments arguments,
                              std::shared_ptr<pipeline_registry> target);

} // namespace weir
