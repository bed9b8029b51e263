#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "runtime/cut/distributed.hpp"

namespace weir::cut {

/// How far a node's transactions are in the views. `confirmed` is what its slot may forget: `position`, or less while a
/// transaction prepared before it is not in the views.
struct node_position {
  node_index node;
  lsn position;
  lsn confirmed;
  std::int64_t commit_time_us = 0; ///< of the last transaction, microseconds since 2000-01-01 UTC; 0: none yet
  bool isolated = false;           ///< cuts do not hold its parts of distributed transactions with the others'
};

/// Rows that came from another node, whose stream has what happened to them until then.
struct taken_rows {
  node_index from;
  std::string move; ///< name of the distributed transaction
};

/// A transaction of one node that is in no cut.
struct local_transaction {
  transaction_id id;
  std::string gid;
  lsn prepared_at; ///< 0 unless it was prepared
  lsn end;
  std::int64_t commit_time_us = 0;
  instant arrived{};
  std::vector<std::string> participants;    ///< names of the prepared parts that its rows of pg_dist_transaction tell
  std::vector<std::string> follows;         ///< distributed transactions without which it must not be shown
  std::string command;                      ///< of which it carries out a part, if not empty
  std::vector<taken_rows> takes;            ///< rows that come to this node with it
  std::string name;                         ///< of the distributed transaction that it was prepared for
  bool load = false;                        ///< the node's share as it was read: it begins the node's history anew
  distributed_transaction* whole = nullptr; ///< what it is a part of
  round_pointer after;                      ///< may be the nameless part of one: needs all that precedes this round
};

/// Does a node keep to whole transactions with the others?
enum class membership : std::uint8_t {
  whole,
  isolated,  ///< it is down: the others do not wait for its parts
  returning, ///< it is back, and has yet to catch up with what the others have shown
};

/// How transactions without a name that a node began are tied to their named parts.
enum class initiator_link : std::uint8_t {
  none,     ///< the node begins none
  streamed, ///< by the rows of pg_dist_transaction in its stream
  sampled,  ///< by positions only
};

/// What the watermark knows of one node's stream.
struct node_stream {
  enum class load_state : std::uint8_t { missing, running, ended };

  bool live = false;
  bool idle = false;
  load_state load = load_state::missing;
  round_pointer after_load; ///< to be passed by the others before the load is shown; null: they need not
  bool unread = true;       ///< the views have nothing of the node, or what they have is to be replaced by a load
  std::optional<epoch> anew_after;       ///< cuts up to this one tell of another history of the node
  lsn received;                          ///< everything ending at or below it is here, or was in a cut
  std::optional<local_transaction> open; ///< begun, not ended
  std::map<std::string, local_transaction> prepared;
  std::deque<local_transaction> committed; ///< in no cut yet, in commit order
  std::uint64_t first_place = 0;           ///< of committed.front() in the node's commit order
  node_position closed;                    ///< as of the last cut
  std::optional<node_position> durable;
  std::int64_t last_commit_time_us = 0;
  std::int64_t clock_offset_us = 0;

  std::optional<std::uint32_t> group; ///< Citus' number of the node
  initiator_link link = initiator_link::none;

  membership member = membership::whole;
  round_pointer catch_up; ///< returning: to be passed. whole again: what is still late was prepared before it
  std::unordered_set<transaction_id> late; ///< parts of which the others may have been shown; whole again without them
  bool late_known = false;

  std::uint16_t share_group = 0; ///< equal where only the nodes together have all of a row's history

  std::multiset<lsn> prepared_at; ///< of what was prepared and is in no cut: its slot must be able to send it again
  std::size_t aligned = 0;        ///< how many of `committed` need not wait for other nodes to tell of the same moment
  std::size_t limit = 0;          ///< how many of `committed` the next cut may hold
  bool held = false;              ///< `limit` is due to other nodes' transactions

  bool degraded() const { return member != membership::whole || catch_up != nullptr; }
};

} // namespace weir::cut
