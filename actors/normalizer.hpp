#pragma once

#include <memory>
#include <optional>

#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/messages.hpp"
#include "runtime/capture/normalizer.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

struct normalizer_arguments {
  std::shared_ptr<const pipeline_plan> plan;
  node_index node;
  std::uint64_t incarnation = 0;
  std::shared_ptr<node_link> link;
  caf::actor watermark;
  caf::actor supervisor;
};

/// State of a normalizer; the decoding is capture::normalizer's.
struct normalizer_state {
  static constexpr const char* name = "normalizer";

  normalizer_arguments to;
  std::optional<capture::normalizer> machine;
};

/// Makes transactions of deltas out of one node's stream.
///
/// Protocol
///   stream_begins   slot_reader: with raw capture, what the node owns there
///   wire_chunk      slot_reader: frames; what they mean goes to the watermark as node_effects
caf::behavior normalizer_actor(caf::stateful_actor<normalizer_state>* self, normalizer_arguments arguments);

} // namespace weir
