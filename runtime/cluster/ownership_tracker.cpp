#include "runtime/cluster/ownership_tracker.hpp"

#include <algorithm>
#include <set>

#include "runtime/base/mutation.hpp"

namespace weir {

namespace {

/// Shards before placements, whatever their order in the transaction; removals of shards last, so that a placement
/// that goes with its shard is still known.
void change(ownership& to, const std::vector<catalog_change>& changes) {
  for (const auto& c : changes)
    if (const auto* put = std::get_if<shard_put>(&c)) to.put(put->what);
  for (const auto& c : changes) {
    if (const auto* put = std::get_if<placement_put>(&c)) to.put(put->id, put->what);
    if (const auto* gone = std::get_if<placement_removed>(&c)) to.remove_placement(gone->id);
  }
  for (const auto& c : changes)
    if (const auto* gone = std::get_if<shard_removed>(&c)) to.remove_shard(gone->id);
}

/// Shards that a change is about.
std::set<shard_id> touched(const ownership& before, const std::vector<catalog_change>& changes) {
  std::set<shard_id> ids;
  for (const auto& c : changes) {
    if (const auto* put = std::get_if<shard_put>(&c)) ids.insert(put->what.id);
    if (const auto* gone = std::get_if<shard_removed>(&c)) ids.insert(gone->id);
    if (const auto* put = std::get_if<placement_put>(&c)) {
      ids.insert(put->what.shard);
      if (const auto* old = before.find_placement(put->id)) ids.insert(old->shard);
    }
    if (const auto* gone = std::get_if<placement_removed>(&c))
      if (const auto* old = before.find_placement(gone->id)) ids.insert(old->shard);
  }
  return ids;
}

/// The new shard that took over some of the range of one that went: a split.
bool came_of(const shard& child, const shard& parent) {
  return child.source == parent.source && parent.range.contains(child.range);
}

/// Who owned the rows of a shard before the change: as that shard, or as a part of the one it was split off.
std::optional<takeover> taken(const ownership& before, const shard& is, const std::set<shard_id>& touched) {
  for (const auto id : touched) {
    const auto* was = before.find(id);
    if (was == nullptr || (id != is.id && (before.find(is.id) != nullptr || !came_of(is, *was)))) continue;
    const auto owner = before.owner(id);
    if (owner && *owner != before.group()) return takeover{*owner, id};
  }
  return std::nullopt;
}

} // namespace

const std::string& ownership_tracker::pending(shard_id id) const {
  static const std::string none;
  const auto at = pending_.find(id);
  return at == pending_.end() ? none : at->second;
}

ownership_change ownership_tracker::difference(const ownership& before,
                                               const std::vector<catalog_change>& changes) const {
  ownership_change out;
  const auto& after = committed_;
  std::set<handover> handovers;
  std::set<takeover> takeovers;
  std::set<std::size_t> sources;
  std::set<std::size_t> reshaped;
  const auto ids = touched(before, changes);
  for (const auto id : ids) {
    const auto* was = before.find(id);
    const auto* is = after.find(id);
    if (was != nullptr) sources.insert(was->source);
    if (is != nullptr) sources.insert(is->source);
    if (is != nullptr && was == nullptr) {
      const bool split = std::any_of(ids.begin(), ids.end(), [&](shard_id other) {
        const auto* parent = before.find(other);
        return parent != nullptr && after.find(other) == nullptr && came_of(*is, *parent);
      });
      if (!split) reshaped.insert(is->source);
    }
    if (is != nullptr && after.owns(id) && !before.owns(id))
      if (const auto from = taken(before, *is, ids)) takeovers.insert(*from);
    if (was == nullptr || !before.owns(id)) continue;
    if (is != nullptr) {
      if (const auto now = after.owner(id); now && *now != after.group()) handovers.insert({*now, is->source});
      continue;
    }
    for (const auto other : ids) {
      const auto* child = after.find(other);
      if (child == nullptr || before.find(other) != nullptr || !came_of(*child, *was)) continue;
      if (const auto now = after.owner(other); now && *now != after.group()) handovers.insert({*now, child->source});
    }
  }
  for (const auto source : sources) {
    if (!tile(after.ranges(source))) reshaped.insert(source);
    if (before.owns_any(source) && !after.owns_any(source)) out.emptied.push_back(source);
  }
  out.any = !sources.empty();
  out.handovers.assign(handovers.begin(), handovers.end());
  out.takeovers.assign(takeovers.begin(), takeovers.end());
  out.reshaped.assign(reshaped.begin(), reshaped.end());
  return out;
}

bool ownership_tracker::has_prepared(const std::string& gid) const {
  return std::any_of(prepared_.begin(), prepared_.end(), [&](const auto& p) { return p.first == gid; });
}

ownership_change ownership_tracker::commit(std::vector<catalog_change> changes) {
  if (changes.empty()) return {};
  const auto before = committed_;
  change(committed_, changes);
  effective_ = committed_;
  for (const auto& [gid, more] : prepared_) change(effective_, more);
  find_pending();
  return difference(before, changes);
}

void ownership_tracker::prepare(const std::string& gid, std::vector<catalog_change> changes) {
  if (changes.empty()) return;
  std::erase_if(prepared_, [&](const auto& p) { return p.first == gid; }); // sent before
  if (!mutated(mutation::ownership_at_commit)) change(effective_, changes);
  prepared_.emplace_back(gid, std::move(changes));
  find_pending();
}

ownership_change ownership_tracker::commit_prepared(const std::string& gid) {
  const auto at = std::find_if(prepared_.begin(), prepared_.end(), [&](const auto& p) { return p.first == gid; });
  if (at == prepared_.end()) return {};
  auto changes = std::move(at->second);
  prepared_.erase(at);
  return commit(std::move(changes));
}

void ownership_tracker::rollback_prepared(const std::string& gid) {
  if (mutated(mutation::move_rollback_ignored)) return;
  if (std::erase_if(prepared_, [&](const auto& p) { return p.first == gid; }) == 0) return;
  effective_ = committed_;
  for (const auto& [other, changes] : prepared_) change(effective_, changes);
  find_pending();
}

void ownership_tracker::find_pending() {
  pending_.clear();
  auto state = committed_;
  for (const auto& [gid, changes] : prepared_) {
    const auto before = state;
    change(state, changes);
    for (const auto id : touched(before, changes))
      if (state.owns(id) && !before.owns(id)) pending_[id] = gid;
  }
}

void ownership_tracker::remember_table(shard_id id, std::string_view relation, std::uint32_t oid) {
  committed_.remember_table(id, relation, oid);
  effective_.remember_table(id, relation, oid);
}

} // namespace weir
