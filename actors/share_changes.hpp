#pragma once

#include <string>
#include <vector>

#include "actors/messages.hpp"
#include "actors/watermark.hpp"

namespace weir {

// What of the watermark actor is about who owns which shards. In a Citus cluster only.

/// A record of the node, as far as other nodes are concerned.
/// Errors   `errc::topology_changed` rows went to a node that the plan does not have
result<watermark_state::node::owned> owned_from(const pipeline_plan& plan, node_index node, lsn from,
                                                capture::ownership_record record);

/// Notes what the node owns after the transaction that ends at `end`, if that has changed it: the prepared one `gid`,
/// or the open one.
status note_ownership(watermark_state& s, node_index node, lsn end, const std::string& gid);

/// The load has ended, and is what the node owns.
void note_load(watermark_state& s, node_index node, lsn consistent_point, const ownership& owned);

/// With logical capture: shards have moved to or from the node, at some position that nobody knows.
void note_moves(watermark_state& s, node_index node, const ownership& owned);

/// With logical capture: nodes to be read anew before the node, no member of the cluster any more, can leave: what its
/// shards had is in its share, and whose it is now does not come in the stream.
std::vector<node_index> to_read_before_leaving(const watermark_state& s, node_index node);

/// What has changed in the cut, for the writer; the cut's frontier is given. Returns the nodes that exchanged shards
/// with one that is being read: its load may hold such a shard twice, or not at all.
std::vector<node_index> take_share_changes(watermark_state& s, const cut::closed_cut& closed,
                                           messages::cut_opened& cut);

/// Nodes that are no members of the cluster any more, and have handed over all that they owned, leave with the cut.
void leave_if_done(watermark_state& s, messages::cut_opened& cut);

/// Is a node being read that others gave shards to, or took from? Then what was read may hold them twice, or not at
/// all. Empty unless something is wrong; else the nodes to be read anew, and why.
struct misreading {
  std::vector<node_index> nodes;
  std::string cause;
  bool unclear = false; ///< not to be known yet
};
misreading check_loads(const watermark_state& s);

/// Tells the machine which nodes share groups, those included that cuts are yet to join.
void tell_share_groups(watermark_state& s);

/// The same of moves that were told of and are in no cut yet, when the cut that shows the loads could be closed. A move
/// of which a node that was read will not tell was before its load: what it did with those rows is in no stream.
misreading check_moves(const watermark_state& s);

/// All nodes of the share groups of `nodes`. With logical capture, where moves have no position, all that there are.
std::vector<node_index> whole_groups(const watermark_state& s, std::vector<node_index> nodes);

/// What the node owns at `position`; null where that is not known, or not of interest.
std::shared_ptr<const std::string> ownership_at(const watermark_state& s, node_index node, lsn position);

/// The node's history begins anew.
void forget_shares(watermark_state& s, node_index node);

} // namespace weir
