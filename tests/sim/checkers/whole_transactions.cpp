#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "tests/sim/checkers/checker.hpp"
#include "tests/sim/world/world.hpp"

namespace weir::sim {
namespace {

/// No cut shows a part of a distributed transaction without all the others, the initiator's nameless one included;
/// except where the cut itself says that it is apart from a node that has a part.
class wholeness final : public checker {
public:
  void dropped(world&) override {
    open_.clear();
    seen_ = 0;
  }

  void cut(world& w) override {
    if (w.plan().consistency != consistency::transaction) return;
    const auto& all = w.clients().transactions();
    for (; seen_ < all.size(); ++seen_)
      if (!all[seen_]->alone) open_.push_back(all[seen_]);
    std::erase_if(open_, [&](const distributed_pointer& t) { return check(w, *t); });
  }

private:
  static const postgres::frontier_entry& entry_of(const world& w, std::size_t node) {
    const auto& frontier = w.target.durable().frontier;
    return *std::find_if(frontier.begin(), frontier.end(), [&](const auto& e) { return e.node.value == node; });
  }

  /// Returns true when there is nothing more to see of it.
  static bool check(world& w, const distributed_transaction& t) {
    if (t.torn) return true;
    if (!t.commits) return t.at == distributed_transaction::phase::done;
    std::string shown;
    std::string missing;
    bool apart = false;
    const auto look = [&](std::size_t node, const wal_pointer& record, const std::string& gid) {
      const auto& entry = entry_of(w, node);
      const bool visible = record && record->timeline <= entry.timeline && record->end <= entry.position;
      apart = apart || entry.isolated || !w.target.durable().tells_of(entry.node.value);
      (visible ? shown : missing) += fmt::format(" {} on {}{};", gid.empty() ? "the nameless part" : gid,
                                                 w.nodes[node].name(), record ? " at " + to_string(record->end) : "");
    };
    for (const auto& p : t.parts) look(p.node, p.decided, p.gid);
    // A nameless part that changed nothing is nowhere to be seen.
    if (t.local && !t.local->changes.empty()) look(*t.initiator, t.local, {});
    if (missing.empty()) return true;
    if (!shown.empty() && !apart)
      w.env.violated(fmt::format("cut {} shows a part of a distributed transaction\n  shown  {}\n  missing{}",
                                 w.target.durable().last.value, shown, missing));
    return false;
  }

  std::vector<distributed_pointer> open_; ///< not yet shown as a whole
  std::size_t seen_ = 0;                  ///< of all transactions
};

} // namespace

std::unique_ptr<checker> whole_transactions() { return std::make_unique<wholeness>(); }

} // namespace weir::sim
