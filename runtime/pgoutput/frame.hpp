#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"

namespace weir::pgoutput {

/// 'w': one message of the output plugin.
struct xlog_data {
  lsn start;                       ///< where in the WAL the message's record starts
  lsn end;                         ///< end of the WAL on the server, as far as the walsender knows
  std::int64_t server_time_us = 0; ///< microseconds since 2000-01-01 UTC, as all times of the protocol
  std::span<const std::byte> payload;
};

/// 'k': the server is alive and has nothing to say up to `end`.
struct keepalive {
  lsn end;
  std::int64_t server_time_us = 0;
  bool reply_requested = false;
};

using frame = std::variant<xlog_data, keepalive>;

/// Decodes the payload of one CopyData message of a replication stream.
///
/// Input    may come from a hostile peer.
/// Output   views into `payload`: it must outlive them.
/// Errors   `errc::truncated` · `errc::trailing_bytes` · `errc::unknown_tag` · `errc::invalid_value`
/// Cost     O(1), no allocation.
/// Source   PostgreSQL manual, page protocol-replication.
result<frame> decode_frame(std::span<const std::byte> payload);

/// Takes the first frame off `chunk`, a sequence of frames each with a 4-byte native-endian length before it.
///
/// Output   the frame's CopyData payload; `chunk` then starts at the next frame.
/// Errors   `errc::truncated`
result<std::span<const std::byte>> take_frame(std::span<const std::byte>& chunk);

} // namespace weir::pgoutput
