#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/cut/distributed.hpp"
#include "runtime/cut/hold.hpp"
#include "runtime/cut/node_stream.hpp"
#include "runtime/cut/sampling.hpp"

namespace weir::cut {

/// A vector of positions, one per node, and the transactions between the previous cut and this one, each node's in its
/// commit order.
struct closed_cut {
  epoch number;
  std::vector<transaction_id> transactions;
  std::vector<node_position> frontier;
  std::vector<node_index> apart; ///< being read anew: what the views have of them goes with the others' no more
};

struct watermark_options {
  /// From one cut to the next, at least.
  std::chrono::microseconds every{0};
  /// The same while a backlog is read.
  std::chrono::microseconds catch_up_interval{5'000'000};
  /// How long a transaction may be held so that nodes show the same moment (commit times, best effort).
  std::chrono::microseconds align{10'000};
  /// An advance without transactions is worth a cut after this time, or after this many bytes.
  std::chrono::microseconds idle_interval{1'000'000};
  /// The first such advance after a cut with transactions: whoever waits for what was written last does not wait long.
  std::chrono::microseconds settle_interval{250'000};
  std::uint64_t idle_bytes = 16U << 20U;
  /// A node whose last commit is older than this, and that has more to tell, is catching up.
  std::chrono::microseconds behind_after{200'000};
  /// Close nothing while a node is down (`on worker failure wait`).
  bool wait_for_all = false;
  /// Hold every part of a distributed transaction in one cut (`consistency transaction`).
  bool whole_transactions = true;
  /// Show a node that was read anew only when the others have told all that they did before: rows go from node to node.
  bool rows_move = false;
  /// Which transactions are parts of one.
  name_rule names{};
};

/// Orders the transactions of all nodes and closes cuts. Looks at transactions, never at rows; no clock, no I/O.
///
/// Invariant   a cut is a prefix of each node's commit order: never reordered, never skipped. A transaction ends in
///             exactly one of: a cut, the list of dropped ones that some call returns. Every part of a distributed
///             transaction is in one cut, except those on a node that is isolated.
/// A node that is read anew, or has joined later, is isolated until it has caught up with the others; where several are
/// read at a time, one cut holds all their loads.
/// The first cut of a pipeline holds every node's load, and is closed when every node has passed the position that was
/// sampled after the last load ended, and what was prepared before it is decided: a half-loaded view is never shown,
/// nor half of a transaction whose other half a load has read.
class watermark {
public:
  /// Input   `frontier[i]` is the durable position of node i, empty if the node has yet to be loaded.
  watermark(epoch last, std::vector<std::optional<node_position>> frontier, watermark_options options);
  watermark(const watermark&) = delete;
  watermark& operator=(const watermark&) = delete;

  /// The node's number in Citus, and how it tells which nameless transactions of it are parts of distributed ones.
  void describe(node_index node, std::optional<std::uint32_t> group, initiator_link link);

  // One node's stream, in its order.

  /// `gid` is the prepared transaction's name, empty for an ordinary one.
  transaction_id begin(node_index node, std::int64_t commit_time_us, std::string gid);
  /// The open transaction began a distributed one, of which the prepared transaction `gid` is a part.
  void participant(node_index node, std::string gid);
  /// The open transaction must not be shown without the distributed one of which the prepared transaction `gid` is a
  /// part.
  void follows(node_index node, const std::string& gid);
  /// The open transaction carries out a part of `command`, which means something only as a whole: no cut shows one of
  /// its parts on this node without the others, nor without those on nodes of its share group, whatever is chosen for
  /// transactions over several nodes.
  void carries_out(node_index node, std::string command);
  /// The transaction takes rows that come from another node: it is not shown before the other node's part of the move
  /// is, whatever is chosen for transactions over several nodes. Named by `gid` if it is prepared, else the open one.
  void takes(node_index node, const std::string& gid, taken_rows what);
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
  /// Are all loads there that the next cut may show, and have the others told what they did before these ended?
  bool loads_settled() const;
  /// Some move is not understood yet: no cut with loads for now.
  void hold_loads(bool held) { loads_held_ = held; }
  /// A part of the distributed transaction has committed somewhere. Is it certain that the node will not tell of one?
  bool never_tells(node_index node, const std::string& transaction);
  /// True if positions are to be sampled now on every node, and given to `sampled`: after the loads, and whenever it
  /// has to be known that all parts of some transaction have come.
  bool wants_samples();
  /// Was this node asked, and did not answer (its workers may have stopped in between)?
  bool awaits_sample(node_index node) const { return rounds_.awaits(node); }
  void sampled(node_index node, lsn position);
  /// Does some round wait for the node to pass its sample?
  bool awaits_position(node_index node) const;

  // Supervision.

  /// The node's stream broke off. Returns the transactions (open, or a load that did not end) whose rows are to be
  /// dropped.
  std::vector<transaction_id> node_down(node_index node);
  /// The node stays away: from now on cuts hold no other node's transactions back for parts on it. Ends by itself, some
  /// time after the node is back.
  void isolate(node_index node);
  /// The node has to be loaded (again): what it told is forgotten, and the load replaces its share. Its stream must
  /// have broken off. Returns the transactions whose rows are to be dropped.
  std::vector<transaction_id> read_anew(node_index node);
  /// Is the node's load in no cut yet?
  bool unread(node_index node) const { return at(node).unread; }
  /// May a cut show a part of a distributed transaction on this node without the others?
  bool degraded(node_index node) const { return at(node).degraded(); }
  /// Where the node's stream continues; empty if it has to be loaded (again).
  std::optional<lsn> resume(node_index node) const;
  /// What the node's stream may confirm: the durable frontier.
  std::optional<node_position> durable_position(node_index node) const;

  /// Nodes between which rows went to and fro, by node: what is equal is one share group. At first all are apart.
  void share_groups(const std::vector<std::uint16_t>& groups);

  // Cuts.

  /// What keeps back transactions that have come, as of the last close().
  std::vector<hold> holds() const;

  /// How far the views hold all that the node is known to have done.
  lsn settled(node_index node) const;

  /// The next cut, if there is something to show.
  std::optional<closed_cut> close(instant now);
  /// How far the node's clock is ahead of the caller's.
  void clock_offset(node_index node, std::int64_t offset_us) { at(node).clock_offset_us = offset_us; }
  /// Is some node still telling what it committed long before `wall_us` by the caller's clock? Then larger cuts are the
  /// faster way to the present.
  bool catching_up(std::int64_t wall_us) const;

  /// When the next cut may close: `every` after the last one. Later while a node is catching up, so that the target
  /// does not write the same groups over and over, unless there is no `room` left for what is read meanwhile.
  instant due(std::int64_t wall_us, bool room) const;

  /// When close() may have something though no event comes: the earliest end of an alignment or of the idle interval.
  /// Empty while only an event can help.
  std::optional<instant> wake_at() const;
  /// Cuts are durable in order. Afterwards durable_position() is that of the cut.
  void durable(epoch number);

  /// The node's transactions that wait for more than the next cut: open and prepared ones, those held for other
  /// nodes' transactions, and before the first cut all. Their rows must not use up the credit that the streams need.
  std::vector<transaction_id> pinned(node_index node) const;
  bool first_cut_closed() const noexcept { return last_.value > 0; }
  /// Number of the last cut; 0 before the first.
  epoch last() const noexcept { return last_; }

private:
  node_stream& at(node_index n) { return nodes_[n.value]; }
  const node_stream& at(node_index n) const { return nodes_[n.value]; }
  transaction_id next_id() { return transaction_id{++last_id_}; }
  void heard(node_stream& n);
  void commit(node_stream& n, node_index node, local_transaction t, instant now);
  void gone(node_stream& n, const local_transaction& t);
  void not_late(transaction_id id);
  static void forget_prepared(node_stream& n, const local_transaction& t);
  void received(node_stream& n, lsn position);
  void check_round();
  void check_return(node_stream& n);
  void ask_who_was_away(distributed_transaction& whole, node_index node);
  bool first_cut_ready() const;
  bool loads_pending() const;
  bool may_close() const;
  std::int64_t aligned_time() const;
  void set_limits(instant now);
  void find_first_needs();
  bool holds_first_cut() const;
  std::vector<transaction_id> take();
  bool idle_advance_due(instant now) const;
  instant idle_due() const;
  static node_position position_after_take(const node_stream& n, node_index index);

  watermark_options options_;
  std::vector<node_stream> nodes_;
  sampling rounds_;
  distributed_transactions distributed_;
  std::deque<closed_cut> undurable_; ///< only numbers and frontiers
  epoch last_;
  std::uint64_t last_id_ = 0;
  instant last_close_{};
  bool last_had_transactions_ = false;
  std::vector<taken_rows> taken_; ///< of transactions that are in no cut
  bool loads_held_ = false;
  bool some_late_ = false; ///< may some node's `late` hold something?
  first_cut_needs first_;  ///< until it is closed
  bool first_needs_known_ = false;
};

} // namespace weir::cut
