#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>

#include "actors/node_link.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/capture/effect.hpp"
#include "runtime/cluster/ownership_tracker.hpp"
#include "runtime/cluster/table_shape.hpp"
#include "runtime/cut/watermark.hpp"
#include "runtime/operators/aggregate_delta.hpp"
#include "runtime/postgres/citus_membership.hpp"
#include "runtime/postgres/registry.hpp"
#include "runtime/postgres/view_writer.hpp"
#include "runtime/state/transaction_hold.hpp"
#include "runtime/supervision/retention.hpp"

/// What actors of weir say to each other, in the order of a change's life. All of it stays in one process.
///
/// `incarnation` numbers the starts of a node's workers: what an earlier one left in a mailbox is ignored.
namespace weir::messages {

/// slot_reader → normalizer: what is known where the node's stream begins; before the first chunk.
struct stream_begins {
  std::shared_ptr<const ownership_tracker> owned; ///< raw capture only
  std::vector<table_shape> tables = {};           ///< of the sources; empty where that is not known
};
/// slot_reader → normalizer: whole CopyData frames.
struct wire_chunk {
  std::vector<std::byte> bytes;
  std::shared_ptr<node_charge> charge;
};

/// normalizer → watermark: what the frames meant.
struct node_effects {
  node_index node;
  std::uint64_t incarnation = 0;
  std::vector<capture::effect> effects;
  std::shared_ptr<node_charge> charge;
};

/// slot_reader → watermark: what the node is, before anything that it did.
struct node_described {
  node_index node;
  std::int64_t offset_us = 0; ///< how far its clock is ahead of the steady one here
  std::optional<postgres::citus_membership> citus;
};

/// slot_reader → watermark: the node's snapshot is read from now on; then its rows; then it ended at the slot's
/// consistent point.
struct load_started {
  node_index node;
  std::uint64_t incarnation = 0;
};
struct load_rows {
  node_index node;
  std::uint64_t incarnation = 0;
  std::vector<held_item> items;
  std::vector<capture::dead_row> dead;
};
struct load_ended {
  node_index node;
  std::uint64_t incarnation = 0;
  lsn consistent_point;
  std::shared_ptr<const ownership> owned; ///< in a Citus cluster: what was read
};
/// slot_reader → watermark: with logical capture, shards have moved to or from the node.
struct shards_moved {
  node_index node;
  std::uint64_t incarnation = 0;
  std::shared_ptr<const ownership> owned; ///< by what the node says now
};
/// slot_reader → watermark: the end of the node's WAL, after it was asked for (node_link::request_sample).
struct position_sampled {
  node_index node;
  std::uint64_t incarnation = 0;
  lsn position;
};

/// supervisor → watermark: the workers of a node stopped; answered with where new ones start.
struct node_stopped {
  node_index node;
};
struct node_resume {
  node_index node;
  std::optional<lsn> position;                       ///< empty: load it
  std::optional<lsn> slot_not_beyond;                ///< the slot must not have been confirmed further than this
  lsn known;                                         ///< the node's history up to here is in the views, or was received
  std::shared_ptr<const std::string> ownership = {}; ///< in a Citus cluster: ownership_tracker::text() at `position`
};
/// supervisor → watermark: new workers of a node.
struct node_started {
  node_index node;
  std::uint64_t incarnation = 0;
  std::shared_ptr<node_link> link;
};

/// supervisor → watermark: the node is no member of the cluster any more. It leaves when all that it did is in the
/// views.
struct node_left {
  node_index node;
};
/// topology_watcher → supervisor: the nodes that the cluster has now are others than those of the plan.
struct topology_seen {
  std::vector<std::string> joined; ///< new, or at another address
  std::vector<node_index> gone;
};
/// watermark → supervisor: what the views have of these nodes does not fit together (any more); they are to be read
/// anew.
struct read_anew_wanted {
  std::uint64_t generation = 0;
  std::vector<node_index> nodes;
  std::string cause;
};
/// supervisor → watermark: the workers of these nodes stopped, and are to load. Answered with all those to which that
/// applies: shards have moved between them, so only together do their shares mean something.
struct read_anew {
  std::vector<node_index> nodes;
};
struct nodes_to_read {
  std::vector<node_index> nodes;
};
/// supervisor → watermark: the node stays away, the others shall not wait for it.
struct isolate_node {
  node_index node;
};
/// watermark → supervisor: cuts hold the node's parts of distributed transactions with the others', or no longer.
struct node_consistency {
  node_index node;
  std::uint64_t generation = 0;
  bool degraded = false;
  epoch last; ///< the last cut
};

/// watermark → stage: a part of the cut; acknowledged with stage_ack when the stage is done with it.
struct stage_input {
  node_index node;
  held_item item;
};
struct stage_ack {
  std::size_t bytes = 0;
};
/// watermark → stage → writer: the cut's last one. The stage tells its number so that the writer can count.
struct cut_end {
  epoch number;
};
struct view_done {
  epoch number;
  std::size_t view = 0;
};

/// stage → writer: what happened to a view's groups; acknowledged with write_ack.
struct view_delta {
  std::size_t view = 0;
  aggregate_delta::drained delta;
  std::size_t bytes = 0;
  bool anew = false; ///< groups of earlier deltas of the cut may be in this one and those after it
};
struct write_ack {
  std::size_t bytes = 0;
};

/// watermark → writer: what the cut is, before its parts come through the stages.
struct cut_opened {
  epoch number;
  std::vector<cut::node_position> frontier;
  std::vector<postgres::dead_letter> letters;
  std::vector<std::pair<node_index, std::shared_ptr<const std::string>>> ownership; ///< where it has changed
  std::vector<node_index> read_anew; ///< whose share begins with this cut
  std::vector<node_index> apart;     ///< being read anew, and not with the others until then
  std::vector<postgres::share_move> moves;
  std::vector<std::pair<node_index, std::size_t>> dropped; ///< shares of views that are gone, after all else
  std::vector<node_index> left; ///< nodes that are no members any more, and whose last position is passed
};
/// supervisor → watermark, answered with positions_settled: how far each node is in the views.
struct settled_query {};
struct positions_settled {
  struct held {
    cut::hold what;
    std::chrono::microseconds age{};
  };
  std::vector<lsn> positions;
  std::vector<held> holds; ///< what keeps transactions out of the next cut
};

/// writer → watermark, supervisor.
struct cut_durable {
  epoch number;
  std::vector<node_index> left; ///< nodes that the views know to have gone
};

/// slot_reader → writer, supervisor: who the node is, before anything else of it; again when its tables have changed in
/// a way that concerns no view.
struct node_identified {
  node_index node;
  std::string slot;
  std::string system_id;
  std::int32_t timeline = 0;
  std::string shapes = {}; ///< of the sources' tables (shape_watch::text)
};

/// writer → supervisor: connected; the durable frontier.
struct writer_ready {
  std::uint64_t generation = 0;
  epoch last;
  std::vector<postgres::frontier_entry> frontier;
  std::vector<std::uint16_t> share_groups; ///< by node
};

/// slot_reader → supervisor.
enum class node_phase : std::uint8_t { connecting, loading, streaming };
struct node_progress {
  node_index node;
  std::uint64_t incarnation = 0;
  node_phase phase = node_phase::connecting;
  std::uint64_t rows_loaded = 0;
  lsn received;
  std::optional<lsn> flushed; ///< end of the node's WAL, when it was asked for
};

/// slot_reader → supervisor: what WAL the node keeps for the slot.
struct wal_kept {
  node_index node;
  std::uint64_t incarnation = 0;
  retention_sample sample;
};

/// any worker → supervisor: it cannot go on. Its last message.
struct worker_failed {
  std::optional<node_index> node; ///< empty: a worker of the whole pipeline (watermark, stage, writer)
  std::uint64_t incarnation = 0;  ///< of the node's workers, or the generation of the pipeline's
  std::string role;
  error why;
};

/// registrar → supervisor.
struct lease_granted {
  postgres::lease_grant grant;
};
struct lease_failed {
  error why;
};
/// supervisor → registrar.
struct publish_event {
  postgres::event what;
};
struct publish_status {
  std::vector<postgres::node_status> nodes;
  postgres::cut_state cuts;
};

/// to any actor: finish what cannot be left half done, then quit.
struct stop {};
/// an actor → itself: a timer.
struct tick {
  std::uint64_t number = 0;
};
/// supervisor → itself: the delay before a start is over. `number` as in worker_failed::incarnation.
struct start_again {
  std::optional<node_index> node;
  std::uint64_t number = 0;
};

} // namespace weir::messages

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::stream_begins)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::wire_chunk)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::node_effects)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::node_described)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::load_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::load_rows)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::load_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::shards_moved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::position_sampled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::node_stopped)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::node_resume)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::node_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::read_anew_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::read_anew)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::nodes_to_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::node_left)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::topology_seen)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::isolate_node)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::node_consistency)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::stage_input)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::stage_ack)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::cut_end)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::view_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::view_delta)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::write_ack)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::cut_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::cut_durable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::node_identified)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::writer_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::node_progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::wal_kept)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::worker_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::lease_granted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::lease_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::publish_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::publish_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::stop)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::start_again)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::settled_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::messages::positions_settled)
