#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include "actors/messages.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

/// Who a node was when its positions were written down.
struct known_identity {
  std::string system_id;
  std::int32_t timeline = 0;
};

struct slot_reader_arguments {
  std::shared_ptr<const pipeline_plan> plan;
  node_index node;
  std::uint64_t incarnation = 0;
  std::shared_ptr<node_link> link;
  messages::node_resume resume; ///< where to start; without a position the node is loaded first
  std::optional<known_identity> identity;
  caf::actor normalizer;
  caf::actor watermark;
  caf::actor writer;
  caf::actor supervisor;
};

/// Owns the replication connection of one node: checks the server, makes publication and slot, reads the snapshot if
/// need be, then moves frames to the normalizer against credit. Detached: it waits in poll(), woken through its
/// node_link.
///
/// Protocol (it receives nothing: requests come through the node_link)
///   → node_identified   writer: before anything else of the node
///   → node_clock, load_started, load_rows, load_ended, position_sampled   watermark
///   → wire_chunk        normalizer
///   → node_progress     supervisor: about once a second
///   → worker_failed     supervisor: its last message
caf::behavior slot_reader_actor(caf::event_based_actor* self, slot_reader_arguments arguments);

} // namespace weir
