#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

enum class event_level : std::uint8_t { info, warning, error };

/// One row of weir.events, also sent as NOTIFY weir (JSON).
struct event {
  event_level level = event_level::info;
  std::string name; ///< "worker_failing", "worker_recovered", "pipeline_started" …
  std::string node; ///< "" if none
  std::string message;
};

/// One row of weir.nodes.
struct node_status {
  std::string node;
  std::string address;
  std::string slot;
  std::string state; ///< starting, loading, streaming, retrying, isolated, failed
  lsn received;
  lsn confirmed;
  lsn flushed; ///< end of the node's WAL when last asked
  std::int64_t lag_bytes = 0;
  std::optional<double> lag_seconds;
  int failures = 0;
  std::string last_error;
  // Of the WAL that the node keeps for its slot; empty: not known.
  std::optional<std::int64_t> kept_bytes = {};
  std::optional<int> kept_percent = {};         ///< of what the node allows (max_slot_wal_keep_size)
  std::optional<double> kept_seconds_left = {}; ///< until the slot is lost, as it grows now
};

/// Why the next cut does not close, or holds less than what has come: one row of weir.holds. `weir why` shows them.
struct cut_hold {
  std::string reason;      ///< "undecided", "behind", "down", "loading": see docs/operations.md
  std::string node;        ///< has to move
  std::string slot;        ///< of that node
  std::string transaction; ///< name of the prepared transaction; "" if none is meant
  lsn position;            ///< of its PREPARE, or the position that the node has yet to pass
  double age_seconds = 0;  ///< how long it holds the cut
  std::string holds_node;  ///< whose transactions wait; "" for all
  std::uint64_t held = 0;  ///< how many of them
  std::string cure;        ///< the command that resolves it, and where; "" if waiting does
};

/// How the cuts of a pipeline fare; weir.status shows `consistency`.
struct cut_state {
  std::string consistency; ///< "transaction", "node", "degraded: w2"
  std::vector<cut_hold> holds;
};
/// Replaces what was recorded before, in one statement. Nothing is written if nothing held a cut before nor does now.
status record_cut_state(connection& target, const std::string& pipeline, const cut_state& state);
/// The longest first.
result<std::vector<cut_hold>> read_holds(connection& target, const std::string& pipeline);

/// The last 10,000 events of each pipeline are kept, and up to 100 more.
status record_event(connection& target, const std::string& pipeline, const event& e);
/// These and no others.
status record_nodes(connection& target, const std::string& pipeline, std::span<const node_status> nodes);

/// What weir.status says, one entry a pipeline; for `weir status` and `weir why`.
struct view_status {
  std::string view;
  std::string table;
  std::int64_t groups = 0;
};
struct pipeline_status {
  std::string pipeline;
  std::string state; ///< running, stopped
  std::string holder;
  std::int64_t epoch = 0;
  std::optional<double> cut_age_seconds; ///< since the last cut was committed
  std::string consistency;               ///< as in cut_state; "" if none was recorded yet
  std::vector<node_status> nodes;
  std::vector<view_status> views;
  std::vector<cut_hold> holds;
  std::int64_t dead_letters = 0;
};
/// Errors   `errc::unsupported` schema weir is of an earlier version
result<std::vector<pipeline_status>> read_status(connection& target);

} // namespace weir::postgres
