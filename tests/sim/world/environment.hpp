#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "runtime/base/random.hpp"
#include "tests/sim/world/chances.hpp"
#include "tests/sim/world/chronicle.hpp"

namespace weir::sim {

/// What everything in a simulated world shares: its one source of chance, its time, its chronicle, and what was found
/// wrong.
class environment {
public:
  environment(std::uint64_t seed, sim::chances how_often) : random(seed), often(how_often) {}

  seeded_random random;
  sim::chances often;
  instant now{std::chrono::hours(1)};
  std::uint64_t step = 0;
  bool calm = false; ///< nothing goes wrong any more

  /// Does it go wrong this time? `occasions` such times count as one.
  bool happens(unsigned per_mille, std::uint64_t occasions = 1) {
    return per_mille != 0 && !calm && random.chance(per_mille, 1000 * occasions);
  }
  /// A time up to `longest`.
  std::chrono::microseconds some_time(std::chrono::microseconds longest) {
    return std::chrono::microseconds(random.below(static_cast<std::uint64_t>(longest.count()) + 1));
  }

  template <class... Args>
  void tell(fmt::format_string<Args...> what, Args&&... args) {
    events.tell(now, step, what, std::forward<Args>(args)...);
  }
  chronicle events;

  /// Only the first counts: what follows from it is no news.
  void violated(std::string what) {
    if (!violation.empty()) return;
    tell("VIOLATION {}", what);
    violation = std::move(what);
  }
  std::string violation;
};

} // namespace weir::sim
