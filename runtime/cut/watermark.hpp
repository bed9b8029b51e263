#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir::cut {

/// A transaction's number inside one run of the program, whichever node it came from. 0 is none.
using transaction_id = strong_id<struct transaction_id_tag, std::uint64_t>;

/// Monotonic time, given by the caller: the machine has no clock.
using instant = std::chrono::microseconds;

/// How far a node's transactions are in the views. `confirmed` is what its slot may forget: `position`, or less while a
/// transaction prepared before it is not in the views.
struct node_position {
  node_index node;
  lsn position;
  lsn confirmed;
  std::int64_t commit_time_us = 0; ///< of the last transaction, microseconds since 2000-01-01 UTC; 0: none yet
};

/// A vector of positions, one per node, and the transactions between the previous cut and this one, each node's in its
/// commit order.
struct closed_cut {
  epoch number;
  std::vector<transaction_id> transactions;
  std::vector<node_position> frontier;
};

struct watermark_options {
  /// From one cut to the next, at least.
  std::chrono::microseconds every{0};
  /// The same while a backlog is read.
  std::chrono::microseconds catch_up_interval{5'000'000};
  /// How long a transaction may be held so that nodes show the same moment (commit times, best effort).
  std::chrono::microseconds align{10'000};
  /// An advance without transactions is worth a cut after this time, or after this many bytes.
  std::chrono::microseconds idle_interval{10'000'000};
  /// The first such advance after a cut with transactions: whoever waits for what was written last does not wait long.
  std::chrono::microseconds settle_interval{250'000};
  std::uint64_t idle_bytes = 16U << 20U;
  /// A node whose last commit is older than this, and that has more to tell, is catching up.
  std::chrono::microseconds behind_after{200'000};
  /// Close nothing while a node is down (`on worker failure wait`).
  bool wait_for_all = false;
};

/// Orders the transactions of all nodes and closes cuts. Looks at transactions, never at rows; no clock, no I/O.
///
/// Invariant   a cut is a prefix of each node's commit order: never reordered, never skipped. A transaction ends in
///             exactly one of: a cut, the list of dropped ones that some call returns.
/// The first cut of a pipeline holds every node's load, and is closed when every node has passed the position that was
/// sampled after the last load ended: a half-loaded view is never shown.
class watermark {
public:
  /// Input   `frontier[i]` is the durable position of node i, empty if the node has yet to be loaded.
  watermark(epoch last, std::vector<std::optional<node_position>> frontier, watermark_options options);

  // One node's stream, in its order.

  /// `gid` is the prepared transaction's name, empty for an ordinary one.
  transaction_id begin(node_index node, std::int64_t commit_time_us, std::string gid);
  /// The open transaction has ended with a commit. Returns it if it needs no cut: it is in the views already, or it is
  /// `empty`, that is changed nothing that any view reads. Drop its rows.
  std::optional<transaction_id> commit(node_index node, lsn end, std::int64_t commit_time_us, bool empty, instant now);
  /// The open transaction has ended with PREPARE: its rows are kept until decide(). Returns what it replaces: the same
  /// transaction, sent before. An empty one is kept too: its PREPARE must be sent again as long as its decision may be.
  std::optional<transaction_id> prepare(node_index node, lsn prepared_at, lsn end);
  /// COMMIT PREPARED or ROLLBACK PREPARED. Returns the transaction whose rows are to be dropped, if any.
  /// Errors   `errc::slot_invalidated` it was committed, and its PREPARE has never come
  result<std::optional<transaction_id>> decide(node_index node, const std::string& gid, bool committed, lsn end,
                                               std::int64_t time_us, instant now);
  /// The node has nothing to tell up to `position` (a keepalive).
  void progress(node_index node, lsn position);

  /// The node's snapshot is being read; its rows belong to the returned transaction.
  transaction_id begin_load(node_index node);
  void end_load(node_index node, lsn consistent_point, instant now);
  /// True once when every load has ended: positions are to be sampled now, and given to `sampled`.
  bool wants_samples();
  /// Was this node asked, and did not answer (its workers may have stopped in between)?
  bool awaits_sample(node_index node) const;
  void sampled(node_index node, lsn position);

  // Supervision.

  /// The node's stream broke off. Returns the transactions (open, or a load that did not end) whose rows are to be
  /// dropped.
  std::vector<transaction_id> node_down(node_index node);
  /// Where the node's stream continues; empty if it has to be loaded (again).
  std::optional<lsn> resume(node_index node) const;
  /// What the node's stream may confirm: the durable frontier.
  std::optional<node_position> durable_position(node_index node) const;

  // Cuts.

  /// How far the views hold all that the node is known to have done.
  lsn settled(node_index node) const;

  /// The next cut, if there is something to show.
  std::optional<closed_cut> close(instant now);
  /// How far the node's clock is ahead of the caller's.
  void clock_offset(node_index node, std::int64_t offset_us) { at(node).clock_offset_us = offset_us; }
  /// Is some node still telling what it committed long before `wall_us` (microseconds since 2000-01-01 UTC by the
  /// caller's clock)? Then larger cuts are the faster way to the present.
  bool catching_up(std::int64_t wall_us) const;

  /// When the next cut may close: `every` after the last one. Later while a node is catching up, so that the target
  /// does not write the same groups over and over, unless there is no `room` left for what is read meanwhile.
  instant due(std::int64_t wall_us, bool room) const;

  /// When close() may have something though no event comes: the earliest end of an alignment or of the idle interval.
  /// Empty while only an event can help.
  std::optional<instant> wake_at() const;
  /// Cuts are durable in order. Afterwards durable_position() is that of the cut.
  void durable(epoch number);

  /// The node's transactions that only more of its own stream can set free: open and prepared ones, and before the
  /// first cut all. Their rows must not use up the credit that the stream needs.
  std::vector<transaction_id> pinned(node_index node) const;
  bool first_cut_closed() const noexcept { return last_.value > 0; }

private:
  struct transaction {
    transaction_id id;
    std::string gid;
    lsn prepared_at; ///< 0 unless it was prepared
    lsn end;
    std::int64_t commit_time_us = 0;
    instant arrived{};
  };
  enum class load_state : std::uint8_t { missing, running, ended };
  struct node_state {
    bool live = false;
    bool idle = false;
    load_state load = load_state::missing;
    lsn received;                    ///< everything ending at or below it is here, or was in a cut
    std::optional<lsn> sample;       ///< to be reached before the first cut
    std::optional<transaction> open; ///< begun, not ended
    std::map<std::string, transaction> prepared;
    std::deque<transaction> committed; ///< in no cut yet, in commit order
    node_position closed;              ///< as of the last cut
    std::optional<node_position> durable;
    std::int64_t last_commit_time_us = 0;
    std::int64_t clock_offset_us = 0;
  };

  node_state& at(node_index n) { return nodes_[n.value]; }
  const node_state& at(node_index n) const { return nodes_[n.value]; }
  transaction_id next_id() { return transaction_id{++last_id_}; }
  bool first_cut_ready() const;
  bool may_close() const;
  std::int64_t aligned_time() const;
  bool idle_advance_due(instant now) const;
  instant idle_due() const;
  static node_position position_after_take(const node_state& n, node_index index);

  watermark_options options_;
  std::vector<node_state> nodes_;
  std::deque<closed_cut> undurable_; ///< only numbers and frontiers
  epoch last_;
  std::uint64_t last_id_ = 0;
  instant last_close_{};
  bool last_had_transactions_ = false;
  bool samples_asked_ = false;
};

} // namespace weir::cut
