#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"
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

/// Applies cuts to the views of one pipeline, each in one transaction with the frontier.
///
/// begin · (apply | truncate | dead_letters)* · commit, over and over; after an error the object is of no more use:
/// open a new one and read the frontier.
/// Statements are pipelined: a cut costs two round trips, whatever its views.
class view_writer {
public:
  /// Waits some seconds for the session of a writer before it; if the lease is still ours, ends that session.
  ///
  /// Errors   `errc::lease_lost` · `errc::timeout` that session does not end · `errc::definition_changed` the frontier
  ///          names a node that the plan does not
  static result<view_writer> open(connection target, const pipeline_plan& plan, lease_grant grant);
  view_writer(view_writer&&) noexcept;
  view_writer& operator=(view_writer&&) noexcept;
  ~view_writer();

  /// Empty before the first cut.
  result<std::vector<frontier_entry>> frontier();
  /// Number of the last durable cut; 0 before the first.
  result<epoch> last_epoch();

  status begin();
  /// `state` has the columns of state_layout(view); its values are added to the state table, and the view's rows of
  /// the groups it names follow. A group (with its node) comes at most once a call.
  status apply(std::size_t view, const batch& state);
  /// Takes the node's share out of the view.
  status truncate(std::size_t view, node_index node);
  status dead_letters(std::span<const dead_letter> letters);
  /// Errors   `errc::lease_lost` the fence or a frontier row is not what it was: nothing was committed ·
  ///          `errc::connection_lost` the outcome is unknown: read the frontier
  status commit(epoch number, std::span<const frontier_entry> frontier);

private:
  struct impl;
  explicit view_writer(std::unique_ptr<impl> state);
  std::unique_ptr<impl> state_;
};

} // namespace weir::postgres
