#pragma once

#include <cstddef>
#include <vector>

#include "actors/rehearsal/worker_connection.hpp"

namespace weir::rehearsal {

/// What a walsender sends of a worker's WAL, as far as it may be shown.
class worker_stream final : public stream_port {
public:
  worker_stream(worker_connection& of, worker_slot& slot, std::string name, lsn from);
  ~worker_stream() override;

  bool has_frames() const;

  result<postgres::replication_stream::read_outcome> read(std::vector<std::byte>& out, std::size_t max_bytes) override;
  status send_feedback(lsn received, lsn flushed, bool request_reply) override;
  void stop() noexcept override {}

private:
  result<worker_slot*> slot();

  worker_connection& of_;
  std::string name_;
  std::size_t next_;       ///< record of the WAL
  std::vector<bool> told_; ///< tables that this connection knows of
  lsn sent_;               ///< all up to it is sent
  bool owes_keepalive_ = true;
};

} // namespace weir::rehearsal
