#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

struct stream_options {
  std::string slot;
  std::string publication;
  lsn start;             ///< resume position: an end LSN, never below the slot's confirmed position
  bool two_phase = true; ///< rows of a prepared transaction come with its PREPARE; the slot is made so, or becomes so
};

/// START_REPLICATION with pgoutput, proto_version 3, as a stream of CopyData frames. Moves bytes only.
class replication_stream {
public:
  /// Takes over a connection opened with `connect_options::replication`.
  ///
  /// Errors   `errc::slot_missing` · `errc::slot_in_use` naming the pid · `errc::slot_invalidated` ·
  ///          `errc::permission_denied` · `errc::wal_level`
  static result<replication_stream> start(connection c, const stream_options& options);

  struct read_outcome {
    std::size_t frames = 0;
    bool drained = false; ///< nothing more is at hand now: wait on socket() before the next read
  };
  /// Appends frames to `out`, each as a 4-byte native-endian length and the CopyData payload ('w' or 'k' first),
  /// until nothing is at hand or `out` holds at least `max_bytes`.
  ///
  /// `drained` may be said a little early: the socket is then readable at once. Never is a whole frame held back.
  ///
  /// Errors   `errc::connection_lost` · `errc::slot_invalidated` · what the server said; the stream is over then, and
  ///          what `out` got before is whole frames
  /// Cost     a malloc and a copy a frame inside libpq, one copy here; a recv() for all that is at hand
  result<read_outcome> read(std::vector<std::byte>& out, std::size_t max_bytes);

  /// From now on socket() is readable only when so many bytes are there (or the window is full).
  void wake_at(std::size_t bytes) noexcept;

  /// Sends a Standby status update. `flushed` is what the slot may forget. Does not block: what the socket does not
  /// take is sent by the next read().
  status send_feedback(lsn received, lsn flushed, bool request_reply);

  /// Ends the stream politely (CopyDone); at most `wait` for the server's answer.
  void stop(std::chrono::milliseconds wait) noexcept;

  int socket() const noexcept;

private:
  replication_stream(connection c, std::string slot);
  error end_of_stream();

  connection connection_;
  std::size_t wake_at_ = 1;
  std::string slot_;
  bool encrypted_; ///< libpq's TLS layer may hold bytes that poll() does not see
};

} // namespace weir::postgres
