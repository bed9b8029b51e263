#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "tests/sim/checkers/checker.hpp"
#include "tests/sim/world/world.hpp"

namespace weir::sim {
namespace {

/// Where a shard moves, a cut that has what the new owner did with a row also has what the old one did, and the other
/// way round: no row is shown twice, and none is taken out that is not there. Except while cuts say that they are apart
/// from a node.
class uniqueness final : public checker {
public:
  void loaded(world& w, const simulated_node& node, lsn consistent_point) override {
    if (w.env.often.shard_moves == 0) return;
    auto& l = read_[w.loads(node.index()).back().number];
    l.rows = node.rows_to_read();
    l.next = 0;
    while (l.next < node.wal().size() && node.wal()[l.next]->end <= consistent_point) ++l.next;
  }

  void dropped(world&) override {
    loads_.clear();
    read_.clear();
    shown_.clear();
    wrong_.clear();
  }

  void cut(world& w) override {
    if (w.env.often.shard_moves == 0) return;
    std::set<std::int64_t> touched;
    const auto count = [&](std::int64_t id, int weight) {
      shown_[id] += weight;
      touched.insert(id);
    };
    for (const auto& entry : w.target.durable().frontier) {
      auto& l = loads_[entry.node.value];
      if (const auto read = read_.find(w.target.durable().loads[entry.node.value]); read != read_.end()) {
        for (const auto& [id, times] : l.shown) count(id, -times);
        l = std::move(read->second);
        read_.erase(read);
        for (const auto& [id, row] : l.rows) {
          ++l.shown[id];
          count(id, 1);
        }
        l.rows.clear();
      }
      const auto& wal = w.nodes[entry.node.value].wal(entry.timeline);
      for (; l.next < wal.size() && wal[l.next]->end <= entry.position; ++l.next)
        for (const auto& c : wal[l.next]->effects())
          if (c.what != order_change::kind::update) {
            const int weight = c.what == order_change::kind::insert ? 1 : -1;
            l.shown[c.id] += weight;
            count(c.id, weight);
          }
    }
    for (const auto id : touched) {
      const auto times = shown_[id];
      if (times == 0) shown_.erase(id);
      if (times == 0 || times == 1)
        wrong_.erase(id);
      else
        wrong_.insert(id);
    }
    const auto& frontier = w.target.durable().frontier;
    const bool apart = std::any_of(frontier.begin(), frontier.end(), [&](const auto& e) {
      return e.isolated || !w.target.durable().tells_of(e.node.value);
    });
    if (wrong_.empty() || apart) return;
    const auto id = *wrong_.begin();
    w.env.violated(fmt::format("cut {} shows row {} {} times", w.target.durable().last.value, id, shown_[id]));
  }

private:
  struct load {
    order_table rows; ///< in no cut yet
    std::size_t next = 0;
    std::map<std::int64_t, int> shown; ///< what the views have of it, by id
  };
  std::map<std::uint64_t, load> read_;  ///< by number, those that were in no cut yet
  std::map<std::uint16_t, load> loads_; ///< by node
  std::map<std::int64_t, int> shown_;   ///< how often, by id
  std::set<std::int64_t> wrong_;
};

} // namespace

std::unique_ptr<checker> rows_shown_once() { return std::make_unique<uniqueness>(); }

} // namespace weir::sim
