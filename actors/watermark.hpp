#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/messages.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

struct watermark_arguments {
  std::shared_ptr<const pipeline_plan> plan;
  std::uint64_t generation = 0;
  epoch last;
  std::vector<std::optional<cut::node_position>> frontier;
  std::vector<std::shared_ptr<const std::string>> ownership; ///< by node, at its position in the frontier; raw capture
  std::vector<std::uint16_t> share_groups;                   ///< by node
  std::vector<caf::actor> stages;                            ///< one a view
  caf::actor writer;
  caf::actor supervisor;
  std::string spill_directory;
  std::size_t node_credit_bytes = 0;
};

/// State of the watermark actor; its decisions are cut::watermark's.
struct watermark_state {
  static constexpr const char* name = "watermark";

  watermark_arguments to;
  std::unique_ptr<cut::watermark> machine;
  cut::name_rule names; ///< as the machine has them
  std::unique_ptr<transaction_hold> hold;
  struct node {
    std::uint64_t incarnation = 0;
    std::shared_ptr<node_link> link;
    cut::transaction_id open;
    bool degraded = false; ///< as the supervisor was told

    /// What the node owns from a position on.
    struct owned {
      lsn from;
      std::string transaction; ///< name of the distributed transaction that changed it; "" if it has none
      std::shared_ptr<const std::string> text;
      std::vector<postgres::share_move> moves; ///< with it
      bool loaded = false;                     ///< with it the node's share begins
    };
    bool leaving = false;                                       ///< it is no member of the cluster any more
    bool left = false;                                          ///< and the views know it
    bool without_shards = false;                                ///< since its load; logical capture
    std::shared_ptr<const std::string> ownership;               ///< as of the last cut
    std::deque<owned> changes;                                  ///< after the last cut, ascending
    std::optional<capture::ownership_record> pending;           ///< of the transaction that ends next
    std::deque<std::pair<std::uint64_t, std::size_t>> commands; ///< the last TRUNCATEs, and their views
    std::string gid;                                            ///< of the open transaction
    std::string first_participant;                              ///< that the open transaction names
    lsn final_lsn;                                              ///< of the open transaction
    lsn loaded_at;                                              ///< where its last load was read; 0: not in this run
  };
  std::vector<node> nodes;
  bool misread = false; ///< the loads do not fit together: no cut before they are read anew
  /// The dead letters of a transaction: the first ones as they are, the others counted, so that a transaction of bad
  /// rows alone takes no more memory than any other.
  struct kept_letters {
    std::vector<postgres::dead_letter> first;
    std::uint64_t more = 0;
  };
  std::unordered_map<std::uint64_t, kept_letters> letters; ///< of transactions held

  /// Views that a transaction held truncates, and the command that it is a part of.
  std::unordered_map<std::uint64_t, std::vector<std::pair<std::size_t, std::uint64_t>>> truncates;

  std::optional<cut::closed_cut> current;                ///< being released or written
  std::size_t next_transaction = 0;                      ///< of `current`, to be released
  std::unordered_map<std::uint64_t, node_index> node_of; ///< of transactions held
  std::size_t unacknowledged_bytes = 0;
  bool released = false;             ///< all of `current` is with the stages
  std::optional<cut::instant> timer; ///< the earliest tick under way
  bool stopping = false;
};

/// The reorder stage of a pipeline: holds the transactions of all nodes, closes cuts, releases them to the stages, one
/// cut at a time.
///
/// Protocol
///   node_started, node_stopped → node_resume    supervisor: a node's workers come and go
///   isolate_node                                supervisor: a node stays away
///   node_left                                   supervisor: a node is no member of the cluster any more
///   read_anew → nodes_to_read                   supervisor: nodes are to be loaded again
///   → read_anew_wanted                          supervisor: so they should
///   → node_consistency                          supervisor: a node is shown apart from the others, or no longer
///   node_described                              slot_reader: its node's clock, its part in a Citus cluster
///   load_started, load_rows, load_ended         slot_reader: the node's snapshot
///   shards_moved                                slot_reader: to or from its node; logical capture
///   node_effects                                normalizer: the node's stream
///   position_sampled                            slot_reader: for the first cut
///   stage_ack                                   stage: it is done with so many bytes
///   cut_durable                                 writer: the cut is in the target; the next may close
///   settled_query → positions_settled           supervisor: for the status
///   stop                                        close nothing more
caf::behavior watermark_actor(caf::stateful_actor<watermark_state>* self, watermark_arguments arguments);

} // namespace weir
