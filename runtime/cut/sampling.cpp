#include "runtime/cut/sampling.hpp"

#include <utility>

namespace weir::cut {

bool sampling::start() {
  if (running_ || next_.use_count() == 1) return false;
  running_ = std::exchange(next_, std::make_shared<sampling_round>());
  running_->samples.resize(nodes_);
  std::erase_if(started_, [](const auto& round) { return round.expired(); });
  started_.push_back(running_);
  return true;
}

void sampling::sampled(node_index node, lsn position) {
  if (awaits(node)) running_->samples[node.value] = position;
}

void sampling::forget(node_index node) {
  for (const auto& started : started_)
    if (const auto round = started.lock())
      round->samples[node.value] = round->complete ? std::optional(lsn{}) : std::nullopt;
}

void sampling::complete() {
  running_->complete = true;
  running_.reset();
}

} // namespace weir::cut
