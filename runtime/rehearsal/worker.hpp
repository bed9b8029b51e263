#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/rehearsal/table.hpp"
#include "runtime/rehearsal/wire_builder.hpp"

namespace weir::rehearsal {

/// The end of a transaction in a worker's WAL, with all that it did.
struct wal_record {
  enum class kind : std::uint8_t { commit, prepare, commit_prepared, message } what = kind::commit;
  lsn start = {};
  lsn end = {};
  std::int64_t time_us = 0; ///< since 2000-01-01 UTC
  std::uint32_t id = 0;     ///< xid
  std::string gid = {};
  std::vector<row_event> events = {};
  bool waits = false; ///< a test did it: it reaches weir when it is delivered
};

/// A logical slot with two_phase.
struct worker_slot {
  lsn confirmed;
  std::uint64_t reader = 0; ///< number of the connection that streams it; 0: none
};

/// A server of a rehearsal: tables, WAL, slots. Transactions end in the order in which they are given.
///
/// Law   the tables are what the committed events make of empty ones.
class worker {
public:
  worker(std::string name, const std::vector<table_shape>& tables);

  const std::string& name() const { return name_; }
  const std::vector<table>& tables() const { return tables_; }
  /// By schema and name; null if no test speaks of it: then it is empty.
  const table* find(const std::string& schema, const std::string& table_name) const;

  /// A transaction sees what it did itself; nobody else does before it commits.
  struct draft {
    std::vector<table> tables;
    std::vector<row_event> events = {};
  };
  draft begin() const { return {tables_}; }
  /// Errors   those of table::run
  static status run(draft& in, const table_change& what) { return in.tables[what.table].run(what, in.events); }

  void commit(draft done, std::int64_t time_us);
  void prepare(const std::string& gid, draft done, std::int64_t time_us);
  void commit_prepared(const std::string& gid, std::int64_t time_us);
  /// What it had before any WAL that weir reads.
  void found(draft done) { tables_ = std::move(done.tables); }
  /// A transactional logical message.
  void emit_message(std::int64_t time_us);

  lsn end() const { return end_; }
  std::vector<std::uint32_t> prepared() const;

  /// All that has been done up to now reaches weir.
  void deliver() { delivered_ = wal_.size(); }
  /// Position up to which weir may be told: the end, or before the first transaction that waits.
  lsn shown() const;
  /// Records that may be sent.
  std::size_t shown_records() const;
  /// The frames that a walsender sends for a record. `told` grows: tables that this connection knows of.
  bytes frames_of(std::size_t record, std::vector<bool>& told) const;
  /// First record of a stream that begins at `from`.
  std::size_t first_at(lsn from) const;

  std::map<std::string, worker_slot>& slots() { return slots_; }

  // Is it there?
  bool up() const { return up_; }
  /// Connections of an earlier life are broken.
  std::uint64_t life() const { return life_; }
  void go_away();
  void come_back() { up_ = true; }

private:
  void append(wal_record r);
  void write(const row_event& e, std::vector<bool>& told, wire_builder& out) const;

  std::string name_;
  const std::vector<table_shape>* shapes_;
  std::vector<table> tables_;
  std::vector<wal_record> wal_;
  std::map<std::string, std::pair<std::uint32_t, draft>> prepared_; ///< by name: xid, and what it does
  std::size_t delivered_ = 0; ///< records: what follows waits from the first that a test made
  lsn end_{1000};
  std::uint32_t next_xid_ = 700;
  std::map<std::string, worker_slot> slots_;
  bool up_ = true;
  std::uint64_t life_ = 1;
};

} // namespace weir::rehearsal
