#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "actors/pipeline_supervisor.hpp"
#include "actors/rehearsal/stage.hpp"

namespace weir::rehearsal {

/// One life of weir in a rehearsal: the real actors of a pipeline over the stage's workers, under CAF's test
/// coordinator. One thread; actors take messages in the order in which they were sent; time passes when nobody has
/// anything to do.
class weir_run {
public:
  weir_run(stage& s, std::shared_ptr<const pipeline_plan> plan);
  weir_run(const weir_run&) = delete;
  weir_run& operator=(const weir_run&) = delete;
  /// Kills it: what its actors still do reaches no server.
  ~weir_run();

  /// Lets time pass.
  /// Output   false if the actors do not come to rest, which is a bug of weir
  bool run_for(std::chrono::milliseconds time);
  /// Has it read all that the worker shows?
  bool has_read(node_index worker) const;
  /// How it ended, if it has.
  const std::optional<pipeline_outcome>& outcome() const { return outcome_; }

private:
  struct impl;
  bool rest();
  bool wake_readers();

  stage& stage_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::optional<pipeline_outcome> outcome_;
  std::unique_ptr<impl> actors_;
};

} // namespace weir::rehearsal
