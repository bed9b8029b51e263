#include <fmt/format.h>

#include "tests/sim/checkers/checker.hpp"
#include "tests/sim/world/world.hpp"

namespace weir::sim {
namespace {

/// What a node's chain holds is within its credit, but for a chunk and what is made of it; and credit that was given
/// back was taken before. In the end all of it is back.
class bounds final : public checker {
public:
  void look(world& w) override {
    const auto all = credit(w);
    std::erase_if(w.links, [](const auto& l) { return l.expired(); });
    for (const auto& l : w.links) {
      const auto link = l.lock();
      if (!link) continue;
      const auto left = link->credit();
      if (left < -overshoot_bytes || left > all)
        w.env.violated(fmt::format("{} of {} bytes of a node's credit are left", left, all));
    }
  }

  void end(world& w) override {
    for (const auto& l : w.links)
      if (const auto link = l.lock(); link && !link->stopped() && link->credit() != credit(w))
        w.env.violated(fmt::format("in the end {} of {} bytes of a node's credit are back", link->credit(), credit(w)));
  }

private:
  /// A walsender's buffer, and the batches that are made of so many bytes.
  static constexpr std::int64_t overshoot_bytes = 64'000;

  static std::int64_t credit(const world& w) { return static_cast<std::int64_t>(w.memory_bytes / 2 / w.nodes.size()); }
};

} // namespace

std::unique_ptr<checker> queues_within_credit() { return std::make_unique<bounds>(); }

} // namespace weir::sim
