#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/cluster/ownership_tracker.hpp"
#include "runtime/cluster/table_shape.hpp"
#include "runtime/cluster/translation.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/citus_membership.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/replication_stream.hpp"
#include "runtime/postgres/slot_retention.hpp"
#include "runtime/postgres/timeline.hpp"
#include "runtime/rows/batch.hpp"

namespace weir {

/// How a view's share of a node is read at a snapshot: aggregated by the node, or its source's rows as they are.
enum class load_form : std::uint8_t { aggregated, raw };

/// A node's tables at an exported snapshot. The views are read one after the other.
class snapshot_port {
public:
  virtual ~snapshot_port() = default;

  /// In a Citus cluster: what the node owns at the snapshot, and the views are read of. Called first, once.
  virtual result<std::optional<ownership>> owned() { return {std::nullopt}; }

  /// Begins to read the view.
  virtual status start_view(std::size_t view, load_form form) = 0;
  /// Some more rows of it, as state_layout(view) or as the source has them; empty at its end.
  /// Errors   poison: some row cannot be computed. abandon_view() then, and it may be started in the other form
  virtual result<std::optional<batch>> next() = 0;
  /// As if the view had not been started.
  virtual status abandon_view() = 0;
  /// All views are read.
  /// Errors   `errc::ownership_unclear` a table was rewritten or truncated since the snapshot: the rows of no moment
  virtual status finish() = 0;
};

/// A node's replication stream. Moves bytes only; see postgres::replication_stream, which says what each call does.
class stream_port {
public:
  virtual ~stream_port() = default;

  virtual result<postgres::replication_stream::read_outcome> read(std::vector<std::byte>& out,
                                                                  std::size_t max_bytes) = 0;
  virtual status send_feedback(lsn received, lsn flushed, bool request_reply) = 0;
  virtual void stop() noexcept = 0;
};

/// What a slot reader asks of its node: one object is one life of its connections. Errors are those of the functions of
/// runtime/postgres that bear the same names; a lost connection is one of any call.
class node_port {
public:
  virtual ~node_port() = default;

  virtual status connect() = 0;
  /// Of the server, for messages: "host:port/dbname".
  virtual std::string address() const = 0;
  virtual result<postgres::server_identity> identify() = 0;
  virtual result<std::vector<postgres::timeline_end>> timeline_history(std::int32_t timeline) = 0;
  virtual status check_server() = 0;
  /// How far the node's clock, in microseconds since 2000-01-01 UTC, is ahead of the steady clock here: what that shows
  /// never jumps, and all that is compared with the node's commit times is read from it.
  virtual result<std::int64_t> clock_offset() = 0;

  virtual status verify_publication() = 0;
  virtual status ensure_publication() = 0;
  /// With raw capture, on a node that continues: names and oids of the tables of shards may be others by now.
  virtual status refresh_tables(ownership_tracker&) { return {}; }
  /// With logical capture: can Citus' translation be relied on? Errors: `errc::unsupported`, with the cure.
  virtual status check_translation() { return {}; }
  /// With logical capture: what it rests on.
  virtual result<translation_look> look_at_translation() { return translation_look{}; }
  /// In a Citus cluster: what the node owns now.
  virtual result<std::optional<ownership>> owned_now() { return {std::nullopt}; }
  /// In a Citus cluster: the leaves of partitioned sources.
  virtual result<std::vector<partition>> partitions() { return {std::vector<partition>{}}; }
  /// The tables of the sources, and those with these oids; empty where that is not known.
  virtual result<std::vector<table_shape>> table_shapes(const std::vector<source_plan>&,
                                                        const std::vector<std::uint32_t>&) {
    return {std::vector<table_shape>{}};
  }
  /// Another one if table_shapes() would tell something else.
  virtual result<std::string> table_shapes_digest(const std::vector<source_plan>&, const std::vector<std::uint32_t>&) {
    return {std::string()};
  }
  /// Empty unless the node is in a Citus cluster.
  virtual result<std::optional<postgres::citus_membership>> citus_membership() { return {std::nullopt}; }
  virtual result<std::optional<postgres::slot_info>> find_slot(const std::string& slot) = 0;
  /// Whether decoding from `restart` finds the catalogs as they were there; empty where that is not known.
  virtual result<std::optional<bool>> has_decoding_snapshot(lsn) { return {std::nullopt}; }
  virtual status drop_slot(const std::string& slot) = 0;
  /// Empty: it is not made yet, ask again.
  virtual result<std::optional<postgres::created_slot>> create_slot(const std::string& slot,
                                                                    std::chrono::milliseconds lock_wait) = 0;

  /// What is prepared and not decided, in no order.
  virtual result<std::vector<xid>> prepared_transactions() = 0;

  virtual result<std::unique_ptr<snapshot_port>> open_snapshot(const std::string& name) = 0;
  /// No calls that need the replication connection (identify, timeline_history, create_slot) after this one.
  virtual result<std::unique_ptr<stream_port>> start_stream(const postgres::stream_options& options) = 0;

  /// What WAL the node keeps for the slot; empty where that is not known.
  virtual result<std::optional<postgres::slot_retention>> retention(const std::string&) { return {std::nullopt}; }

  virtual status heartbeat() = 0;
  /// Asks for the end of the node's WAL without waiting. Nothing else is asked until the answer has come.
  virtual status ask_position() = 0;
  /// Empty: not yet.
  virtual result<std::optional<lsn>> position() = 0;
};

} // namespace weir
