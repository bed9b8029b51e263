#pragma once

#include <deque>
#include <memory>
#include <variant>

#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/messages.hpp"
#include "runtime/operators/aggregate_delta.hpp"

namespace weir {

struct aggregate_stage_arguments {
  std::size_t view = 0;
  aggregate_spec spec;
  std::uint64_t generation = 0;
  std::size_t state_limit_bytes = 0; ///< the sums of a cut are written in parts of this size
  caf::actor writer;
  caf::actor supervisor;
};

/// State of a stage: the operator is aggregate_delta.
struct aggregate_stage_state {
  static constexpr const char* name = "aggregate_stage";

  aggregate_stage_arguments to;
  std::unique_ptr<aggregate_delta> machine;
  caf::actor watermark;
  std::deque<std::variant<messages::stage_input, messages::cut_end>> waiting; ///< while the writer is behind
  std::size_t unwritten_bytes = 0;
};

/// The GROUP BY of one view: sums the changes of a cut by group and hands the sums to the writer, at the end of the cut
/// or when they have grown large.
///
/// Protocol
///   stage_input → stage_ack   watermark: changes of one node, in the order of its commits
///   cut_end                   watermark: the cut has no more; the writer gets the rest and view_done
///   write_ack                 writer: so many bytes are in the target transaction
caf::behavior aggregate_stage_actor(caf::stateful_actor<aggregate_stage_state>* self,
                                    aggregate_stage_arguments arguments);

} // namespace weir
