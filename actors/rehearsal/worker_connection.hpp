#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/node_port.hpp"
#include "actors/rehearsal/stage.hpp"

namespace weir::rehearsal {

/// The connections of a slot reader to a worker of a rehearsal. Every call is answered at once; a worker that has gone
/// away answers none.
class worker_connection final : public node_port {
public:
  worker_connection(stage& s, node_index node, std::shared_ptr<const bool> alive);

  /// Has the reader something to take: frames, an answer, the end of its connection?
  bool has_news() const;
  /// An answer, or the end of its connection?
  bool has_answer() const;
  /// Does it stream, and has all that the worker shows?
  bool has_read_all() const;

  status connect() override;
  std::string address() const override { return worker_.name() + ":5432/rehearsal"; }
  result<postgres::server_identity> identify() override;
  result<std::vector<postgres::timeline_end>> timeline_history(std::int32_t) override {
    return {std::vector<postgres::timeline_end>{}};
  }
  status check_server() override { return use(); }
  result<std::int64_t> clock_offset() override;
  status verify_publication() override { return use(); }
  status ensure_publication() override { return use(); }
  result<std::optional<postgres::citus_membership>> citus_membership() override;
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
  friend class worker_stream;
  status use() const;

  stage& stage_;
  worker& worker_;
  node_index node_;
  std::shared_ptr<const bool> alive_;
  std::uint64_t number_;
  std::uint64_t life_ = 0;                                      ///< of the worker, when it was connected; 0: never
  std::optional<std::vector<std::vector<table_row>>> snapshot_; ///< by source of the plan
  std::optional<lsn> answer_;
  class worker_stream* stream_ = nullptr;
};

} // namespace weir::rehearsal
