#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

struct stream_options {
  std::string slot;
  std::string publication;
  lsn start;              ///< resume position: an end LSN, never below the slot's confirmed position
};

/// START_REPLICATION with pgoutput, proto_version 3, two_phase on, as a stream of CopyData frames. Moves bytes only.
class replication_stream {
public:
  /// Takes over a connection opened with `connect_options::replication`.
  static result<replication_stream> start(connection c, const stream_options& options);

  struct read_outcome {
    std::size_t frames = 0;
    bool drained = false; ///< nothing more is at hand now: wait on socket() before the next read
  };
  /// Appends frames to `out`, each as a 4-byte native-endian length and the CopyData payload ('w' or 'k' first),
  /// until nothing is at hand or `out` holds at least `max_bytes`.
  ///
  /// Errors   `errc::connection_lost` · `errc::slot_invalidated` · what the server said
  result<read_outcome> read(std::vector<std::byte>& out, std::size_t max_bytes);

  /// Sends a Standby status update. `flushed` is what the slot may forget.
  status send_feedback(lsn received, lsn flushed, bool request_reply);

  /// Ends the stream politely (CopyDone); at most `wait` for the server's answer.
  void stop(std::chrono::milliseconds wait) noexcept;

  int socket() const noexcept;

private:
  explicit replication_stream(connection c);
  connection connection_;
};

} // namespace weir::postgres
