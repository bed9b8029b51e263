#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/capture/normalizer.hpp"
#include "runtime/cluster/ownership.hpp"
#include "runtime/operators/aggregate_delta.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/replication_stream.hpp"
#include "runtime/postgres/snapshot_load.hpp"
#include "runtime/verify/group_choice.hpp"
#include "runtime/verify/share_tables.hpp"

namespace weir::verify {

/// What all nodes of one verification have in common.
struct probe_context {
  const pipeline_plan& plan;
  std::vector<std::size_t> views; ///< that are verified, into pipeline_plan::views
  group_choice choice;
  std::chrono::milliseconds patience; ///< with a slot to be made, and with a stream that brings nothing
  share_tables& shares;
  std::string sample_check = {};       ///< the target's answer to sample_check_sql
  std::atomic<bool> abandoned = false; ///< another node has failed: whoever reads may stop
};

/// Reads what one node has in the views at a position of its own, and carries it on to a later one. Of the node it
/// takes a temporary slot, which goes with the connection, and one scan a view.
///
/// load() · advance(), to positions that grow
/// Cost     memory of one chunk of the stream and of some megabytes of groups
class node_probe {
public:
  node_probe(probe_context& context, node_index node) : to_(context), node_(node) {}

  /// Makes the slot, and reads each view's share at its snapshot; again if a table lost its rows to a TRUNCATE
  /// meanwhile.
  ///
  /// Errors   `errc::permission_denied` with the right that is missing · `errc::timeout` naming the transaction that
  /// the
  ///          slot waits for · `errc::no_free_slot` · those of reading a table
  status load();

  node_index node() const noexcept { return node_; }
  /// Valid after load(): everything that ends at or below it was read.
  lsn position() const noexcept { return position_; }
  const postgres::server_identity& identity() const noexcept { return identity_; }
  /// Of a Citus cluster, valid after load(): the shards that were read.
  const std::optional<ownership>& owned() const noexcept { return owned_; }
  const node_spec& spec() const noexcept { return to_.plan.nodes[node_.value]; }

  /// Adds what was committed up to `end`, a position of the pipeline's frontier, and nothing that ends beyond it.
  ///
  /// Errors   `errc::timeout` · those of the stream and of the normalizer
  status advance(lsn end);

private:
  result<postgres::connection> connect(bool replication) const;
  bool reads_raw() const noexcept { return to_.plan.capture == capture_mode::raw; }
  postgres::shard_tables tables_of(std::size_t view) const;
  status check_sample(postgres::connection& sql) const;
  status load_once();
  status make_slot(postgres::connection& sql, std::string& snapshot);
  status load_view(postgres::connection& sql, std::size_t view);
  status load_aggregated(postgres::connection& sql, std::size_t view);
  status load_raw(postgres::connection& sql, std::size_t view);
  status start_stream();
  status read();
  result<bool> take_until(lsn end);
  status take(const capture::item& item);
  status store(std::size_t view, std::size_t limit_bytes);
  status check_abandoned() const;

  probe_context& to_;
  node_index node_;
  std::string slot_;
  postgres::server_identity identity_;
  std::optional<ownership> owned_;
  lsn position_;

  std::optional<postgres::connection> replication_; ///< owns the slot, until the stream does
  std::optional<postgres::replication_stream> stream_;
  std::optional<capture::normalizer> normalizer_;
  std::vector<std::optional<aggregate_delta>> changes_; ///< by view; only of those that are verified
  std::vector<std::byte> chunk_;
  std::deque<capture::effect> waiting_;
  lsn passed_; ///< everything that ends at or below it was taken
  std::chrono::steady_clock::time_point last_progress_;
  std::chrono::steady_clock::time_point next_feedback_;
};

} // namespace weir::verify
