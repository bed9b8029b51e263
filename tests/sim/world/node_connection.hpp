#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "actors/node_port.hpp"
#include "tests/sim/world/simulated_link.hpp"
#include "tests/sim/world/simulated_node.hpp"

namespace weir::sim {

class world;

/// A program's connections to a simulated node.
class node_connection final : public node_port {
public:
  node_connection(world& w, simulated_node& node, std::string holder, std::shared_ptr<const bool> alive);
  ~node_connection() override;

  simulated_link& link() { return *link_; }

  status connect() override { return link_->connect(); }
  std::string address() const override { return node_.name() + ":5432/sim"; }
  result<postgres::server_identity> identify() override;
  result<std::vector<postgres::timeline_end>> timeline_history(std::int32_t timeline) override;
  status check_server() override { return link_->use(100); }
  result<std::int64_t> clock_offset() override;
  result<std::optional<postgres::citus_membership>> citus_membership() override;
  status verify_publication() override { return link_->use(100); }
  status ensure_publication() override { return link_->use(100); }
  status refresh_tables(ownership_tracker& of) override;
  result<std::optional<ownership>> owned_now() override;
  result<std::optional<postgres::slot_info>> find_slot(const std::string& slot) override;
  status drop_slot(const std::string& slot) override;
  result<std::optional<postgres::created_slot>> create_slot(const std::string& slot,
                                                            std::chrono::milliseconds lock_wait) override;
  result<std::vector<xid>> prepared_transactions() override;
  result<std::unique_ptr<snapshot_port>> open_snapshot(const std::string& name) override;
  result<std::unique_ptr<stream_port>> start_stream(const postgres::stream_options& options) override;
  status heartbeat() override;
  status ask_position() override;
  result<std::optional<lsn>> position() override;

private:
  world& world_;
  simulated_node& node_;
  std::string holder_; ///< name of the program
  std::uint64_t number_;
  std::shared_ptr<simulated_link> link_;

  /// A slot is made once what was prepared when it was asked for is decided.
  struct awaited {
    std::string slot; ///< the name is taken from the first moment on
    std::set<std::string> prepared;
    instant give_up;
  };
  std::optional<awaited> making_;
  std::optional<order_table> snapshot_;
  std::optional<ownership> owned_; ///< at the snapshot

  struct question {
    instant due;
    lsn answer;
  };
  std::optional<question> asked_;
};

} // namespace weir::sim
