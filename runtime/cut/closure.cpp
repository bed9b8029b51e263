#include "runtime/cut/closure.hpp"

#include <algorithm>

#include "runtime/base/mutation.hpp"

namespace weir::cut {
namespace {

using streams = std::vector<node_stream>;

bool counts(const node_stream& n) { return n.member == membership::whole; }

/// Does the prefix that the node's limit describes hold everything that ends at or below `position`?
bool covers(const node_stream& n, lsn position) {
  if (n.received < position) return false;
  return n.limit == n.committed.size() || n.committed[n.limit].end > position;
}

bool inside(const node_stream& n, const distributed_part& p) { return p.place < n.first_place + n.limit; }

/// Where the part without a name would be, if positions are all that is known of it.
const node_stream* sampled_initiator(const streams& nodes, const distributed_transaction& whole, std::size_t& index) {
  if (!whole.initiator) return nullptr;
  for (index = 0; index < nodes.size(); ++index)
    if (nodes[index].group == whole.initiator)
      return nodes[index].link == initiator_link::sampled && counts(nodes[index]) ? &nodes[index] : nullptr;
  return nullptr;
}

/// Are all its parts inside the limits, as far as they count?
bool is_inside(const streams& nodes, const distributed_transaction& whole) {
  for (const auto& p : whole.parts) {
    const auto& n = nodes[p.node.value];
    if (counts(n) && (!p.committed || !inside(n, p))) return false;
  }
  if (!whole.sealed()) return false;
  std::size_t index = 0;
  const auto* initiator = sampled_initiator(nodes, whole, index);
  return initiator == nullptr ||
         (whole.seal->complete && (!whole.seal->samples[index] || covers(*initiator, *whole.seal->samples[index])));
}

/// Was some part prepared before the round?
bool was_prepared(const distributed_transaction& whole, const sampling_round& round) {
  return std::any_of(whole.parts.begin(), whole.parts.end(), [&](const distributed_part& p) {
    const auto& sample = round.samples[p.node.value];
    return sample && p.prepared_at < *sample;
  });
}

/// A transaction that may be the nameless part of any distributed one of its node that was prepared before the round:
/// of those that were decided by then, all is inside, and so must be the others.
bool follows_inside(const streams& nodes, const distributed_transactions& distributed, const node_stream& n,
                    const sampling_round& after) {
  if (!after.complete) return false;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (counts(nodes[i]) && after.samples[i] && !covers(nodes[i], *after.samples[i])) return false;
  for (const auto& [name, whole] : distributed.all())
    if (whole->initiator == n.group && was_prepared(*whole, after) && !is_inside(nodes, *whole)) return false;
  return true;
}

/// Another part of the command on the same node that is not inside; null if there is none. Every PREPARE of a command
/// precedes its commits: all its parts on the node are known.
const local_transaction* missing_part(const node_stream& n, const local_transaction& t) {
  if (t.command.empty() || mutated(mutation::command_in_parts)) return nullptr;
  for (const auto& [gid, other] : n.prepared)
    if (other.command == t.command) return &other;
  for (auto i = n.limit; i < n.committed.size(); ++i)
    if (n.committed[i].command == t.command) return &n.committed[i];
  return nullptr;
}

bool shares(const streams& nodes, const node_stream& n) {
  return std::count_if(nodes.begin(), nodes.end(),
                       [&](const node_stream& other) { return other.share_group == n.share_group; }) > 1;
}

/// A node of its share group that keeps to no whole transactions now; null if there is none.
const node_stream* absent_sharer(const streams& nodes, const node_stream& n) {
  const auto at = std::find_if(nodes.begin(), nodes.end(), [&](const node_stream& other) {
    return other.share_group == n.share_group && !counts(other);
  });
  return at == nodes.end() ? nullptr : &*at;
}

/// Does the node's own part of the distributed transaction lie beyond what is shown, or is it undecided?
bool awaits_own_part(const node_stream& n, const std::string& name) {
  const auto is_it = [&](const local_transaction& t) { return t.name == name; };
  return std::any_of(n.committed.begin() + static_cast<std::ptrdiff_t>(n.limit), n.committed.end(), is_it) ||
         std::any_of(n.prepared.begin(), n.prepared.end(), [&](const auto& p) { return is_it(p.second); });
}

/// Does the cut hold what the giver did to the rows until they were taken?
bool was_given(const streams& nodes, const distributed_transactions& distributed, const taken_rows& what) {
  const auto& from = nodes[what.from.value];
  const auto move = distributed.all().find(what.move);
  if ((from.unread && from.limit == 0) || move == distributed.all().end()) return false;
  const auto& parts = move->second->parts;
  const auto theirs = [&](const distributed_part& p) { return p.node == what.from; };
  const auto open = [&](const distributed_part& p) { return theirs(p) && (!p.committed || !inside(from, p)); };
  if (std::any_of(parts.begin(), parts.end(), open)) return false;
  return std::any_of(parts.begin(), parts.end(), theirs) || never_tells(from, *move->second);
}

bool may_show(const streams& nodes, const distributed_transactions& distributed, const node_stream& n,
              const local_transaction& t, bool all) {
  if (missing_part(n, t) != nullptr) return false;
  for (const auto& what : t.takes)
    if (!was_given(nodes, distributed, what)) return false;
  for (const auto& name : t.follows)
    if (awaits_own_part(n, name)) return false;
  if (!t.command.empty() && shares(nodes, n) && !mutated(mutation::command_in_parts)) {
    if (absent_sharer(nodes, n) != nullptr) return false;
  } else if (!all || !counts(n)) {
    return true;
  }
  for (const auto& name : t.follows)
    if (const auto move = distributed.all().find(name);
        move != distributed.all().end() && !is_inside(nodes, *move->second))
      return false;
  if (t.after && !follows_inside(nodes, distributed, n, *t.after)) return false;
  return t.whole == nullptr || is_inside(nodes, *t.whole);
}

/// The first node that keeps the round from being complete.
std::optional<obstacle> obstacle_of_round(const streams& nodes, const sampling& rounds, const sampling_round& round) {
  const bool running = rounds.running() == &round;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& n = nodes[i];
    if (!counts(n)) continue;
    const node_index index{static_cast<std::uint16_t>(i)};
    const auto sample = running || round.complete ? round.samples[i] : std::nullopt;
    if (!sample && !n.live) return obstacle{obstacle::kind::unsampled, index, {}, {}, {}};
    if (sample && n.received < *sample) return obstacle{obstacle::kind::unpassed, index, {}, *sample, {}};
    if (sample && round.complete && !covers(n, *sample)) return obstacle{obstacle::kind::other, index, {}, *sample, {}};
  }
  for (std::size_t i = 0; running && i < nodes.size(); ++i)
    if (counts(nodes[i]) && !round.samples[i])
      return obstacle{obstacle::kind::unsampled, node_index{static_cast<std::uint16_t>(i)}, {}, {}, {}};
  return std::nullopt;
}

obstacle obstacle_of(const streams& nodes, const sampling& rounds, const distributed_transaction& whole) {
  for (const auto& p : whole.parts)
    if (counts(nodes[p.node.value]) && !p.committed)
      return {obstacle::kind::undecided, p.node, p.gid, p.prepared_at, whole.since};
  obstacle found{obstacle::kind::other, {}, {}, {}, {}};
  if (!whole.sealed() && whole.seal)
    if (auto of_round = obstacle_of_round(nodes, rounds, *whole.seal)) found = *of_round;
  for (const auto& p : whole.parts)
    if (found.what == obstacle::kind::other && counts(nodes[p.node.value]) && !inside(nodes[p.node.value], p))
      found.node = p.node;
  found.transaction = whole.name;
  found.since = whole.since;
  return found;
}

} // namespace

bool never_tells(const node_stream& node, const distributed_transaction& whole) {
  const auto is_here = [&](const distributed_part& p) { return p.node == node.closed.node; };
  if (std::any_of(whole.parts.begin(), whole.parts.end(), is_here)) return false;
  const auto& round = whole.seal;
  if (!round || round->samples.empty()) return false;
  const auto& sample = round->samples[node.closed.node.value];
  return sample && node.received >= *sample;
}

void close_over_distributed(streams& nodes, const distributed_transactions& distributed, bool all) {
  if (mutated(mutation::skip_closure)) return;
  for (bool lowered = true; lowered;) {
    lowered = false;
    for (auto& n : nodes) {
      for (std::size_t i = 0; i < n.limit; ++i) {
        if (may_show(nodes, distributed, n, n.committed[i], all)) continue;
        n.limit = i;
        n.held = true;
        lowered = true;
      }
    }
  }
}

std::optional<obstacle> obstacle_of(const streams& nodes, const sampling& rounds, node_index node) {
  const auto& n = nodes[node.value];
  if (!n.held || n.limit >= n.committed.size()) return std::nullopt;
  const auto& t = n.committed[n.limit];
  if (const auto* part = missing_part(n, t); part != nullptr && part->end.value == 0)
    return obstacle{obstacle::kind::undecided, node, part->gid, part->prepared_at, t.arrived};
  if (const auto* away = t.command.empty() ? nullptr : absent_sharer(nodes, n); away != nullptr && shares(nodes, n))
    return obstacle{obstacle::kind::unsampled, away->closed.node, t.command, {}, t.arrived};
  if (t.whole != nullptr) return obstacle_of(nodes, rounds, *t.whole);
  auto found = t.after ? obstacle_of_round(nodes, rounds, *t.after) : std::nullopt;
  if (!found) found = obstacle{obstacle::kind::other, node, {}, {}, {}};
  found->since = t.arrived;
  return found;
}

} // namespace weir::cut
