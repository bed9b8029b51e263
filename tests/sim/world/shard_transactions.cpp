#include <algorithm>

#include "tests/sim/world/coordinator.hpp"

/// Moves and splits of shards, and TRUNCATE, as Citus carries them out where streams tell of shards.
namespace weir::sim {
namespace {

using phase = distributed_transaction::phase;

/// The node that has the first word on the catalogs.
constexpr std::size_t first_node = 0;

} // namespace

void coordinator::found_shards() {
  shards_.divide();
  std::vector<catalog_row> rows;
  for (const auto& [id, range] : shards_.shards()) {
    rows.push_back({catalog_row::kind::shard, id, range, 0, 0});
    rows.push_back(
        {catalog_row::kind::placement, ++last_placement_, {}, id, number_of_group(shards_.owner(range).value)});
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i].found_shards(number_of_group(i), rows);
}

/// One change of the table as a whole at a time, as its locks have it.
bool coordinator::shards_change() const {
  return std::any_of(active_.begin(), active_.end(), [](const auto& t) { return t->move || !t->blocked.empty(); });
}

void coordinator::block(distributed_transaction& t, const std::set<std::size_t>& buckets) {
  t.blocked = buckets;
  shards_.block(buckets);
}

std::vector<shard_number> coordinator::shards_of(std::size_t node) const {
  std::vector<shard_number> out;
  for (const auto& [id, range] : shards_.shards())
    if (shards_.owner(range) == nodes_[node].index()) out.push_back(id);
  return out;
}

std::set<std::size_t> coordinator::buckets_of(const std::vector<shard_number>& shards) const {
  std::set<std::size_t> out;
  for (const auto id : shards) {
    const auto& range = shards_.shards().at(id);
    for (auto b = range.first; b <= range.last; ++b) out.insert(b);
  }
  return out;
}

bool coordinator::start_shard_move(distributed_transaction& t) {
  auto shard = shards_.shards().begin();
  std::advance(shard, static_cast<std::ptrdiff_t>(env_.random.below(shards_.shards().size())));
  const auto& [id, range] = *shard;
  distributed_transaction::shard_move move;
  move.shard = id;
  move.range = range;
  move.from = shards_.owner(range).value;
  move.to = env_.random.below(nodes_.size());
  const bool splits = range.first < range.last && env_.random.chance(1, 3);
  if (!splits && move.to == move.from) return false;
  if (splits) {
    const bool first_moves = env_.random.chance(1, 2);
    move.children[shards_.next_shard()] = {
        {range.first, range.first}, first_moves ? move.to : move.from, ++last_placement_};
    move.children[shards_.next_shard()] = {
        {range.last, range.last}, first_moves ? move.from : move.to, ++last_placement_};
    move.buckets = {first_moves ? range.first : range.last};
  } else {
    move.buckets = buckets_of({id});
  }
  t.move = move;
  t.at = phase::copying;
  t.commits = env_.random.chance(4, 5);
  t.initiator = first_node;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (i != first_node) t.parts.push_back({i, {}, {}, {}, {}});
  name_parts(t, group_of(first_node));
  env_.tell("shard {} is to {} from {} to {}", id, splits ? "split" : "move", nodes_[move.from].name(),
            nodes_[move.to].name());
  return true;
}

/// The rows come to the tables that are to be, before anybody is told of them.
void coordinator::copy(distributed_transaction& t) {
  const auto& move = *t.move;
  if (!nodes_[move.from].up() || !nodes_[move.to].up()) return;
  const auto copy_to = [&](std::size_t to, shard_number shard, bucket_range range) {
    auto& node = nodes_[to];
    node.make_table(shard);
    shard_work work;
    work.copies = node.copies_of(nodes_[move.from].rows(), shard, range);
    node.commit({}, {}, 0, std::move(work));
  };
  if (move.children.empty()) copy_to(move.to, move.shard, move.range);
  for (const auto& [id, child] : move.children) copy_to(child.node, id, child.range);
  std::set<std::size_t> buckets;
  for (auto b = move.range.first; b <= move.range.last; ++b) buckets.insert(b);
  block(t, buckets);
  t.at = phase::waiting;
}

/// What was written while the rows were copied.
void coordinator::catch_up(const distributed_transaction& t) {
  const auto& move = *t.move;
  const auto send = [&](std::size_t to, shard_number shard, bucket_range range) {
    if (!nodes_[to].up()) return;
    shard_work work;
    work.copies = nodes_[to].copies_of(nodes_[move.from].rows(), shard, range);
    std::erase_if(work.copies, [&](const order_change&) { return env_.random.chance(2, 3); });
    nodes_[to].commit({}, {}, 0, std::move(work));
  };
  if (move.children.empty()) send(move.to, move.shard, move.range);
  for (const auto& [id, child] : move.children) send(child.node, id, child.range);
}

/// What the transaction changes in the node's catalogs. The coordinator sees a move as a new placement, the others as
/// one that has changed.
std::vector<catalog_row> coordinator::metadata(const distributed_transaction& t, std::size_t node) {
  using kind = catalog_row::kind;
  if (!t.move || t.move->shard == 0) return {};
  const auto& move = *t.move;
  const auto old = nodes_[node].placement_of(move.shard);
  std::vector<catalog_row> rows;
  if (move.children.empty() && node != first_node)
    return {{kind::moved_placement, old, {}, move.shard, number_of_group(move.to)}};
  if (move.children.empty()) {
    rows.push_back({kind::placement, ++last_placement_, {}, move.shard, number_of_group(move.to)});
    rows.push_back({kind::no_placement, old, {}, 0, 0});
    return rows;
  }
  rows.push_back({kind::no_placement, old, {}, 0, 0});
  rows.push_back({kind::no_shard, move.shard, {}, 0, 0});
  for (const auto& [id, child] : move.children) {
    rows.push_back({kind::shard, id, child.range, 0, 0});
    rows.push_back({kind::placement, child.placement, {}, id, number_of_group(child.node)});
  }
  return rows;
}

/// TRUNCATE of the table: on each node several parts, each of some shards; the initiator's are its own, or parts too.
void coordinator::start_truncate() {
  if (shards_change()) return;
  auto t = std::make_shared<distributed_transaction>();
  t->number = next_number_++;
  t->at = phase::waiting;
  t->commits = !env_.random.chance(env_.often.rolls_back, 1000);
  t->initiator = env_.random.below(nodes_.size());
  if (env_.random.chance(1, 2)) t->local_truncates = t->initiator;
  std::set<std::size_t> buckets;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto shards = shards_of(i);
    buckets.merge(buckets_of(shards));
    if (t->local_truncates == i || shards.empty()) continue;
    const auto cut = shards.begin() + static_cast<std::ptrdiff_t>(env_.random.below(shards.size()));
    for (const auto& some : {std::vector(shards.begin(), cut), std::vector(cut, shards.end())})
      if (!some.empty()) t->parts.push_back({i, {}, {}, {}, {}, some});
  }
  name_parts(*t, group_of(*t->initiator));
  block(*t, buckets);
  env_.tell("the table is to be truncated, in {} parts", t->parts.size());
  all_.push_back(t);
  active_.push_back(std::move(t));
}

} // namespace weir::sim
