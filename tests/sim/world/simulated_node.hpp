#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/postgres/timeline.hpp"
#include "tests/sim/world/environment.hpp"
#include "tests/sim/world/shard_map.hpp"
#include "tests/sim/world/wal.hpp"

namespace weir::sim {

/// What of a transaction only nodes have that speak of shards.
struct shard_work {
  std::vector<catalog_row> catalog = {};
  std::vector<shard_table> truncates = {};
  order_changes copies = {};
};

/// A logical slot with two_phase.
struct simulated_slot {
  lsn confirmed;
  lsn persisted;    ///< what confirmed was when the server last wrote it down: a crash goes back to it
  lsn two_phase_at; ///< what was prepared before it comes with its COMMIT PREPARED
  bool lost = false;
  std::uint64_t reader = 0; ///< number of the connection that streams it; 0: none
  instant busy_until{};     ///< of a reader that is gone: the server has not noticed
};

/// A server with one table, a WAL with its timelines, prepared transactions and slots.
///
/// Law   the table is what effects() and shard records make of an empty one.
class simulated_node {
public:
  simulated_node(environment& env, shard_map& shards, node_index index, std::string name);

  const std::string& name() const { return name_; }
  node_index index() const { return index_; }
  std::string system_id() const { return "7000" + std::to_string(index_.value); }

  // Is it there?
  bool up() const { return env_.now >= away_until_; }
  void go_away(std::chrono::microseconds time) { away_until_ = std::max(away_until_, env_.now + time); }
  void come_back() { away_until_ = {}; }
  /// Connections of an earlier life are broken.
  std::uint64_t life() const { return life_; }

  // Clients.
  order_changes random_changes(std::uint64_t most);
  wal_pointer commit(order_changes changes, std::vector<std::string> participants = {}, std::uint64_t distributed = 0,
                     shard_work shards = {});
  wal_pointer prepare(std::string gid, order_changes changes, std::uint64_t distributed, shard_work shards = {});
  /// COMMIT PREPARED or ROLLBACK PREPARED.
  wal_pointer decide(const std::string& gid, bool commit);
  void emit_message();
  /// WAL that concerns nobody; sometimes its last record is flushed in part only.
  void grow();
  const std::map<std::string, wal_pointer>& prepared() const { return prepared_; }
  bool touches(const std::set<std::size_t>& buckets) const;

  // Shards.
  /// Rows of the buckets leave without a trace for plugins.
  order_table take_out(const std::set<std::size_t>& buckets);
  void put_in(const order_table& rows);

  // Shards with numbers, and the catalogs that tell of them.
  /// The catalogs as they are before anything happens.
  void found_shards(std::int32_t group, const std::vector<catalog_row>& rows);
  /// As the committed catalogs have it; empty where there are none.
  std::optional<ownership> owned() const;
  /// What a query of the shards that are owned by the committed catalogs finds.
  order_table rows_to_read() const;
  /// Oids of the tables of shards, by shard.
  const std::map<shard_number, std::uint32_t>& tables() const { return tables_; }
  /// The shard has a new table here.
  void make_table(shard_number shard) { tables_[shard] = ++last_table_; }
  std::int64_t placement_of(shard_number shard) const;
  /// Rows stay in a shard's table until the catalogs know that it is another node's.
  void leave_behind(const order_table& rows) { left_behind_ = rows; }
  /// Takes away all rows of the shards, and perhaps puts new ones in.
  order_changes truncate(const std::vector<shard_number>& shards, shard_work& work);
  /// Of the rows in the buckets, into the shard's table here.
  order_changes copies_of(const order_table& rows, shard_number shard, bucket_range range) const;

  // History.
  const order_table& rows() const { return rows_; }
  lsn end() const { return end_; }
  /// As far as the server's disk has it: beyond the end by a part of a record that nobody can read yet.
  lsn flushed() const { return lsn{end_.value + half_record_}; }
  std::int64_t time_us() const;
  std::int32_t timeline() const { return timeline_; }
  /// As the server's history file has them.
  const std::vector<postgres::timeline_end>& history() const { return history_; }
  /// All that it ever left, and where the next one began.
  std::vector<postgres::timeline_end> timelines_left() const;
  const std::vector<wal_pointer>& wal() const { return wal_; }
  /// The records of a timeline, from the beginning: also of one that was left.
  const std::vector<wal_pointer>& wal(std::int32_t timeline) const;

  // Slots.
  simulated_slot* slot(const std::string& name);
  simulated_slot& create_slot(const std::string& name);
  void drop_slot(const std::string& name) { slots_.erase(name); }
  void confirm(simulated_slot& slot, lsn position);
  std::map<std::string, simulated_slot>& slots() { return slots_; }
  /// Place in the WAL of the first record that a stream started at `asked` sends: the slot's position counts if later.
  std::size_t start_at(const simulated_slot& slot, lsn asked) const;

  // Faults.
  /// All connections break; slots go back to what was written down.
  void crash();
  /// A standby takes over, on a new timeline.
  /// Output   the records that it lacks
  std::vector<wal_pointer> fail_over(bool with_slots, std::size_t lost_records);

private:
  struct catalogs {
    std::map<shard_number, bucket_range> shards;
    std::map<std::int64_t, std::pair<shard_number, std::int32_t>> placements; ///< shard and group
  };
  static void apply(catalogs& to, const std::vector<catalog_row>& rows);
  wal_pointer append(wal_record r);
  void replay(const wal_pointer& r);
  order_row random_row();
  order_change tagged(order_change c) const;

  environment& env_;
  shard_map& shards_;
  node_index index_;
  std::string name_;
  std::int64_t clock_skew_us_;
  instant away_until_{};
  std::uint64_t life_ = 1;

  struct past {
    postgres::timeline_end end;
    std::vector<wal_pointer> wal;
  };
  std::vector<past> past_;
  std::vector<postgres::timeline_end> history_;
  std::int32_t timeline_ = 1;
  std::vector<wal_pointer> wal_;
  lsn end_;
  std::uint64_t half_record_ = 0;
  std::uint32_t next_xid_ = 700;
  std::int64_t last_time_us_ = 0;

  order_table rows_; ///< as the last committed transaction left it
  std::map<std::string, wal_pointer> prepared_;
  std::map<std::int64_t, std::string> locked_; ///< ids that a prepared transaction has changed
  std::map<std::string, simulated_slot> slots_;

  std::optional<std::int32_t> group_; ///< where there are catalogs
  catalogs founded_;
  catalogs catalogs_;
  std::map<shard_number, std::uint32_t> tables_;
  std::uint32_t last_table_ = 20'000;
  order_table left_behind_;
};

} // namespace weir::sim
