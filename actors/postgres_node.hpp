#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/node_link.hpp"
#include "actors/node_port.hpp"
#include "actors/slot_session.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"
#include "runtime/postgres/position_query.hpp"

namespace weir {

/// A node that is a PostgreSQL server: a replication connection and one for SQL. Calls block.
class postgres_node final : public node_port {
public:
  postgres_node(const pipeline_plan& plan, node_index node);
  ~postgres_node() override;

  /// Sleeps until what the session waits for is there.
  void wait(const slot_session::pause& pause, node_link& link);

  status connect() override;
  std::string address() const override;
  result<postgres::server_identity> identify() override;
  result<std::vector<postgres::timeline_end>> timeline_history(std::int32_t timeline) override;
  status check_server() override;
  result<std::int64_t> clock_offset() override;
  status verify_publication() override;
  status ensure_publication() override;
  status refresh_tables(ownership_tracker& of) override;
  status check_translation() override;
  result<translation_look> look_at_translation() override;
  result<std::optional<ownership>> owned_now() override;
  result<std::vector<partition>> partitions() override;
  result<std::vector<table_shape>> table_shapes(const std::vector<source_plan>& sources,
                                                const std::vector<std::uint32_t>& oids) override;
  result<std::string> table_shapes_digest(const std::vector<source_plan>& sources,
                                          const std::vector<std::uint32_t>& oids) override;
  result<std::optional<postgres::citus_membership>> citus_membership() override;
  result<std::optional<postgres::slot_info>> find_slot(const std::string& slot) override;
  result<std::optional<bool>> has_decoding_snapshot(lsn restart) override;
  status drop_slot(const std::string& slot) override;
  result<std::optional<postgres::created_slot>> create_slot(const std::string& slot,
                                                            std::chrono::milliseconds lock_wait) override;
  result<std::vector<xid>> prepared_transactions() override;
  result<std::unique_ptr<snapshot_port>> open_snapshot(const std::string& name) override;
  result<std::unique_ptr<stream_port>> start_stream(const postgres::stream_options& options) override;
  result<std::optional<postgres::slot_retention>> retention(const std::string& slot) override;
  status heartbeat() override;
  status ask_position() override;
  result<std::optional<lsn>> position() override;

private:
  class snapshot;
  class stream;

  result<postgres::connection> open(bool replication);

  const pipeline_plan& plan_;
  node_index index_;
  const node_spec& spec_;
  std::optional<postgres::connection> replication_; ///< until the stream takes it over
  std::optional<postgres::connection> sql_;
  postgres::position_query position_;
  stream* stream_ = nullptr; ///< owned by the session
};

} // namespace weir
