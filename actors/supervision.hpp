#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <caf/fwd.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/pipeline_supervisor.hpp"

/// What the parts of a pipeline's supervisor have of each other: starting it (pipeline_supervisor.cpp), what it tells,
/// how it ends, what it does about failures. All run in the supervisor.
namespace weir::supervision {

using self_pointer = caf::stateful_actor<pipeline_supervisor_state>*;

// ---- supervision_status.cpp: what is told

retry_policy::instant now(self_pointer self);
const std::string& name_of(const pipeline_supervisor_state& s, node_index node);
std::string with_hint(const error& why);
/// A line in the log and a row in weir.events.
void tell(self_pointer self, log_level level, const char* event, const std::string& node, const std::string& message);
/// The tables weir.status, weir.nodes and weir.holds, as far as the supervisor knows.
void publish(self_pointer self);
/// The same, after the watermark was asked.
void report_status(self_pointer self);

// ---- supervision_end.cpp: how a node, or all, is stopped

void stop_node(self_pointer self, pipeline_supervisor_state::node& n);
/// Writer, watermark, stages, and all nodes.
void stop_core(self_pointer self);
void stop_all(self_pointer self);
/// Calls `finished` when the last child is gone.
void finish_if_down(self_pointer self);
/// The pipeline goes on with another plan: whoever runs it makes that, and starts it again.
void end_for_replan(self_pointer self, replan next);
void give_up(self_pointer self, const std::string& node, error why);

// ---- supervision_failures.cpp: what is done about failures

/// Loads the nodes again, and with them all between which shards have moved. `after`: not sooner.
void read_nodes_anew(self_pointer self, std::vector<node_index> nodes, const std::string& cause,
                     std::chrono::milliseconds after = std::chrono::milliseconds(0));
void worker_has_failed(self_pointer self, const messages::worker_failed& m);
/// An actor that ended without a word (an exception in a handler) has failed all the same.
void died(self_pointer self, const caf::down_msg& m);

// ---- pipeline_supervisor.cpp

/// Asks the watermark where the node continues, then starts its workers there.
void start_node(self_pointer self, node_index node);

} // namespace weir::supervision
