#include "runtime/cut/hold.hpp"

#include "runtime/cut/closure.hpp"

namespace weir::cut {
namespace {

node_index index_of(std::size_t i) { return node_index{static_cast<std::uint16_t>(i)}; }

hold::reason reason_of(const obstacle& o, const node_stream& n) {
  if (o.what == obstacle::kind::undecided) return hold::reason::undecided;
  return n.live ? hold::reason::behind : hold::reason::down;
}

} // namespace

std::vector<hold> holds_of(const std::vector<node_stream>& nodes, const sampling& rounds) {
  std::vector<hold> found;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto o = obstacle_of(nodes, rounds, index_of(i));
    // What stops the node that it waits for is told there.
    if (!o || o->what == obstacle::kind::other) continue;
    found.push_back({reason_of(*o, nodes[o->node.value]), o->node, o->transaction, o->position, o->since, index_of(i),
                     nodes[i].committed.size() - nodes[i].limit});
  }
  return found;
}

std::vector<hold> holds_of_first_cut(const std::vector<node_stream>& nodes, const first_cut_needs& needs) {
  std::vector<hold> found;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& n = nodes[i];
    if (n.load != node_stream::load_state::ended) {
      const bool loads = n.load == node_stream::load_state::running;
      found.push_back({loads ? hold::reason::loading : hold::reason::down, index_of(i), {}, {}, {}, {}, 0});
    } else if (needs.samples && !needs.samples->samples.empty() && needs.samples->samples[i] &&
               n.received < *needs.samples->samples[i]) {
      const auto why = n.live ? hold::reason::behind : hold::reason::down;
      found.push_back({why, index_of(i), {}, *needs.samples->samples[i], {}, {}, 0});
    }
    for (const auto& [gid, t] : n.prepared)
      if (needs.transactions.contains(t.id))
        found.push_back({hold::reason::undecided, index_of(i), gid, t.prepared_at, t.arrived, {}, 0});
  }
  return found;
}

std::vector<hold> holds_of_absent(const std::vector<node_stream>& nodes) {
  std::vector<hold> found;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (!nodes[i].live) found.push_back({hold::reason::down, index_of(i), {}, {}, {}, {}, 0});
  return found;
}

} // namespace weir::cut
