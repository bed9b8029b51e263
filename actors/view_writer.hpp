#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/messages.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/view_target.hpp"

namespace weir {

struct view_writer_arguments {
  std::shared_ptr<const pipeline_plan> plan;
  std::uint64_t generation = 0;
  postgres::lease_grant grant;
  caf::actor supervisor;
};

/// State of the writer; the SQL is the view_target's.
struct view_writer_state {
  static constexpr const char* name = "view_writer";

  view_writer_arguments to;
  std::unique_ptr<postgres::view_target> target;
  std::vector<postgres::frontier_entry> identities; ///< by node: slot, system id and timeline are what counts here
  std::optional<messages::cut_opened> current;
  std::size_t views_done = 0;
  caf::actor watermark;
};

/// A session on the server that the plan names as its target.
result<std::unique_ptr<postgres::view_target>> open_view_writer(const pipeline_plan& plan,
                                                                const postgres::lease_grant& grant);

/// Applies one cut after the other to the target that `open` gives it, each in one transaction. Detached where the
/// target blocks.
///
/// Protocol
///   (start) → writer_ready     supervisor: connected; this is the durable frontier
///   node_identified            slot_reader: what the frontier says of the node from now on
///   cut_opened                 watermark: a cut begins
///   view_delta → write_ack     stage: states to add
///   view_done                  stage: its part of the cut is complete; with the last one the cut is committed and
///                              cut_durable goes to watermark and supervisor
///   stop                       quit (an open transaction is rolled back)
caf::behavior view_writer_actor(caf::stateful_actor<view_writer_state>* self, view_writer_arguments arguments,
                                postgres::view_target_opener open);

} // namespace weir
