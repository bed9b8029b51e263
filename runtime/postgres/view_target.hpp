#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/lease.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::postgres {

/// How far one node's transactions are in the views, durably.
struct frontier_entry {
  node_index node;
  std::string slot;
  std::string system_id;
  std::int32_t timeline = 0;
  lsn position;  ///< every transaction of the node ending at or below it is in the views, none above it
  lsn confirmed; ///< what the slot may forget: position, or less while an older prepared transaction is undecided
  std::int64_t commit_time_us = 0; ///< commit time of the last transaction, microseconds since 2000-01-01 UTC; 0: none
  bool isolated = false;           ///< distributed transactions on it may be shown in part
  /// Which shards were its own at `position`, in the words of who reads the node. Given to commit, null is: as before.
  std::shared_ptr<const std::string> ownership = {};
  std::string shapes = {}; ///< of the tables that were read (cluster/table_shape.hpp); empty: not known
};

/// A shard has gone from one node to another: the rows it had are in the share of `from`, what happens to them from now
/// on is in the share of `to`. Neither alone means anything any more, only their sum does.
struct share_move {
  node_index from;
  node_index to;
  std::vector<std::size_t> emptied; ///< views of whose source `from` holds no shard any more
};

/// A row that could not be computed and is in no view.
struct dead_letter {
  node_index node;
  lsn position; ///< commit LSN of its transaction
  std::string source;
  std::string view;
  std::int64_t weight = 0; ///< +1 the row appeared, -1 it went
  std::string cause;       ///< PostgreSQL's words: "division by zero"
  std::string row;         ///< the needed columns, as text
};

/// A session in the database where the views of one pipeline are kept: cuts are applied there, each in one transaction
/// with the frontier.
///
/// begin · (apply | settle | truncate | dead_letters)* · isolate* · begin_share* · move_share* · leave* · commit, over
/// and over; after an error the object is of no more use: open a new one and read the frontier.
///
/// A node's share of a group may count below zero, where shards moved; the sum over all nodes never does at the end of
/// a cut. Nodes between which shards moved are one share group: if one of them is read anew, all of them must be, in
/// one cut.
class view_target {
public:
  virtual ~view_target() = default;

  /// Empty before the first cut.
  virtual result<std::vector<frontier_entry>> frontier() = 0;
  /// Number of the last durable cut; 0 before the first.
  virtual result<epoch> last_epoch() = 0;
  /// The share group of each node of the plan, durably; what is equal belongs together.
  virtual result<std::vector<std::uint16_t>> share_groups() = 0;

  virtual status begin() = 0;
  /// `state` has the columns of state_layout(view); its values are added to the state table, and the view's rows of
  /// the groups it names follow, by the end of the cut. Between two settle() a group (with its node) comes once.
  virtual status apply(std::size_t view, const batch& state) = 0;
  /// Groups that were applied may come again.
  virtual status settle(std::size_t view) = 0;
  /// Takes the node's share out of the view.
  virtual status truncate(std::size_t view, node_index node) = 0;
  virtual status dead_letters(std::span<const dead_letter> letters) = 0;
  /// The node is being read anew: until then cuts do not hold what it did with the others'. Its position stays.
  virtual status isolate(node_index node) = 0;
  /// The node was read anew: it is a share group of its own.
  virtual status begin_share(node_index node) = 0;
  /// Makes one of the share groups of the two, and gives what `from` has of the emptied views to `to`.
  virtual status move_share(const share_move& move) = 0;
  /// The node is no member of the cluster any more: what is left of its share goes to another one of its share group,
  /// its row of the frontier goes. It is not in the frontier that is committed next.
  ///
  /// Errors   `errc::internal` it has a share, and is alone in its group (at the commit at the latest)
  virtual status leave(node_index node) = 0;
  /// The frontier may lack nodes that are not read yet; one that has a row keeps it.
  ///
  /// Errors   `errc::lease_lost` the fence or a frontier row is not what it was: nothing was committed ·
  ///          `errc::connection_lost` the outcome is unknown: read the frontier
  virtual status commit(epoch number, std::span<const frontier_entry> frontier) = 0;
};

/// Opens a session for the holder of the lease, once nothing of a writer before it can reach the target any more.
using view_target_opener =
    std::function<result<std::unique_ptr<view_target>>(const pipeline_plan& plan, const lease_grant& grant)>;

} // namespace weir::postgres
