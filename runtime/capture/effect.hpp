#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/cluster/ownership_tracker.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::capture {

/// A transaction starts. Its items and dead rows follow, then its end; nothing of another one comes between.
struct transaction_begin {
  lsn final_lsn;                   ///< of its COMMIT record; of its PREPARE record when prepared
  std::int64_t commit_time_us = 0; ///< (or time of the PREPARE) microseconds since 2000-01-01 UTC
  xid id;
  std::string gid = {}; ///< name of a prepared transaction, else empty
};

/// What the open transaction did to one view: some of its rows, or a TRUNCATE of the view's source.
///
/// Rows [first, last) of `rows` are the transaction's. The batch may be shared with the transactions before and after,
/// so that small ones cost no allocation: slices of one batch come in order, and neighbouring ones join (see `joins`).
/// Invariant   rows: not null, first < last <= rows->rows(); truncate: rows null, first == last == 0.
struct item {
  enum class kind : std::uint8_t { rows, truncate };
  kind what = kind::rows;
  std::size_t view = 0;              ///< into pipeline_plan::views
  std::shared_ptr<const batch> rows; ///< columns: the view's keys, then its inputs; weights +1 or -1
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// Do `a` and then `b` cover one range of one batch?
inline bool joins(const item& a, const item& b) noexcept {
  return a.rows != nullptr && a.rows == b.rows && a.view == b.view && a.last == b.first;
}

/// A row of the open transaction that could not be computed for a view, and is in none of its items.
struct dead_row {
  std::size_t view = 0; ///< into pipeline_plan::views
  lsn position;         ///< final_lsn of its transaction
  std::int64_t weight = 0;
  std::string cause;    ///< PostgreSQL's words: "division by zero"
  std::string row_text; ///< the source's needed columns: "id=1, note=NULL"
};

/// The open transaction began a distributed one, of which the prepared transaction `gid` is a part: a row that it wrote
/// into Citus' pg_dist_transaction.
struct participant {
  std::string gid;
};

/// The open transaction comes after the prepared transaction `gid`, whichever is committed first here: it changed a
/// shard that came with it.
struct follows {
  std::string gid;
};

/// What the node owns once the transaction that ends next has ended, or the prepared one that is decided next.
struct ownership_record {
  std::shared_ptr<const std::string> text; ///< ownership_tracker::text() from there on
  // Of a commit:
  std::vector<handover> handovers;  ///< rows of sources that went to other nodes
  std::vector<takeover> takeovers;  ///< rows of sources that came from other nodes
  std::vector<std::size_t> emptied; ///< sources of which the node owns nothing any more
};

/// The open transaction ends.
struct transaction_end {
  enum class outcome : std::uint8_t { committed, prepared };
  outcome how = outcome::committed;
  lsn commit_lsn; ///< or of the PREPARE
  lsn end_lsn;    ///< where reading may resume once this transaction is dealt with
  std::int64_t commit_time_us = 0;
};

/// COMMIT PREPARED or ROLLBACK PREPARED of a transaction that came earlier; perhaps before the slot's first position.
struct prepared_decision {
  std::string gid;
  xid id; ///< of the prepared transaction
  bool commit = false;
  lsn prepare_end_lsn; ///< rollback only: end of its PREPARE (0 for a commit: the protocol does not say)
  lsn commit_lsn;      ///< commit only: of the COMMIT PREPARED record (0 for a rollback)
  lsn end_lsn;
  std::int64_t time_us = 0;
};

/// A keepalive between transactions: every transaction that ends at or below `position` has come.
/// Those inside a transaction make no effect; whoever owns the connection answers keepalives by the clock.
struct progress {
  lsn position;
  std::int64_t server_time_us = 0;
  bool reply_requested = false;
};

using effect = std::variant<transaction_begin, item, dead_row, participant, follows, ownership_record, transaction_end,
                            prepared_decision, progress>;

} // namespace weir::capture
