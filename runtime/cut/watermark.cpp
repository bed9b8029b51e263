#include "runtime/cut/watermark.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace weir::cut {

watermark::watermark(epoch last, std::vector<std::optional<node_position>> frontier, watermark_options options)
    : options_(options), nodes_(frontier.size()), last_(last) {
  for (std::size_t i = 0; i < frontier.size(); ++i) {
    node_state& n = nodes_[i];
    n.closed.node = node_index{static_cast<std::uint16_t>(i)};
    if (!frontier[i]) continue;
    n.load = load_state::ended;
    n.closed = *frontier[i];
    n.durable = frontier[i];
    // The stream starts at `confirmed`; what ends at or below `position` will be dropped.
    n.received = frontier[i]->confirmed;
    n.last_commit_time_us = frontier[i]->commit_time_us;
  }
}

transaction_id watermark::begin(node_index node, std::int64_t commit_time_us, std::string gid) {
  auto& n = at(node);
  n.live = true;
  n.idle = false;
  n.open = transaction{next_id(), std::move(gid), {}, {}, commit_time_us, {}};
  return n.open->id;
}

std::optional<transaction_id> watermark::commit(node_index node, lsn end, std::int64_t commit_time_us, bool empty,
                                                instant now) {
  auto& n = at(node);
  transaction t = *std::exchange(n.open, std::nullopt);
  n.received = std::max(n.received, end);
  if (n.durable && end <= n.durable->position) return t.id;
  if (empty) {
    n.last_commit_time_us = std::max(n.last_commit_time_us, commit_time_us);
    return t.id;
  }
  t.end = end;
  t.commit_time_us = commit_time_us;
  t.arrived = now;
  n.last_commit_time_us = std::max(n.last_commit_time_us, commit_time_us);
  n.committed.push_back(std::move(t));
  return std::nullopt;
}

std::optional<transaction_id> watermark::prepare(node_index node, lsn prepared_at, lsn end) {
  auto& n = at(node);
  transaction t = *std::exchange(n.open, std::nullopt);
  n.received = std::max(n.received, end);
  t.prepared_at = prepared_at;
  std::optional<transaction_id> replaced;
  auto gid = t.gid;
  const auto [place, added] = n.prepared.try_emplace(std::move(gid), t);
  if (!added) replaced = std::exchange(place->second, std::move(t)).id;
  return replaced;
}

result<std::optional<transaction_id>> watermark::decide(node_index node, const std::string& gid, bool committed,
                                                        lsn end, std::int64_t time_us, instant now) {
  auto& n = at(node);
  n.live = true;
  n.idle = false;
  n.received = std::max(n.received, end);
  const auto place = n.prepared.find(gid);
  const bool shown = n.durable && end <= n.durable->position;
  if (place == n.prepared.end()) {
    if (!committed || shown) return std::optional<transaction_id>{};
    return error{
        errc::slot_invalidated,
        fmt::format("the prepared transaction \"{}\" was committed at {}, but what it did was never sent", gid,
                    to_string(end)),
        "the slot was confirmed beyond its PREPARE: run `weir drop` and start again, which loads the views anew"};
  }
  transaction t = std::move(place->second);
  n.prepared.erase(place);
  if (!committed || shown) return std::optional(t.id);
  t.end = end;
  t.commit_time_us = time_us;
  t.arrived = now;
  n.last_commit_time_us = std::max(n.last_commit_time_us, time_us);
  n.committed.push_back(std::move(t));
  return std::optional<transaction_id>{};
}

void watermark::progress(node_index node, lsn position) {
  auto& n = at(node);
  n.live = true;
  if (n.open) return;
  n.idle = true;
  n.received = std::max(n.received, position);
}

transaction_id watermark::begin_load(node_index node) {
  auto& n = at(node);
  n.live = true;
  n.load = load_state::running;
  n.open = transaction{next_id(), {}, {}, {}, 0, {}};
  return n.open->id;
}

void watermark::end_load(node_index node, lsn consistent_point, instant now) {
  auto& n = at(node);
  transaction t = *std::exchange(n.open, std::nullopt);
  t.end = consistent_point;
  t.arrived = now;
  n.load = load_state::ended;
  n.received = consistent_point;
  n.committed.push_back(std::move(t));
}

bool watermark::wants_samples() {
  const bool all_loaded =
      std::all_of(nodes_.begin(), nodes_.end(), [](const node_state& n) { return n.load == load_state::ended; });
  if (samples_asked_ || first_cut_closed() || !all_loaded) return false;
  samples_asked_ = true;
  return true;
}

bool watermark::awaits_sample(node_index node) const {
  return samples_asked_ && !first_cut_closed() && !at(node).sample;
}

void watermark::sampled(node_index node, lsn position) { at(node).sample = position; }

std::vector<transaction_id> watermark::node_down(node_index node) {
  auto& n = at(node);
  n.live = false;
  n.idle = false;
  std::vector<transaction_id> dropped;
  if (n.open) dropped.push_back(n.open->id);
  n.open.reset();
  if (n.load == load_state::running) n.load = load_state::missing;
  return dropped;
}

std::optional<lsn> watermark::resume(node_index node) const {
  const auto& n = at(node);
  if (n.load != load_state::ended) return std::nullopt;
  return n.received;
}

std::optional<node_position> watermark::durable_position(node_index node) const { return at(node).durable; }

lsn watermark::settled(node_index node) const {
  const auto& n = at(node);
  if (!n.durable) return {};
  const bool all_durable = n.committed.empty() && n.prepared.empty() && !n.open && undurable_.empty();
  return all_durable ? std::max(n.received, n.durable->position) : n.durable->position;
}

bool watermark::first_cut_ready() const {
  return std::all_of(nodes_.begin(), nodes_.end(), [](const node_state& n) {
    return n.load == load_state::ended && n.sample && n.received >= *n.sample;
  });
}

/// Is a cut possible at all, or does it wait for some node's event?
bool watermark::may_close() const {
  if (!first_cut_closed() && !first_cut_ready()) return false;
  return !options_.wait_for_all ||
         std::all_of(nodes_.begin(), nodes_.end(), [](const node_state& n) { return n.live; });
}

/// The commit time up to which every node that is not idle has told its transactions.
std::int64_t watermark::aligned_time() const {
  auto time = std::numeric_limits<std::int64_t>::max();
  for (const auto& n : nodes_) {
    if (!n.live || n.idle) continue;
    const auto open_time = n.open ? n.open->commit_time_us - 1 : std::numeric_limits<std::int64_t>::min();
    time = std::min(time, std::max(n.last_commit_time_us, open_time));
  }
  return time;
}

instant watermark::idle_due() const {
  return last_close_ + (last_had_transactions_ ? options_.settle_interval : options_.idle_interval);
}

bool watermark::idle_advance_due(instant now) const {
  const bool long_ago = now >= idle_due();
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const node_state& n) {
    if (!n.committed.empty() || n.received <= n.closed.position) return false;
    return long_ago || n.received.value - n.closed.position.value >= options_.idle_bytes;
  });
}

node_position watermark::position_after_take(const node_state& n, node_index index) {
  node_position after = n.closed;
  after.node = index;
  if (n.committed.empty()) after.position = std::max(after.position, n.received);
  // A prepared transaction is sent once: as long as it is not in the views, the slot must be able to send it again.
  // After a start the slot does send again what lies before `position`; what has not come yet may be such a one.
  auto confirmed = std::min(after.position, n.received);
  for (const auto& [gid, t] : n.prepared) confirmed = std::min(confirmed, t.prepared_at);
  for (const auto& t : n.committed)
    if (t.prepared_at.value != 0) confirmed = std::min(confirmed, t.prepared_at);
  after.confirmed = std::max(n.closed.confirmed, confirmed);
  return after;
}

std::optional<closed_cut> watermark::close(instant now) {
  if (!may_close()) return std::nullopt;
  const bool first = !first_cut_closed();
  const auto time = aligned_time();
  closed_cut c;
  for (auto& n : nodes_) {
    while (!n.committed.empty()) {
      const auto& t = n.committed.front();
      if (!first && t.commit_time_us > time && now - t.arrived < options_.align) break;
      c.transactions.push_back(t.id);
      n.closed.position = std::max(n.closed.position, t.end);
      if (t.commit_time_us != 0) n.closed.commit_time_us = t.commit_time_us;
      n.committed.pop_front();
    }
  }
  if (c.transactions.empty() && !idle_advance_due(now)) return std::nullopt;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].closed = position_after_take(nodes_[i], node_index{static_cast<std::uint16_t>(i)});
    c.frontier.push_back(nodes_[i].closed);
  }
  c.number = last_ = epoch{last_.value + 1};
  last_close_ = now;
  last_had_transactions_ = !c.transactions.empty();
  undurable_.push_back({c.number, {}, c.frontier});
  return c;
}

bool watermark::catching_up(std::int64_t wall_us) const {
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const node_state& n) {
    return n.live && !n.idle && n.last_commit_time_us != 0 &&
           wall_us + n.clock_offset_us - n.last_commit_time_us > options_.behind_after.count();
  });
}

instant watermark::due(std::int64_t wall_us, bool room) const {
  if (!first_cut_closed()) return instant{0};
  const bool larger = room && catching_up(wall_us);
  return last_close_ + (larger ? std::max(options_.every, options_.catch_up_interval) : options_.every);
}

std::optional<instant> watermark::wake_at() const {
  std::optional<instant> earliest;
  if (!may_close()) return earliest;
  const auto consider = [&](instant t) { earliest = earliest ? std::min(*earliest, t) : t; };
  for (const auto& n : nodes_) {
    if (!n.committed.empty())
      consider(n.committed.front().arrived + options_.align);
    else if (n.received > n.closed.position)
      consider(idle_due());
  }
  return earliest;
}

void watermark::durable(epoch number) {
  while (!undurable_.empty() && undurable_.front().number <= number) {
    for (const auto& p : undurable_.front().frontier) at(p.node).durable = p;
    undurable_.pop_front();
  }
}

std::vector<transaction_id> watermark::pinned(node_index node) const {
  const auto& n = at(node);
  std::vector<transaction_id> ids;
  if (n.open) ids.push_back(n.open->id);
  for (const auto& [gid, t] : n.prepared) ids.push_back(t.id);
  if (!first_cut_closed())
    for (const auto& t : n.committed) ids.push_back(t.id);
  return ids;
}

} // namespace weir::cut
