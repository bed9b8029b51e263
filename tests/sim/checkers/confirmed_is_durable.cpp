#include <algorithm>

#include <fmt/format.h>

#include "tests/sim/checkers/checker.hpp"
#include "tests/sim/world/world.hpp"

namespace weir::sim {
namespace {

/// A slot is never told to forget what the views do not have: nothing beyond the durable frontier, and no PREPARE whose
/// decision is not in the views, unless the slot sends it again with the decision.
class durability final : public checker {
public:
  void confirming(world& w, const simulated_node& node, const simulated_slot& slot, lsn position) override {
    const auto& frontier = w.target.durable().frontier;
    const auto entry =
        std::find_if(frontier.begin(), frontier.end(), [&](const auto& e) { return e.node == node.index(); });
    if (entry == frontier.end() || position > entry->position)
      return w.env.violated(fmt::format("the slot of {} is confirmed up to {}, beyond the durable frontier {}",
                                        node.name(), to_string(position),
                                        entry == frontier.end() ? "(none)" : to_string(entry->position)));
    const auto forgotten = [&](const wal_record& prepared) {
      return prepared.start < position && prepared.start >= slot.two_phase_at;
    };
    for (const auto& [gid, prepared] : node.prepared())
      if (forgotten(*prepared)) tell(w, node, position, gid, "is undecided");
    const auto& wal = node.wal();
    for (auto r = wal.rbegin(); r != wal.rend() && (*r)->end > entry->position; ++r)
      if ((*r)->what == wal_record::kind::commit_prepared && forgotten(*(*r)->prepared))
        tell(w, node, position, (*r)->gid, "is not in the views");
  }

private:
  static void tell(world& w, const simulated_node& node, lsn position, const std::string& gid, const char* what) {
    w.env.violated(fmt::format("the slot of {} is confirmed up to {}, and has forgotten the PREPARE of {}, which {}",
                               node.name(), to_string(position), gid, what));
  }
};

} // namespace

std::unique_ptr<checker> confirmed_is_durable() { return std::make_unique<durability>(); }

} // namespace weir::sim
