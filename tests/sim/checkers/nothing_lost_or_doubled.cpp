#include <fmt/format.h>

#include "tests/sim/checkers/checker.hpp"
#include "tests/sim/checkers/order_views.hpp"
#include "tests/sim/world/world.hpp"

namespace weir::sim {
namespace {

/// In the end the views show what their queries give over the tables, and so does each node's share of them, where rows
/// stay on their node.
class completeness final : public checker {
public:
  void end(world& w) override {
    order_views all;
    for (const auto& node : w.nodes) {
      const auto own = query(node.rows());
      for (std::size_t v = 0; v < sample_views; ++v) {
        add(all[v], own[v]);
        if (w.env.often.shard_moves == 0 && !w.raw()) compare_share(w, node, v, own[v]);
      }
    }
    for (std::size_t v = 0; v < sample_views; ++v)
      if (const auto shown = w.target.view(v); shown != all[v])
        w.env.violated(fmt::format("in the end view {} is not its query\n  shows   {}\n  expected{}", v, to_text(shown),
                                   to_text(all[v])));
  }

private:
  static void compare_share(world& w, const simulated_node& node, std::size_t v, const order_view& expected) {
    order_view shown;
    for (const auto& [key, group] : w.target.durable().states[v])
      if (key.first == node.index().value) shown[key.second] = group;
    if (shown != expected)
      w.env.violated(fmt::format("in the end {}'s share of view {} is{}\n  expected{}", node.name(), v, to_text(shown),
                                 to_text(expected)));
  }
};

} // namespace

std::unique_ptr<checker> nothing_lost_or_doubled() { return std::make_unique<completeness>(); }

} // namespace weir::sim
