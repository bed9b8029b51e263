#include <optional>

#include <fmt/format.h>

#include "tests/sim/checkers/checker.hpp"
#include "tests/sim/world/world.hpp"

namespace weir::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto time_limit = 60s;
constexpr std::uint64_t step_limit = 2'000'000;

/// Once nothing goes wrong any more and nobody writes, the views show everything before long.
class liveness final : public checker {
public:
  void look(world& w) override {
    if (!w.env.calm) return;
    if (!since_) since_ = moment{w.env.now, w.env.step};
    const bool late = w.env.now - since_->time > time_limit || w.env.step - since_->step > step_limit;
    if (!late || w.caught_up()) return;
    std::string positions;
    for (const auto& e : w.target.durable().frontier)
      positions +=
          fmt::format("\n  {} is shown up to {} of timeline {}{}; it ends at {} of {}", w.nodes[e.node.value].name(),
                      to_string(e.position), e.timeline, e.isolated ? " (isolated)" : "",
                      to_string(w.nodes[e.node.value].end()), w.nodes[e.node.value].timeline());
    w.env.violated(fmt::format("the views have not caught up{}", positions));
  }

private:
  struct moment {
    instant time;
    std::uint64_t step;
  };
  std::optional<moment> since_; ///< nothing goes wrong
};

} // namespace

std::unique_ptr<checker> catches_up() { return std::make_unique<liveness>(); }

} // namespace weir::sim
