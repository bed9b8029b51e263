#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "tests/support/wire_builder.hpp"

namespace weir::sim {

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
};
using order_changes = std::vector<order_change>;

void apply(order_table& to, const order_changes& changes);

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

  /// What the table is changed by when the record is passed, for whoever reads the stream.
  const order_changes& effects() const;
};
using wal_pointer = std::shared_ptr<const wal_record>;

/// The frames that a walsender sends for the record, those of a 'w' message each.
///
/// Input    `two_phase_at`: of the slot. What was prepared before it comes with its COMMIT PREPARED.
test::bytes frames_of(const wal_record& r, lsn two_phase_at);
/// What a connection tells of the tables before their first rows.
test::bytes relation_frames();

std::string to_text(const wal_record& r);

} // namespace weir::sim
