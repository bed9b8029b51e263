#include <map>

#include <fmt/format.h>

#include "tests/sim/checkers/checker.hpp"
#include "tests/sim/checkers/order_views.hpp"
#include "tests/sim/world/world.hpp"

namespace weir::sim {
namespace {

/// At every cut each view shows what its query gives over the nodes as they were at the cut's positions: their rows
/// when they were loaded, and what every transaction did that ends at or below the position.
class equality final : public checker {
public:
  void loaded(world& w, const simulated_node& node, lsn consistent_point) override {
    auto& l = read_[w.loads(node.index()).back().number];
    l.timeline = node.timeline();
    l.position = consistent_point;
    l.views = query(node.rows_to_read());
    l.next = 0;
    while (l.next < node.wal().size() && node.wal()[l.next]->end <= consistent_point) ++l.next;
  }

  void dropped(world&) override {
    ledgers_.clear();
    read_.clear();
    last_ = {};
  }

  void cut(world& w) override {
    const auto& durable = w.target.durable();
    if (durable.last <= last_) w.env.violated(fmt::format("cut {} follows cut {}", durable.last.value, last_.value));
    last_ = durable.last;
    for (const auto& entry : durable.frontier) advance(w, entry);
    for (std::size_t v = 0; v < sample_views; ++v) {
      order_view expected;
      for (const auto& [node, l] : ledgers_) add(expected, l.views[v]);
      const auto shown = w.target.view(v);
      if (shown == expected) continue;
      w.env.violated(fmt::format("view {} is not its query at cut {}\n  shows   {}\n  expected{}", v,
                                 durable.last.value, to_text(shown), to_text(expected)));
    }
  }

private:
  struct ledger {
    std::int32_t timeline = 0;
    lsn position;
    std::size_t next = 0; ///< record of the timeline
    order_views views;
  };

  void advance(world& w, const postgres::frontier_entry& to) {
    const auto& node = w.nodes[to.node.value];
    auto& l = ledgers_[to.node.value];
    // The load takes the place of all that the views had of the node.
    if (const auto read = read_.find(w.target.durable().loads[to.node.value]); read != read_.end()) {
      l = std::move(read->second);
      read_.erase(read);
    }
    if (to.position < l.position || to.timeline < l.timeline)
      return w.env.violated(fmt::format("the frontier of {} goes back to {} of timeline {}", node.name(),
                                        to_string(to.position), to.timeline));
    // A timeline begins with all that the one before it had when it was left.
    for (const auto& left : node.timelines_left())
      if (left.timeline >= l.timeline && left.timeline < to.timeline && l.position > left.end)
        return w.env.violated(fmt::format("cut {} continues on timeline {} of {} from {}, which that never had",
                                          last_.value, to.timeline, node.name(), to_string(l.position)));
    const auto& wal = node.wal(to.timeline);
    for (; l.next < wal.size() && wal[l.next]->end <= to.position; ++l.next) change(l.views, wal[l.next]->effects());
    l.timeline = to.timeline;
    l.position = to.position;
  }

  std::map<std::uint16_t, ledger> ledgers_; ///< by node
  std::map<std::uint64_t, ledger> read_;    ///< loads that were in no cut yet, by number
  epoch last_;
};

} // namespace

std::unique_ptr<checker> view_equals_query() { return std::make_unique<equality>(); }

} // namespace weir::sim
