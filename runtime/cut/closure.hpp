#pragma once

#include <optional>
#include <vector>

#include "runtime/cut/node_stream.hpp"

namespace weir::cut {

/// Lowers each node's `limit` until the prefixes that the limits describe hold every part of a distributed transaction
/// or none. The result is the largest such cut: the union of two is one, too.
///
/// Input    `all`: of every distributed transaction; else only of commands that share groups carry out together
/// Output   `limit` lowered, and `held` set where it was
/// Cost     O(transactions within the limits), times the hops from one lowered limit to the next
void close_over_distributed(std::vector<node_stream>& nodes, const distributed_transactions& distributed, bool all);

/// Some part of the transaction has committed. Is it certain that the node has none of it but what is in cuts, or
/// before its load?  Every PREPARE precedes every commit: the node has passed a position sampled after one.
bool never_tells(const node_stream& node, const distributed_transaction& whole);

/// Why the transaction that stops a node stops it.
struct obstacle {
  enum class kind {
    undecided, ///< a part is prepared on `node` and not decided
    unpassed,  ///< `node` has yet to pass `position`, sampled after the transaction
    unsampled, ///< `node` has not told its position
    other,     ///< a part or position lies beyond what stops `node` itself
  } what = kind::other;
  node_index node;
  std::string transaction; ///< name of the part, or of the distributed transaction
  lsn position;            ///< of the PREPARE, or to be passed
  instant since{};
};

/// The obstacle before a node's first transaction beyond its limit; empty if nothing holds it.
std::optional<obstacle> obstacle_of(const std::vector<node_stream>& nodes, const sampling& rounds, node_index node);

} // namespace weir::cut
