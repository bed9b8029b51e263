#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>

#include "actors/node_port.hpp"
#include "tests/sim/world/simulated_link.hpp"
#include "tests/sim/world/simulated_node.hpp"

namespace weir::sim {

class world;

/// A walsender and the wire from it: decodes the WAL from the slot's position on, and answers feedback.
class simulated_stream final : public stream_port {
public:
  /// Errors   `errc::slot_missing` · `errc::slot_in_use` · `errc::slot_invalidated`
  static result<std::unique_ptr<stream_port>>
  start(world& w, simulated_node& node, std::shared_ptr<simulated_link> link, const postgres::stream_options& options);
  ~simulated_stream() override;

  result<postgres::replication_stream::read_outcome> read(std::vector<std::byte>& out, std::size_t max_bytes) override;
  status send_feedback(lsn received, lsn flushed, bool request_reply) override;
  void stop() noexcept override;

private:
  simulated_stream(world& w, simulated_node& node, std::shared_ptr<simulated_link> link, std::string slot);

  struct feedback {
    instant due;
    lsn flushed;
    bool request_reply = false;
  };
  struct frame {
    instant due;
    test::bytes bytes;
  };

  result<simulated_slot*> slot();
  status turn();
  void take_feedback(simulated_slot& slot);
  void send(test::bytes frames);
  void send_keepalive();

  world& world_;
  simulated_node& node_;
  std::shared_ptr<simulated_link> link_;
  std::string slot_;
  std::uint64_t number_;
  std::size_t next_ = 0;         ///< record of the WAL
  std::set<std::uint32_t> told_; ///< tables of shards that this connection knows of
  lsn sent_;                     ///< all up to it is sent
  lsn flushed_;                  ///< as the last feedback said
  bool owes_keepalive_ = false;
  std::deque<feedback> feedback_;
  std::deque<frame> in_flight_;
  std::size_t bytes_in_flight_ = 0;
};

} // namespace weir::sim
