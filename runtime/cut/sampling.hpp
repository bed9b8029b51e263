#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir::cut {

/// Positions of all nodes, asked for after some moment. What happened before that moment ends at or below them: once a
/// node's stream has passed its position, everything that the node did before has come.
struct sampling_round {
  std::vector<std::optional<lsn>> samples; ///< one a node; empty: not answered
  bool complete = false;                   ///< every node that counts has passed its position
};
using round_pointer = std::shared_ptr<const sampling_round>;

/// Runs sampling rounds, one at a time, as long as somebody waits for one.
class sampling {
public:
  explicit sampling(std::size_t nodes) : nodes_(nodes), next_(std::make_shared<sampling_round>()), running_(nullptr) {}

  /// The round that starts after now, if anybody keeps the pointer.
  round_pointer next() const { return next_; }
  /// True if a round starts: ask every node for its position.
  bool start();
  /// Was this node asked, and has not answered?
  bool awaits(node_index node) const { return running_ && !running_->samples[node.value]; }
  void sampled(node_index node, lsn position);

  /// The node's history begins anew: its positions so far mean nothing, and all that they stood for is in its load.
  void forget(node_index node);

  /// The round under way; null if there is none.
  const sampling_round* running() const { return running_.get(); }
  /// All that count have passed the running round's positions.
  void complete();

private:
  std::size_t nodes_;
  std::shared_ptr<sampling_round> next_;
  std::shared_ptr<sampling_round> running_;
  std::vector<std::weak_ptr<sampling_round>> started_; ///< that somebody may still look at
};

} // namespace weir::cut
