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
/// begin · (apply | truncate | dead_letters)* · commit, over and over; after an error the object is of no more use:
/// open a new one and read the frontier.
class view_target {
public:
  virtual ~view_target() = default;

  /// Empty before the first cut.
  virtual result<std::vector<frontier_entry>> frontier() = 0;
  /// Number of the last durable cut; 0 before the first.
  virtual result<epoch> last_epoch() = 0;

  virtual status begin() = 0;
  /// `state` has the columns of state_layout(view); its values are added to the state table, and the view's rows of
  /// the groups it names follow. A group (with its node) comes at most once a call.
  virtual status apply(std::size_t view, const batch& state) = 0;
  /// Takes the node's share out of the view.
  virtual status truncate(std::size_t view, node_index node) = 0;
  virtual status dead_letters(std::span<const dead_letter> letters) = 0;
  /// Errors   `errc::lease_lost` the fence or a frontier row is not what it was: nothing was committed ·
  ///          `errc::connection_lost` the outcome is unknown: read the frontier
  virtual status commit(epoch number, std::span<const frontier_entry> frontier) = 0;
};

/// Opens a session for the holder of the lease, once nothing of a writer before it can reach the target any more.
using view_target_opener =
    std::function<result<std::unique_ptr<view_target>>(const pipeline_plan& plan, const lease_grant& grant)>;

} // namespace weir::postgres
