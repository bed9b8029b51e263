#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "actors/pipeline_supervisor.hpp"
#include "tests/sim/world/environment.hpp"

namespace weir::sim {

class world;

/// One life of the program: the real actors of a pipeline under CAF's test coordinator, on simulated servers. Which
/// actor is next is the seed's choice.
class program {
public:
  program(world& w, std::string name, bool read_anew);
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  /// Kills it if it has not ended.
  ~program();

  const std::string& name() const { return name_; }
  /// Lets one actor take one message. Returns false if none has any.
  bool step();
  /// Its clock goes on.
  void advance_to(instant now);
  /// It is asked to stop, and will.
  void stop();
  /// How it ended.
  const std::optional<pipeline_outcome>& outcome() const { return outcome_; }

private:
  struct impl;
  world& world_;
  std::string name_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::optional<pipeline_outcome> outcome_;
  std::unique_ptr<impl> actors_;
};

} // namespace weir::sim
