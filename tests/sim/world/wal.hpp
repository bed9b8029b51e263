#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/cluster/ownership.hpp"
#include "tests/support/wire_builder.hpp"

namespace weir::sim {

/// pg_dist_shard.shardid; 0: a table that is not sharded.
using shard_number = weir::shard_id;

/// A row of the one table there is: orders (id, region, amount).
struct order_row {
  std::string region;
  std::int64_t amount = 0;
  friend bool operator==(const order_row&, const order_row&) = default;
};
using order_table = std::map<std::int64_t, order_row>;

struct order_change {
  enum class kind : std::uint8_t { insert, update, remove, truncate } what = kind::insert;
  std::int64_t id = 0;
  order_row before;
  order_row after;
  // Where nodes speak of shards:
  shard_number shard = 0;
  std::uint32_t table = 0; ///< oid of the shard's table on the node
  bool truncated = false;  ///< a row that went with a TRUNCATE
};
using order_changes = std::vector<order_change>;

void apply(order_table& to, const order_changes& changes);

/// Buckets [first, last] of a shard.
struct bucket_range {
  std::size_t first = 0;
  std::size_t last = 0;
  bool contains(std::size_t bucket) const { return first <= bucket && bucket <= last; }
  friend bool operator==(const bucket_range&, const bucket_range&) = default;
};

/// A row of pg_dist_shard or pg_dist_placement that comes, changes or goes.
struct catalog_row {
  enum class kind : std::uint8_t { shard, no_shard, placement, moved_placement, no_placement } what = kind::shard;
  std::int64_t id = 0; ///< shardid or placementid
  bucket_range range;
  shard_number shard = 0; ///< placements
  std::int32_t group = 0;
};

/// A table of a shard that is truncated.
struct shard_table {
  shard_number shard = 0;
  std::uint32_t table = 0;
};

/// A record of a node's WAL, as far as anybody reads it: the end of a transaction, with all that it did.
struct wal_record {
  enum class kind : std::uint8_t {
    commit,
    prepare,
    commit_prepared,
    rollback_prepared,
    message, ///< a transactional logical message
    shard,   ///< rows that come or go with their shard: no plugin shows them
  } what = kind::commit;
  lsn start = {};
  lsn end = {};
  std::int32_t timeline = 1;
  std::int64_t time_us = 0; ///< by the node's clock, since 2000
  std::uint32_t id = 0;     ///< xid
  std::string gid = {};
  order_changes changes = {};                      ///< commit, prepare, shard
  std::shared_ptr<const wal_record> prepared = {}; ///< of a decision: its PREPARE
  std::vector<std::string> participants = {};      ///< names in its rows of pg_dist_transaction
  std::uint64_t distributed = 0;                   ///< number of the distributed transaction it is a part of; 0: none
  std::vector<catalog_row> catalog = {};           ///< changes of Citus' catalogs
  std::vector<shard_table> truncates = {};         ///< before the changes
  order_changes copies = {};                       ///< to tables of shards that the node does not own (yet)

  /// What the table is changed by when the record is passed, for whoever reads the stream.
  const order_changes& effects() const;
};
using wal_pointer = std::shared_ptr<const wal_record>;

/// The frames that a walsender sends for the record, those of a 'w' message each.
///
/// Input    `two_phase_at`: of the slot. What was prepared before it comes with its COMMIT PREPARED.
///          `told`: shards' tables of which this connection has told; it grows.
///          `buckets`: of the whole table
test::bytes frames_of(const wal_record& r, lsn two_phase_at, std::set<std::uint32_t>& told, std::size_t buckets);
/// Hashes of a shard's buckets.
hash_range hashes_of(bucket_range range, std::size_t buckets);
/// What a connection tells of the tables before their first rows.
test::bytes relation_frames();

std::string to_text(const wal_record& r);

} // namespace weir::sim
