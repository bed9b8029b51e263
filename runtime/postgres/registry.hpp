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
  std::string state; ///< starting, loading, streaming, retrying, failed
  lsn received;
  lsn confirmed;
  lsn flushed; ///< end of the node's WAL when last asked
  std::int64_t lag_bytes = 0;
  std::optional<double> lag_seconds;
  int failures = 0;
  std::string last_error;
};

status record_event(connection& target, const std::string& pipeline, const event& e);
status record_nodes(connection& target, const std::string& pipeline, std::span<const node_status> nodes);

/// What weir.status says, one entry a pipeline; for `weir status`.
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
  std::vector<node_status> nodes;
  std::vector<view_status> views;
  std::int64_t dead_letters = 0;
};
result<std::vector<pipeline_status>> read_status(connection& target);

} // namespace weir::postgres
