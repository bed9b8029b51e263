#include "actors/share_changes.hpp"

#include <algorithm>
#include <map>
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

std::optional<node_index> node_of_group(const pipeline_plan& plan, group_id group) {
  for (std::size_t i = 0; i < plan.nodes.size(); ++i)
    if (plan.nodes[i].group == group) return index_of(i);
  return std::nullopt;
}

std::vector<bool> sharded_sources(const pipeline_plan& plan) {
  std::vector<bool> sharded;
  for (const auto& source : plan.sources) sharded.push_back(is_sharded(source.kind));
  return sharded;
}

/// Does the node own a shard, or has some other node yet to come to where it does not?
bool is_needed(const watermark_state& s, node_index node) {
  const auto sharded = sharded_sources(*s.to.plan);
  const auto group = s.to.plan->nodes[node.value].group;
  return std::any_of(s.nodes.begin(), s.nodes.end(), [&](const watermark_state::node& n) {
    if (!n.ownership) return true;
    const auto known = ownership_tracker::parse(*n.ownership);
    if (!known) return true;
    const auto& shards = known->now().shards();
    return std::any_of(shards.begin(), shards.end(), [&](const auto& entry) {
      return sharded[entry.second.source] && known->now().owner(entry.first) == group;
    });
  });
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
  watermark_state::node::owned out{from, {}, std::move(record.text), {}, false};
  const auto was_emptied = [&](std::size_t source) {
    return std::find(record.emptied.begin(), record.emptied.end(), source) != record.emptied.end();
  };
  for (const auto& handover : record.handovers) {
    const auto to = node_of_group(plan, handover.to);
    if (!to)
      return error{errc::topology_changed,
                   fmt::format("node {}: shards of {} went to group {}, which was not known when the pipeline started",
                               plan.nodes[node.value].name, plan.sources[handover.source].name, handover.to)};
    postgres::share_move move{node, *to, {}};
    for (std::size_t v = 0; v < plan.views.size(); ++v)
      if (plan.views[v].source == handover.source && was_emptied(handover.source)) move.emptied.push_back(v);
    out.moves.push_back(std::move(move));
  }
  // The node that gave them says so itself, unless what it said is lost.
  if (mutated(mutation::taken_shards_not_joined)) return out;
  for (const auto& takeover : record.takeovers) {
    const auto giver = node_of_group(plan, takeover.from);
    if (!giver)
      return error{errc::topology_changed,
                   fmt::format("node {}: shards came from group {}, which was not known when the pipeline started",
                               plan.nodes[node.value].name, takeover.from)};
    out.moves.push_back({*giver, node, {}});
  }
  return out;
}

namespace {

/// Who takes rows waits for the giver's part of the move.
void wait_for_givers(watermark_state& s, node_index node, const std::string& gid, const std::string& move,
                     const capture::ownership_record& record) {
  if (move.empty()) return;
  for (const auto& takeover : record.takeovers)
    if (const auto giver = node_of_group(*s.to.plan, takeover.from)) s.machine->takes(node, gid, {*giver, move});
}

} // namespace

status note_ownership(watermark_state& s, node_index node, lsn end, const std::string& gid) {
  auto& n = s.nodes[node.value];
  if (!n.pending) return {};
  auto record = *std::exchange(n.pending, std::nullopt);
  const auto durable = s.machine->durable_position(node);
  if (durable && end <= durable->position) return {}; // sent again: it is recorded
  std::string move;
  if (auto name = s.names.match(gid.empty() ? n.first_participant : gid)) move = std::move(name->name);
  wait_for_givers(s, node, gid, move, record);
  WEIR_ASSIGN(auto change, owned_from(*s.to.plan, node, end, std::move(record)));
  change.transaction = std::move(move);
  n.changes.push_back(std::move(change));
  tell_share_groups(s);
  return {};
}

void tell_share_groups(watermark_state& s) {
  auto groups = s.to.share_groups;
  for (const auto& n : s.nodes)
    for (const auto& change : n.changes)
      for (const auto& move : change.moves)
        std::replace(groups.begin(), groups.end(), std::uint16_t{groups[move.from.value]}, groups[move.to.value]);
  s.machine->share_groups(groups);
}

void note_load(watermark_state& s, node_index node, lsn consistent_point, const ownership& owned) {
  auto text = std::make_shared<const std::string>(ownership_tracker(owned).text());
  auto& n = s.nodes[node.value];
  n.without_shards = !owns_something(*s.to.plan, owned);
  n.changes.push_back({consistent_point, {}, std::move(text), {}, true});
}

void note_moves(watermark_state& s, node_index node, const ownership& owned) {
  auto text = std::make_shared<const std::string>(ownership_tracker(owned).text());
  auto& n = s.nodes[node.value];
  n.without_shards = n.without_shards && !owns_something(*s.to.plan, owned);
  n.changes.push_back({lsn{}, {}, std::move(text), {}, false});
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
    if (s.machine->unread(move.from) || s.machine->unread(move.to))
      disturbed.insert(disturbed.end(), {move.from, move.to});
  }
  tell_share_groups(s);
  return disturbed;
}

void leave_if_done(watermark_state& s, messages::cut_opened& cut) {
  const bool logical = s.to.plan->capture == capture_mode::logical;
  for (std::size_t i = 0; i < s.nodes.size(); ++i) {
    auto& n = s.nodes[i];
    if (!n.leaving || n.left || !n.ownership || s.machine->unread(index_of(i))) continue;
    if (logical && !n.without_shards) continue;
    if (is_needed(s, index_of(i))) continue;
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
  // Whoever owned a part of such a source may have read too much or too little.
  found.nodes.clear();
  for (std::size_t i = 0; i < s.nodes.size(); ++i) found.nodes.push_back(index_of(i));
  found.cause = fmt::format("shards of {} moved while they were read", s.to.plan->sources[wrong.front()].name);
  return found;
}

misreading check_moves(const watermark_state& s) {
  using move = std::tuple<std::string, node_index, node_index>; // with its nodes in order
  std::map<move, std::set<node_index>> told_by;
  for (std::size_t i = 0; i < s.nodes.size(); ++i)
    for (const auto& change : s.nodes[i].changes)
      for (const auto& m : change.moves)
        if (!change.transaction.empty() && (s.machine->unread(m.from) || s.machine->unread(m.to)))
          told_by[{change.transaction, std::min(m.from, m.to), std::max(m.from, m.to)}].insert(index_of(i));
  misreading found;
  for (const auto& [what, nodes] : told_by) {
    if (nodes.size() == 2) continue;
    const auto& [transaction, a, b] = what;
    found.unclear = true;
    if (s.machine->never_tells(nodes.contains(a) ? b : a, transaction))
      return {{a, b}, "shards moved while it was read", false};
  }
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
  tell_share_groups(s);
}

} // namespace weir
