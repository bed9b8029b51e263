#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "actors/pipeline_supervisor.hpp"

namespace weir {

/// One pipeline and the threads it runs on: what a program needs to know of actors.
class pipeline_runner {
public:
  /// Starts it. `arguments.finished` is the runner's own. Signals that are blocked in the calling thread are so in all
  /// threads of the pipeline.
  explicit pipeline_runner(pipeline_supervisor_arguments arguments);
  pipeline_runner(const pipeline_runner&) = delete;
  pipeline_runner& operator=(const pipeline_runner&) = delete;
  /// Waits for the pipeline to end: stop it first.
  ~pipeline_runner();

  void stop();
  /// How it ended; empty if it has not within `patience`.
  std::optional<pipeline_outcome> wait_for(std::chrono::milliseconds patience);

private:
  struct impl;
  std::unique_ptr<impl> state_;
};

} // namespace weir
