#include "tests/sim/world/coordinator.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace weir::sim {
namespace {

using namespace std::chrono_literals;
using phase = distributed_transaction::phase;

constexpr std::size_t most_active = 6;
constexpr std::uint64_t most_changes = 5;
constexpr std::uint64_t few = 5;
constexpr auto longest_doubt = 3s;

} // namespace

simulated_node* coordinator::some_node() {
  auto& node = nodes_[env_.random.below(nodes_.size())];
  return node.up() ? &node : nullptr;
}

void coordinator::do_something() {
  const auto dice = env_.random.below(100);
  auto* node = some_node();
  if (dice < 3 && node != nullptr) return node->emit_message();
  if (dice < 6 && node != nullptr) return node->grow();
  if (!active_.empty() && env_.random.chance(1, 2)) return advance(env_.random.below(active_.size()), true);
  const bool distributed = env_.random.chance(env_.often.distributed, 1000);
  if (active_.size() < most_active && distributed) return start();
  if (active_.size() < most_active && dice < 22) return start_alone();
  if (shards_.divided() && env_.happens(env_.often.truncates)) return start_truncate();
  if (node != nullptr) node->commit(node->random_changes(most_changes));
}

void coordinator::start() {
  auto t = std::make_shared<distributed_transaction>();
  t->number = next_number_++;
  t->commits = !env_.random.chance(env_.often.rolls_back, 1000);
  const auto count = 2 + env_.random.below(3);
  for (std::uint64_t i = 0; i < count; ++i) t->parts.push_back({env_.random.below(nodes_.size()), {}, {}, {}, {}});
  std::uint32_t group = 0;
  if (how_.names == naming::application) {
    // A name is used once on a server, and again when nothing of its last use is left.
    std::sort(t->parts.begin(), t->parts.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
    const auto same = [](const auto& a, const auto& b) { return a.node == b.node; };
    t->parts.erase(std::unique(t->parts.begin(), t->parts.end(), same), t->parts.end());
    t->name = t->number;
    if (env_.random.chance(env_.often.names_again, 1000) && t->number > few) t->name -= 1 + env_.random.below(few);
    if (std::any_of(active_.begin(), active_.end(), [&](const auto& a) { return a->name == t->name; })) return;
  } else if (env_.random.chance(2, 3)) {
    t->initiator = env_.random.below(nodes_.size());
    group = group_of(*t->initiator);
    std::erase_if(t->parts, [&](const auto& p) { return p.node == *t->initiator && env_.random.chance(1, 2); });
  }
  if (t->parts.empty()) return;
  name_parts(*t, group);
  all_.push_back(t);
  active_.push_back(std::move(t));
}

/// A prepared transaction that is nobody's part.
void coordinator::start_alone() {
  auto t = std::make_shared<distributed_transaction>();
  t->number = next_number_++;
  t->alone = true;
  t->commits = env_.random.chance(2, 3);
  t->parts.push_back({env_.random.below(nodes_.size()), fmt::format("solo {}", t->number), {}, {}, {}});
  all_.push_back(t);
  active_.push_back(std::move(t));
}

void coordinator::name_parts(distributed_transaction& t, std::uint32_t group) {
  std::size_t connection = 0;
  for (auto& p : t.parts)
    p.gid = how_.names == naming::citus || t.move
                ? fmt::format("citus_{}_{}_{}_{}", group, 4000 + t.number % 3, t.number, connection++)
                : fmt::format("xfer-{}/{}", t.name, nodes_[p.node].name());
}

void coordinator::start_move() {
  if (shards_change() || (nodes_.size() < 2 && !shards_.divided())) return;
  auto t = std::make_shared<distributed_transaction>();
  t->number = next_number_++;
  if (shards_.divided()) {
    if (!start_shard_move(*t)) return;
    all_.push_back(t);
    active_.push_back(std::move(t));
    return;
  }
  t->at = phase::waiting;
  t->commits = env_.random.chance(9, 10);
  distributed_transaction::shard_move move;
  move.from = env_.random.below(nodes_.size());
  move.to = (move.from + 1 + env_.random.below(nodes_.size() - 1)) % nodes_.size();
  // A split leaves a part of the shard where it is.
  for (const auto b : shards_.owned_by(nodes_[move.from].index()))
    if (env_.random.chance(1, 2)) move.buckets.insert(b);
  if (move.buckets.empty()) return;
  t->move = move;
  for (std::size_t i = 0; i < nodes_.size(); ++i) t->parts.push_back({i, {}, {}, {}, {}});
  name_parts(*t, 0);
  block(*t, move.buckets);
  env_.tell("a shard is to move from {} to {}, {} buckets", nodes_[move.from].name(), nodes_[move.to].name(),
            move.buckets.size());
  all_.push_back(t);
  active_.push_back(std::move(t));
}

void coordinator::advance(std::size_t active, bool patient) {
  auto& t = *active_[active];
  switch (t.at) {
    case phase::copying: return copy(t);
    case phase::waiting: {
      if (std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& n) { return n.touches(t.blocked); })) return;
      if (t.move && t.move->shard != 0) catch_up(t);
      t.at = phase::preparing;
      return;
    }
    case phase::preparing: return prepare_one(t);
    case phase::committing: return commit_initiator(t);
    case phase::deciding: decide_one(t, patient); break;
    case phase::done: break;
  }
  if (t.at == phase::done) active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(active));
}

void coordinator::prepare_one(distributed_transaction& t) {
  std::vector<distributed_transaction::part*> open;
  for (auto& p : t.parts)
    if (!p.prepared) open.push_back(&p);
  if (open.empty()) {
    t.at = t.commits ? phase::committing : phase::deciding;
    return;
  }
  auto& p = *open[env_.random.below(open.size())];
  auto& node = nodes_[p.node];
  if (!node.up()) {
    t.commits = false;
    t.at = phase::deciding;
    return;
  }
  if (node.prepared().contains(p.gid)) return; // the name is in use
  shard_work work;
  work.catalog = metadata(t, p.node);
  auto changes = !p.truncates.empty() ? node.truncate(p.truncates, work)
                 : t.move             ? order_changes{}
                                      : node.random_changes(most_changes);
  const auto truncates = [](const order_change& c) { return c.what == order_change::kind::truncate; };
  std::erase_if(changes, truncates);
  p.prepared = node.prepare(p.gid, std::move(changes), t.number, std::move(work));
}

void coordinator::commit_initiator(distributed_transaction& t) {
  t.at = phase::deciding;
  const bool fails = (t.initiator && !nodes_[*t.initiator].up()) ||
                     (t.move && (!nodes_[t.move->from].up() || !nodes_[t.move->to].up()));
  if (fails) {
    t.commits = false;
    return;
  }
  if (t.initiator) {
    auto& node = nodes_[*t.initiator];
    std::vector<std::string> participants;
    if (how_.streams_participants)
      for (const auto& p : t.parts) participants.push_back(p.gid);
    shard_work work;
    work.catalog = metadata(t, *t.initiator);
    auto changes = t.local_truncates ? node.truncate(shards_of(*t.initiator), work)
                   : t.move          ? order_changes{}
                                     : node.random_changes(most_changes);
    t.local = node.commit(std::move(changes), std::move(participants), t.number, std::move(work));
    if (t.local_truncates) shards_.unblock(buckets_of(shards_of(*t.initiator)));
  }
  if (t.move) switch_shard(t);
  for (auto& p : t.parts)
    if (env_.happens(env_.often.in_doubt)) p.due = env_.now + env_.some_time(longest_doubt);
}

void coordinator::switch_shard(distributed_transaction& t) {
  const auto& move = *t.move;
  if (!move.children.empty()) {
    std::map<shard_number, bucket_range> ranges;
    for (const auto& [id, child] : move.children) ranges[id] = child.range;
    shards_.split(move.shard, ranges);
  }
  if (move.from != move.to) {
    const auto rows = nodes_[move.from].take_out(move.buckets);
    nodes_[move.to].put_in(rows);
    // Whoever reads the old owner before it knows finds them there.
    if (move.shard != 0 && t.initiator != move.from) nodes_[move.from].leave_behind(rows);
    shards_.move(move.buckets, nodes_[move.to].index());
    if (env_.happens(env_.often.early_writers)) shards_.unblock(move.buckets);
  }
}

void coordinator::decide_one(distributed_transaction& t, bool patient) {
  std::vector<distributed_transaction::part*> open;
  bool all = true;
  for (auto& p : t.parts) {
    if (!p.prepared || p.decided || p.lost) continue;
    all = false;
    if (nodes_[p.node].up() && (!patient || env_.now >= p.due)) open.push_back(&p);
  }
  if (all) {
    t.at = phase::done;
    shards_.unblock(t.blocked);
  }
  if (open.empty()) return;
  auto& p = *open[env_.random.below(open.size())];
  p.decided = nodes_[p.node].decide(p.gid, t.commits);
  // Now the new owner's clients see that it is theirs.
  if (t.move && p.node == t.move->to) shards_.unblock(t.move->buckets);
  shards_.unblock(buckets_of(p.truncates));
}

void coordinator::settle() {
  while (!active_.empty()) advance(env_.random.below(active_.size()), false);
}

void coordinator::lost(const std::vector<wal_pointer>& records) {
  for (const auto& r : records) {
    if (r->distributed == 0) continue;
    const auto found =
        std::find_if(all_.begin(), all_.end(), [&](const auto& t) { return t->number == r->distributed; });
    auto& t = **found;
    t.torn = true;
    for (auto& p : t.parts) {
      if (p.decided == r) p.decided.reset();
      if (p.prepared == r) p.lost = true;
    }
    if (t.at != phase::done) continue;
    t.at = phase::deciding;
    active_.push_back(*found);
  }
}

} // namespace weir::sim
