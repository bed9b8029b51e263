#include "runtime/cluster/ownership.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace weir {

bool tile(std::vector<hash_range> ranges) {
  std::sort(ranges.begin(), ranges.end());
  std::int64_t next = INT32_MIN;
  for (const auto& r : ranges) {
    if (r.first != next) return false;
    next = std::int64_t{r.last} + 1;
  }
  return next == std::int64_t{INT32_MAX} + 1;
}

std::vector<std::size_t> not_owned_once(const std::vector<const ownership*>& nodes, const std::vector<bool>& sharded) {
  std::vector<std::size_t> wrong;
  for (std::size_t source = 0; source < sharded.size(); ++source) {
    if (!sharded[source]) continue;
    std::vector<hash_range> ranges;
    for (const auto* node : nodes)
      for (const auto* s : node->owned(source)) ranges.push_back(s->range);
    if (!tile(std::move(ranges))) wrong.push_back(source);
  }
  return wrong;
}

std::optional<shard_id> shard_number(std::string_view relation) {
  const auto underscore = relation.rfind('_');
  if (underscore == std::string_view::npos) return std::nullopt;
  const auto digits = relation.substr(underscore + 1);
  shard_id id = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (failure != std::errc{} || end != digits.data() + digits.size() || id <= 0) return std::nullopt;
  return id;
}

namespace {

/// "orders" of "orders_102012".
std::string_view stem(std::string_view relation) { return relation.substr(0, relation.rfind('_')); }

} // namespace

void ownership::put(shard s) {
  const auto known = shards_.find(s.id);
  if (known == shards_.end()) {
    shards_.emplace(s.id, std::move(s));
    return;
  }
  if (s.relation.empty()) s.relation = known->second.relation;
  if (s.oid == 0) s.oid = known->second.oid;
  known->second = std::move(s);
}

void ownership::remove_shard(shard_id id) {
  shards_.erase(id);
  std::erase_if(placements_, [id](const auto& p) { return p.second.shard == id; });
}

void ownership::put(std::int64_t placement_id, placement p) {
  if (shards_.contains(p.shard)) placements_[placement_id] = p;
}

const shard* ownership::find(shard_id id) const {
  const auto at = shards_.find(id);
  return at == shards_.end() ? nullptr : &at->second;
}

const placement* ownership::find_placement(std::int64_t placement_id) const {
  const auto at = placements_.find(placement_id);
  return at == placements_.end() ? nullptr : &at->second;
}

std::optional<group_id> ownership::owner(shard_id id) const {
  std::optional<group_id> lowest;
  for (const auto& [number, p] : placements_)
    if (p.shard == id) lowest = lowest ? std::min(*lowest, p.group) : p.group;
  return lowest;
}

std::vector<const shard*> ownership::owned(std::size_t source) const {
  std::map<shard_id, group_id> owners;
  for (const auto& [number, p] : placements_) {
    const auto [at, added] = owners.try_emplace(p.shard, p.group);
    if (!added) at->second = std::min(at->second, p.group);
  }
  std::vector<const shard*> mine;
  for (const auto& [id, s] : shards_) {
    const auto at = owners.find(id);
    if (s.source == source && at != owners.end() && at->second == group_) mine.push_back(&s);
  }
  return mine;
}

bool ownership::owns_any(std::size_t source) const { return !owned(source).empty(); }

std::vector<hash_range> ownership::ranges(std::size_t source) const {
  std::vector<hash_range> all;
  for (const auto& [id, s] : shards_)
    if (s.source == source) all.push_back(s.range);
  return all;
}

ownership::likeness ownership::compare(const shard& s, std::string_view relation, std::uint32_t oid) const {
  if (s.oid != 0 && s.oid == oid) return likeness::shard;
  const auto same_stem = [&](const shard& other) {
    return !other.relation.empty() && stem(other.relation) == stem(relation);
  };
  if (same_stem(s)) return likeness::shard;
  if (s.oid != 0) return likeness::other;
  // A shard that came later: its table is named like those of the source's other shards.
  const bool like_sibling = s.relation.empty() && std::any_of(shards_.begin(), shards_.end(), [&](const auto& entry) {
                              return entry.second.source == s.source && same_stem(entry.second);
                            });
  return like_sibling ? likeness::shard : likeness::unclear;
}

void ownership::remember_table(shard_id id, std::string_view relation, std::uint32_t oid) {
  const auto at = shards_.find(id);
  if (at == shards_.end()) return;
  at->second.relation = relation;
  at->second.oid = oid;
}

} // namespace weir
