#include "actors/share_changes.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "runtime/base/mutation.hpp"

namespace weir {

namespace {

node_index index_of(std::size_t i) { return node_index{static_cast<std::uint16_t>(i)}; }

/// TRUNCATEs of a cut: of which node, view and command.
using truncate_set = std::set<std::tuple<node_index, std::size_t, std::uint64_t>>;

truncate_set truncates_of(watermark_state& s, const cut::closed_cut& closed) {
  truncate_set all;
  for (const auto id : closed.transactions) {
    const auto found = s.truncates.find(id.value);
    if (found == s.truncates.end()) continue;
    for (const auto& [view, command] : found->second) all.emplace(s.node_of.at(id.value), view, command);
    s.truncates.erase(found);
  }
  return all;
}

/// Shards that the node took over from one that is being read: what they held is in that node's old share, which goes.
bool took_from_unread(const watermark_state& s, const std::string& before, const std::string& after) {
  const auto is_unread = [&](std::optional<group_id> group) {
    for (std::size_t i = 0; i < s.nodes.size(); ++i)
      if (s.machine->unread(index_of(i)) && (!group || s.to.plan->nodes[i].group == group)) return true;
    return false;
  };
  if (!is_unread({})) return false;
  const auto was = ownership_tracker::parse(before);
  const auto is = ownership_tracker::parse(after);
  if (!was || !is) return false;
  const auto& shards = is->committed().shards();
  return std::any_of(shards.begin(), shards.end(), [&](const auto& entry) {
    const auto id = entry.first;
    return is->committed().owns(id) && !was->committed().owns(id) && is_unread(was->committed().owner(id));
  });
}

/// What a node has left behind of a view is not given to the new owner if that truncated the table after it had taken
/// the last shard over: a command that the old owner had no part in. Then it is gone.
void drop_truncated(const truncate_set& all, postgres::share_move& move, messages::cut_opened& cut) {
  std::erase_if(move.emptied, [&](std::size_t view) {
    const bool later = std::any_of(all.begin(), all.end(), [&](const auto& t) {
      const auto& [node, truncated, command] = t;
      return node == move.to && truncated == view && !all.contains({move.from, view, command});
    });
    if (later) cut.dropped.emplace_back(move.from, view);
    return later;
  });
}

std::vector<bool> sharded_sources(const pipeline_plan& plan) {
  std::vector<bool> sharded;
  for (const auto& source : plan.sources) sharded.push_back(is_sharded(source.kind));
  return sharded;
}

bool owns_something(const pipeline_plan& plan, const ownership& owned) {
  const auto sharded = sharded_sources(plan);
  for (std::size_t source = 0; source < sharded.size(); ++source)
    if (sharded[source] && owned.owns_any(source)) return true;
  return false;
}

std::vector<node_index> all_nodes(const watermark_state& s) {
  std::vector<node_index> all;
  for (std::size_t i = 0; i < s.nodes.size(); ++i) all.push_back(index_of(i));
  return all;
}

/// With logical capture what a shard had before it came to a node that is read alone is in its old owner's share, and
/// nothing tells of it: only all nodes together can be read.
misreading check_load_alone(const watermark_state& s) {
  bool any_read = false;
  for (std::size_t i = 0; i < s.nodes.size(); ++i) any_read = any_read || !s.machine->unread(index_of(i));
  for (std::size_t i = 0; any_read && i < s.nodes.size(); ++i) {
    const auto& changes = s.nodes[i].changes;
    const auto loaded = std::find_if(changes.begin(), changes.end(), [](const auto& c) { return c.loaded; });
    if (loaded == changes.end() || s.nodes[i].without_shards) continue;
    return {all_nodes(s), fmt::format("node {} had shards before it was read", s.to.plan->nodes[i].name)};
  }
  return {};
}

} // namespace

result<watermark_state::node::owned> owned_from(const pipeline_plan& plan, node_index node, lsn from,
                                                capture::ownership_record record) {
  watermark_state::node::owned out{from, std::move(record.text), {}, false};
  const auto was_emptied = [&](std::size_t source) {
    return std::find(record.emptied.begin(), record.emptied.end(), source) != record.emptied.end();
  };
  for (const auto& handover : record.handovers) {
    const auto to =
        std::find_if(plan.nodes.begin(), plan.nodes.end(), [&](const node_spec& n) { return n.group == handover.to; });
    if (to == plan.nodes.end())
      return error{errc::topology_changed,
                   fmt::format("node {}: shards of {} went to group {}, which was not known when the pipeline started",
                               plan.nodes[node.value].name, plan.sources[handover.source].name, handover.to)};
    postgres::share_move move{node, index_of(static_cast<std::size_t>(to - plan.nodes.begin())), {}};
    for (std::size_t v = 0; v < plan.views.size(); ++v)
      if (plan.views[v].source == handover.source && was_emptied(handover.source)) move.emptied.push_back(v);
    out.moves.push_back(std::move(move));
  }
  return out;
}

status note_ownership(watermark_state& s, node_index node, lsn end) {
  auto& n = s.nodes[node.value];
  if (!n.pending) return {};
  auto record = *std::exchange(n.pending, std::nullopt);
  const auto durable = s.machine->durable_position(node);
  if (durable && end <= durable->position) return {}; // sent again: it is recorded
  WEIR_ASSIGN(auto change, owned_from(*s.to.plan, node, end, std::move(record)));
  n.changes.push_back(std::move(change));
  return {};
}

void note_load(watermark_state& s, node_index node, lsn consistent_point, const ownership& owned) {
  auto text = std::make_shared<const std::string>(ownership_tracker(owned).text());
  auto& n = s.nodes[node.value];
  n.without_shards = !owns_something(*s.to.plan, owned);
  n.changes.push_back({consistent_point, std::move(text), {}, true});
}

void note_moves(watermark_state& s, node_index node, const ownership& owned) {
  auto text = std::make_shared<const std::string>(ownership_tracker(owned).text());
  auto& n = s.nodes[node.value];
  n.without_shards = n.without_shards && !owns_something(*s.to.plan, owned);
  n.changes.push_back({lsn{}, std::move(text), {}, false});
}

std::vector<node_index> to_read_before_leaving(const watermark_state& s, node_index node) {
  const bool needed = s.to.plan->capture == capture_mode::logical && !s.nodes[node.value].without_shards;
  return needed ? all_nodes(s) : std::vector<node_index>{};
}

std::vector<node_index> take_share_changes(watermark_state& s, const cut::closed_cut& closed,
                                           messages::cut_opened& cut) {
  std::vector<node_index> disturbed;
  const auto truncated = truncates_of(s, closed);
  for (const auto& p : cut.frontier) {
    auto& n = s.nodes[p.node.value];
    bool changed = false;
    for (; !n.changes.empty() && n.changes.front().from <= p.position; n.changes.pop_front()) {
      auto& change = n.changes.front();
      changed = true;
      if (!change.loaded && n.ownership && took_from_unread(s, *n.ownership, *change.text)) disturbed.push_back(p.node);
      n.ownership = std::move(change.text);
      if (change.loaded) {
        cut.read_anew.push_back(p.node);
        s.to.share_groups[p.node.value] = p.node.value;
      }
      for (auto& move : change.moves) cut.moves.push_back(std::move(move));
    }
    if (changed) cut.ownership.emplace_back(p.node, n.ownership);
  }
  for (auto& move : cut.moves) {
    drop_truncated(truncated, move, cut);
    const auto from = s.to.share_groups[move.from.value];
    const auto to = s.to.share_groups[move.to.value];
    std::replace(s.to.share_groups.begin(), s.to.share_groups.end(), from, to);
    if (s.machine->unread(move.to)) disturbed.insert(disturbed.end(), {move.from, move.to});
  }
  return disturbed;
}

void leave_if_done(watermark_state& s, messages::cut_opened& cut) {
  const bool logical = s.to.plan->capture == capture_mode::logical;
  for (std::size_t i = 0; i < s.nodes.size(); ++i) {
    auto& n = s.nodes[i];
    if (!n.leaving || n.left || !n.ownership || s.machine->unread(index_of(i))) continue;
    if (logical && !n.without_shards) continue;
    const auto owned = ownership_tracker::parse(*n.ownership);
    if (!owned || owns_something(*s.to.plan, owned->now())) continue;
    n.left = true;
    cut.left.push_back(index_of(i));
  }
}

misreading check_loads(const watermark_state& s) {
  std::vector<ownership> owned;
  misreading found;
  if (s.to.plan->capture == capture_mode::logical) {
    found = check_load_alone(s);
    if (!found.cause.empty()) return found;
  }
  for (std::size_t i = 0; i < s.nodes.size(); ++i) {
    const auto& n = s.nodes[i];
    // Where it was loaded; of the others, what the views have of them: what came later is in a later cut than the load.
    const auto loaded = std::find_if(n.changes.begin(), n.changes.end(), [](const auto& c) { return c.loaded; });
    const auto text = loaded != n.changes.end() ? loaded->text : n.ownership;
    if (!text) return {};
    if (s.machine->unread(index_of(i))) found.nodes.push_back(index_of(i));
    auto parsed = ownership_tracker::parse(*text);
    if (parsed) owned.push_back(parsed->committed());
  }
  std::vector<const ownership*> all;
  for (const auto& o : owned) all.push_back(&o);
  const auto wrong = not_owned_once(all, sharded_sources(*s.to.plan));
  if (wrong.empty()) return {};
  // Whoever owns a part of such a source may have read too much or too little.
  found.nodes.clear();
  for (std::size_t i = 0; i < owned.size(); ++i)
    if (std::any_of(wrong.begin(), wrong.end(), [&](std::size_t source) { return owned[i].owns_any(source); }) ||
        s.machine->unread(index_of(i)))
      found.nodes.push_back(index_of(i));
  found.cause = fmt::format("shards of {} moved while they were read", s.to.plan->sources[wrong.front()].name);
  return found;
}

std::vector<node_index> whole_groups(const watermark_state& s, std::vector<node_index> nodes) {
  if (mutated(mutation::read_anew_alone)) return nodes;
  if (s.to.plan->capture == capture_mode::logical) return all_nodes(s);
  std::vector<node_index> all;
  const auto& groups = s.to.share_groups;
  for (std::size_t i = 0; i < s.nodes.size(); ++i) {
    // A node that is being read is shown with the others that are.
    const bool in = s.machine->unread(index_of(i)) ||
                    std::any_of(nodes.begin(), nodes.end(), [&](node_index n) { return groups[n.value] == groups[i]; });
    if (in) all.push_back(index_of(i));
  }
  return all;
}

std::shared_ptr<const std::string> ownership_at(const watermark_state& s, node_index node, lsn position) {
  const auto& n = s.nodes[node.value];
  auto text = n.ownership;
  for (const auto& c : n.changes)
    if (c.from <= position) text = c.text;
  return text;
}

void forget_shares(watermark_state& s, node_index node) {
  auto& n = s.nodes[node.value];
  n.changes.clear();
  n.pending.reset();
  n.ownership.reset();
  n.without_shards = false;
  n.commands.clear();
}

} // namespace weir
