#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/base/result.hpp"
#include "tests/sim/world/environment.hpp"
#include "tests/sim/world/simulated_node.hpp"

namespace weir::sim {

/// The wire between a program and a node: late, cut after some bytes, stalled, broken when either end dies.
class simulated_link {
public:
  /// Input    `alive`: is the program?
  simulated_link(environment& env, simulated_node& node, std::shared_ptr<const bool> alive)
      : env_(env), node_(node), alive_(std::move(alive)) {}

  /// Errors   `errc::connection_failed` the node refuses connections
  status connect();
  /// Bytes are about to cross. Errors: `errc::connection_lost`.
  status use(std::size_t bytes = 0);
  void cut(const char* why);
  bool broken() const { return broken_; }
  bool stalled() const { return env_.now < stalled_until_; }
  void stall(std::chrono::microseconds time) { stalled_until_ = env_.now + time; }
  /// Of what is sent now.
  std::chrono::microseconds delay() { return env_.some_time(delay_); }

private:
  environment& env_;
  simulated_node& node_;
  std::shared_ptr<const bool> alive_;
  std::uint64_t life_ = 0; ///< of the node, when it was connected
  bool broken_ = false;
  std::uint64_t bytes_left_ = ~std::uint64_t{0};
  std::chrono::microseconds delay_{0};
  instant stalled_until_{};
};

} // namespace weir::sim
