#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// A server left `timeline` at `end`, when it or its standby was promoted: what the timeline held beyond is no part of
/// its history any more.
struct timeline_end {
  std::int32_t timeline = 0;
  lsn end;
};

/// The timelines that the server was on before `timeline`, its present one, oldest first.
///
/// Input    `replication` must be a replication connection.
/// Errors   `errc::sql_failed` the server has no history file of its timeline
/// Source   PostgreSQL manual, page protocol-replication, TIMELINE_HISTORY.
result<std::vector<timeline_end>> timeline_history(connection& replication, std::int32_t timeline);

/// Errors   `errc::invalid_value` it is not the text of a history file
result<std::vector<timeline_end>> parse_timeline_history(std::string_view text);

} // namespace weir::postgres
