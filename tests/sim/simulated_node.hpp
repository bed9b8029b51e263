#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/random.hpp"
#include "tests/support/wire_builder.hpp"

namespace weir::test {

/// A row of the one table there is: (id, region, amount).
struct sim_row {
  std::string region;
  std::int64_t amount = 0;
  friend bool operator==(const sim_row&, const sim_row&) = default;
};
using sim_table = std::map<std::int64_t, sim_row>;

/// A server with one table, a WAL and one two-phase slot: what a replication connection sees of PostgreSQL.
///
/// Law   after(p) is the table as of the commits whose records end at or below p.
class simulated_node {
public:
  static constexpr table_oid table{16'384};

  explicit simulated_node(std::uint64_t first_position) : end_(first_position) {}

  /// One transaction of random changes, sometimes prepared; or the decision about one prepared before.
  void do_something(seeded_random& random, std::int64_t time_us);
  /// Commits or rolls back what is still prepared.
  void decide_all(seeded_random& random, std::int64_t time_us);

  lsn end() const { return lsn{end_}; }
  bool has_prepared() const { return !prepared_.empty(); }
  sim_table after(lsn position) const;

  // The slot.
  void create_slot() { confirmed_ = lsn{end_}; }
  void drop_slot() { confirmed_.reset(); }
  bool has_slot() const { return confirmed_.has_value(); }
  /// As the server does it: never backwards.
  void confirm(lsn position) { confirmed_ = std::max(*confirmed_, position); }
  lsn confirmed() const { return *confirmed_; }

  /// Place in the WAL of the first record that a stream started at `asked` sends: the slot's position counts if it is
  /// later.
  std::size_t start_at(lsn asked) const;
  std::size_t records() const { return wal_.size(); }
  /// What the walsender sends for record i.
  bytes frames(std::size_t i) const;
  static bytes relation_frame();
  bytes keepalive() const { return wire_builder().keepalive(end()).take(); }

private:
  struct change {
    enum class kind : std::uint8_t { insert, update, remove, truncate } what;
    std::int64_t id = 0;
    sim_row before;
    sim_row after;
  };
  struct record {
    enum class kind : std::uint8_t { commit, prepare, commit_prepared, rollback_prepared, message } what;
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::int64_t time_us = 0;
    std::uint32_t id = 0;
    std::string gid;
    std::vector<change> changes;
  };

  std::vector<change> random_changes(seeded_random& random);
  void append(record r, seeded_random& random);
  static void apply(sim_table& to, const std::vector<change>& changes);
  static void write_changes(wire_builder& out, const std::vector<change>& changes);

  std::vector<record> wal_;
  std::uint64_t end_;
  sim_table rows_; ///< as the last committed transaction left it
  std::map<std::string, std::vector<change>> prepared_;
  std::map<std::int64_t, std::string> locked_; ///< ids that a prepared transaction has changed
  std::int64_t next_id_ = 1;
  std::uint32_t next_xid_ = 700;
  std::optional<lsn> confirmed_;
};

} // namespace weir::test
