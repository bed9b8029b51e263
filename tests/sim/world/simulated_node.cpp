#include "tests/sim/world/simulated_node.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::sim {
namespace {

constexpr std::array regions{"north", "south", "east", "west", "centre"};
constexpr std::int64_t skew_range_us = 400'000;
/// A year after the epoch of PostgreSQL's clock.
constexpr std::int64_t base_time_us = 365LL * 24 * 3600 * 1'000'000;

} // namespace

simulated_node::simulated_node(environment& env, shard_map& shards, node_index index, std::string name)
    : env_(env), shards_(shards), index_(index), name_(std::move(name)),
      clock_skew_us_(static_cast<std::int64_t>(env.random.below(skew_range_us)) - skew_range_us / 2),
      end_(1000 + env.random.below(100'000)) {}

std::int64_t simulated_node::time_us() const {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(env_.now.time_since_epoch()).count();
  return base_time_us + now + clock_skew_us_;
}

order_row simulated_node::random_row() {
  return {regions[env_.random.below(regions.size())], static_cast<std::int64_t>(env_.random.below(2000)) - 200};
}

/// With the shard whose table it is in.
order_change simulated_node::tagged(order_change c) const {
  c.shard = shards_.shard_of(shards_.bucket_of(c.id));
  if (c.shard != 0) c.table = tables_.at(c.shard);
  return c;
}

order_changes simulated_node::random_changes(std::uint64_t most) {
  order_changes changes;
  auto rows = rows_;
  auto own = shards_.owned_by(index_);
  std::erase_if(own, [&](std::size_t b) { return shards_.blocked(b); });
  const auto count = own.empty() ? 0 : env_.random.below(most + 1);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto row = random_row();
    const auto dice = env_.random.below(100);
    auto old = rows.begin();
    if (!rows.empty()) std::advance(old, static_cast<std::ptrdiff_t>(env_.random.below(rows.size())));
    const bool free =
        old != rows.end() && !locked_.contains(old->first) && !shards_.blocked(shards_.bucket_of(old->first));
    using kind = order_change::kind;
    const bool may_truncate = locked_.empty() && env_.often.shard_moves == 0 && !shards_.divided();
    if (may_truncate && env_.happens(env_.often.truncates))
      changes.push_back({kind::truncate, 0, {}, {}});
    else if (dice < 45 || !free)
      changes.push_back(tagged({kind::insert, shards_.next_id(own[env_.random.below(own.size())]), {}, row}));
    else if (dice < 75)
      changes.push_back(tagged({kind::update, old->first, old->second, row}));
    else
      changes.push_back(tagged({kind::remove, old->first, old->second, {}}));
    sim::apply(rows, {changes.back()});
  }
  return changes;
}

void simulated_node::grow() {
  end_.value = flushed().value + env_.random.below(300);
  half_record_ = env_.random.below(2) * env_.random.below(100);
}

wal_pointer simulated_node::append(wal_record r) {
  r.start = lsn{flushed().value + env_.random.below(100)};
  half_record_ = 0;
  r.end = lsn{r.start.value + 1 + env_.random.below(200)};
  // Clocks stand still at times; commit times of one node need not grow with its WAL.
  r.time_us = last_time_us_ = env_.random.chance(1, 20) && last_time_us_ != 0 ? last_time_us_ - 1 : time_us();
  end_ = r.end;
  wal_.push_back(std::make_shared<const wal_record>(std::move(r)));
  replay(wal_.back());
  env_.tell("{} {}", name_, to_text(*wal_.back()));
  return wal_.back();
}

void simulated_node::replay(const wal_pointer& r) {
  using kind = wal_record::kind;
  sim::apply(rows_, r->what == kind::shard ? r->changes : r->effects());
  const auto* done = r->what == kind::commit ? r.get() : r->what == kind::commit_prepared ? r->prepared.get() : nullptr;
  if (done != nullptr && !done->catalog.empty()) {
    apply(catalogs_, done->catalog);
    left_behind_.clear();
  }
  if (r->what == kind::prepare) {
    prepared_[r->gid] = r;
    for (const auto& c : r->changes) locked_[c.id] = r->gid;
  }
  if (r->what == kind::commit_prepared || r->what == kind::rollback_prepared) {
    prepared_.erase(r->gid);
    std::erase_if(locked_, [&](const auto& l) { return l.second == r->gid; });
  }
}

wal_pointer simulated_node::commit(order_changes changes, std::vector<std::string> participants,
                                   std::uint64_t distributed, shard_work shards) {
  wal_record r{wal_record::kind::commit, {}, {}, timeline_, 0, next_xid_++};
  r.catalog = std::move(shards.catalog);
  r.truncates = std::move(shards.truncates);
  r.copies = std::move(shards.copies);
  r.changes = std::move(changes);
  r.participants = std::move(participants);
  r.distributed = distributed;
  return append(std::move(r));
}

wal_pointer simulated_node::prepare(std::string gid, order_changes changes, std::uint64_t distributed,
                                    shard_work shards) {
  wal_record r{wal_record::kind::prepare, {}, {}, timeline_, 0, next_xid_++, std::move(gid), std::move(changes)};
  r.catalog = std::move(shards.catalog);
  r.truncates = std::move(shards.truncates);
  r.distributed = distributed;
  return append(std::move(r));
}

wal_pointer simulated_node::decide(const std::string& gid, bool commit) {
  using kind = wal_record::kind;
  const auto prepared = prepared_.at(gid);
  wal_record r{commit ? kind::commit_prepared : kind::rollback_prepared, {}, {}, timeline_, 0, prepared->id, gid};
  r.prepared = prepared;
  r.distributed = prepared->distributed;
  return append(std::move(r));
}

void simulated_node::emit_message() { append({wal_record::kind::message, {}, {}, timeline_, 0, next_xid_++}); }

bool simulated_node::touches(const std::set<std::size_t>& buckets) const {
  return std::any_of(locked_.begin(), locked_.end(),
                     [&](const auto& l) { return buckets.contains(shards_.bucket_of(l.first)); });
}

order_table simulated_node::take_out(const std::set<std::size_t>& buckets) {
  order_table out;
  wal_record r{wal_record::kind::shard, {}, {}, timeline_};
  for (const auto& [id, row] : rows_) {
    if (!buckets.contains(shards_.bucket_of(id))) continue;
    out.emplace(id, row);
    r.changes.push_back({order_change::kind::remove, id, row, {}});
  }
  append(std::move(r));
  return out;
}

void simulated_node::put_in(const order_table& rows) {
  wal_record r{wal_record::kind::shard, {}, {}, timeline_};
  for (const auto& [id, row] : rows) r.changes.push_back({order_change::kind::insert, id, {}, row});
  append(std::move(r));
}

// ---- shards with numbers

void simulated_node::apply(catalogs& to, const std::vector<catalog_row>& rows) {
  using kind = catalog_row::kind;
  for (const auto& c : rows) {
    switch (c.what) {
      case kind::shard: to.shards[c.id] = c.range; break;
      case kind::no_shard: to.shards.erase(c.id); break;
      case kind::placement:
      case kind::moved_placement: to.placements[c.id] = {c.shard, c.group}; break;
      case kind::no_placement: to.placements.erase(c.id); break;
    }
  }
}

void simulated_node::found_shards(std::int32_t group, const std::vector<catalog_row>& rows) {
  group_ = group;
  apply(founded_, rows);
  catalogs_ = founded_;
  for (const auto& [id, place] : catalogs_.placements)
    if (place.second == group) make_table(place.first);
}

std::optional<ownership> simulated_node::owned() const {
  if (!group_) return std::nullopt;
  ownership out(*group_);
  for (const auto& [id, range] : catalogs_.shards) {
    const auto table = tables_.find(id);
    const bool has_table = table != tables_.end();
    out.put(shard{id, 0, hashes_of(range, shards_.buckets()), has_table ? table->second : 0,
                  has_table ? "orders_" + std::to_string(id) : ""});
  }
  for (const auto& [id, place] : catalogs_.placements) out.put(id, {place.first, place.second});
  return out;
}

order_table simulated_node::rows_to_read() const {
  if (!group_) return rows_;
  const auto all = owned();
  order_table out;
  const auto take = [&](const order_table& from) {
    for (const auto& [id, row] : from)
      for (const auto& [shard, range] : catalogs_.shards)
        if (range.contains(shards_.bucket_of(id)) && all->owns(shard)) out.emplace(id, row);
  };
  take(rows_);
  take(left_behind_);
  return out;
}

std::int64_t simulated_node::placement_of(shard_number shard) const {
  for (const auto& [id, place] : catalogs_.placements)
    if (place.first == shard) return id;
  return 0;
}

order_changes simulated_node::truncate(const std::vector<shard_number>& shards, shard_work& work) {
  order_changes changes;
  for (const auto shard : shards) {
    const auto range = shards_.shards().at(shard);
    work.truncates.push_back({shard, tables_.at(shard)});
    for (const auto& [id, row] : rows_) {
      if (!range.contains(shards_.bucket_of(id))) continue;
      changes.push_back(tagged({order_change::kind::remove, id, row, {}}));
      changes.back().truncated = true;
    }
    if (env_.random.chance(1, 3))
      changes.push_back(tagged({order_change::kind::insert, shards_.next_id(range.first), {}, random_row()}));
  }
  return changes;
}

order_changes simulated_node::copies_of(const order_table& rows, shard_number shard, bucket_range range) const {
  order_changes out;
  for (const auto& [id, row] : rows) {
    if (!range.contains(shards_.bucket_of(id))) continue;
    out.push_back({order_change::kind::insert, id, {}, row});
    out.back().shard = shard;
    out.back().table = tables_.at(shard);
  }
  return out;
}

std::vector<postgres::timeline_end> simulated_node::timelines_left() const {
  std::vector<postgres::timeline_end> out;
  for (const auto& p : past_) out.push_back(p.end);
  return out;
}

const std::vector<wal_pointer>& simulated_node::wal(std::int32_t timeline) const {
  const auto left = std::find_if(past_.begin(), past_.end(), [&](const past& p) { return p.end.timeline == timeline; });
  return left == past_.end() ? wal_ : left->wal;
}

simulated_slot* simulated_node::slot(const std::string& name) {
  const auto found = slots_.find(name);
  return found == slots_.end() ? nullptr : &found->second;
}

simulated_slot& simulated_node::create_slot(const std::string& name) {
  return slots_[name] = simulated_slot{end_, end_, end_, false, 0, {}};
}

void simulated_node::confirm(simulated_slot& slot, lsn position) {
  slot.confirmed = std::max(slot.confirmed, position);
  if (env_.random.chance(1, 10)) slot.persisted = slot.confirmed;
}

std::size_t simulated_node::start_at(const simulated_slot& slot, lsn asked) const {
  const auto from = std::max(asked, slot.confirmed);
  const auto first = std::find_if(wal_.begin(), wal_.end(), [&](const wal_pointer& r) { return r->start >= from; });
  return static_cast<std::size_t>(first - wal_.begin());
}

void simulated_node::crash() {
  ++life_;
  half_record_ = 0;
  for (auto& [name, slot] : slots_) {
    slot.confirmed = slot.persisted;
    slot.reader = 0;
  }
}

std::vector<wal_pointer> simulated_node::fail_over(bool with_slots, std::size_t lost_records) {
  std::vector<wal_pointer> lost;
  past_.push_back({{timeline_, end_}, wal_});
  // The shard map is nobody's WAL: what was moved stays moved.
  const auto may_be_lost = [](const wal_record& r) {
    const auto* content = r.prepared ? r.prepared.get() : &r;
    return r.what != wal_record::kind::shard && content->catalog.empty() && content->truncates.empty();
  };
  while (lost.size() < lost_records && !wal_.empty() && may_be_lost(*wal_.back())) {
    lost.push_back(wal_.back());
    wal_.pop_back();
  }
  if (!lost.empty()) {
    end_ = wal_.empty() ? lsn{lost.back()->start.value} : wal_.back()->end;
    rows_.clear();
    prepared_.clear();
    locked_.clear();
    catalogs_ = founded_;
    const auto left = left_behind_;
    for (const auto& r : wal_) replay(r);
    left_behind_ = left;
  }
  // A standby that has not come to the beginning of the last timeline is on the one before.
  past_.back().end.end = end_;
  auto from = timeline_;
  for (; !history_.empty() && history_.back().end > end_; history_.pop_back()) from = history_.back().timeline;
  history_.push_back({from, end_});
  ++timeline_;
  crash();
  if (!with_slots) slots_.clear();
  for (auto& [name, slot] : slots_) slot.confirmed = slot.persisted = std::min(slot.confirmed, end_);
  env_.tell("{} fails over to timeline {} at {}{}, {} records lost", name_, timeline_, to_string(end_),
            with_slots ? "" : " without its slots", lost.size());
  return lost;
}

} // namespace weir::sim
