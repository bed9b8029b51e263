#pragma once

#include <memory>
#include <optional>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include "actors/messages.hpp"
#include "actors/node_port.hpp"
#include "actors/slot_session.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

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
  std::optional<error> doubt = {}; ///< the stream told of other columns than the plan has
};

/// A slot_session and those it talks to: what every shell around it does, whoever has the thread.
class slot_reading {
public:
  slot_reading(caf::event_based_actor* self, slot_reader_arguments arguments, node_port& node);

  /// One step: what it tells is sent, and what ends it too. Empty: it is over.
  std::optional<slot_session::pause> step(slot_session::instant now);

private:
  void send(slot_report& what);

  caf::event_based_actor* self_;
  slot_reader_arguments to_;
  slot_session session_;
};

/// Owns the connections to one node: checks the server, makes publication and slot, reads the snapshot if need be, then
/// moves frames to the normalizer against credit. Detached: it waits in poll(), woken through its node_link.
///
/// Protocol (it receives nothing: requests come through the node_link)
///   → node_identified   writer, supervisor: before anything else of the node
///   → node_described, load_started, load_rows, load_ended, position_sampled   watermark
///   → stream_begins, wire_chunk   normalizer
///   → node_progress     supervisor: about once a second
///   → wal_kept          supervisor: every few seconds
///   → worker_failed     supervisor: its last message
caf::behavior slot_reader_actor(caf::event_based_actor* self, slot_reader_arguments arguments);

} // namespace weir
