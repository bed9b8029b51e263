#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/base/mutation.hpp"
#include "runtime/cut/closure.hpp"
#include "runtime/cut/watermark.hpp"

/// What of the watermark closes cuts; what it hears of the nodes is in watermark.cpp.
namespace weir::cut {

lsn watermark::settled(node_index node) const {
  const auto& n = at(node);
  if (!n.durable) return {};
  const bool all_durable = n.committed.empty() && n.prepared.empty() && !n.open && undurable_.empty();
  return all_durable ? std::max(n.received, n.durable->position) : n.durable->position;
}

bool watermark::first_cut_ready() const {
  return first_.samples && (first_.samples->complete || mutated(mutation::first_cut_without_samples));
}

/// Is a cut possible at all, or does it wait for some node's event?
bool watermark::may_close() const {
  if (!first_cut_closed() && !first_cut_ready()) return false;
  return !options_.wait_for_all ||
         std::all_of(nodes_.begin(), nodes_.end(), [](const node_stream& n) { return n.live; });
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
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const node_stream& n) {
    if (n.unread || !n.committed.empty() || n.received <= n.closed.position) return false;
    return long_ago || n.received.value - n.closed.position.value >= options_.idle_bytes;
  });
}

node_position watermark::position_after_take(const node_stream& n, node_index index) {
  node_position after = n.closed;
  after.node = index;
  if (n.committed.empty()) after.position = std::max(after.position, n.received);
  // A prepared transaction is sent once: as long as it is not in the views, the slot must be able to send it again.
  // After a start the slot does send again what lies before `position`; what has not come yet may be such a one.
  auto confirmed = std::min(after.position, n.received);
  if (mutated(mutation::confirmed_beyond_prepared)) {
    after.confirmed = after.position;
    return after;
  }
  if (!n.prepared_at.empty()) confirmed = std::min(confirmed, *n.prepared_at.begin());
  after.confirmed = std::max(n.closed.confirmed, confirmed);
  return after;
}

/// Are nodes being read whose loads are to be shown together?
bool watermark::loads_pending() const {
  return std::any_of(nodes_.begin(), nodes_.end(),
                     [](const node_stream& n) { return n.unread && n.load != node_stream::load_state::ended; });
}

bool watermark::never_tells(node_index node, const std::string& transaction) {
  const auto found = distributed_.all().find(transaction);
  if (found == distributed_.all().end()) return true;
  ask_who_was_away(*found->second, node);
  return weir::cut::never_tells(at(node), *found->second);
}

bool watermark::loads_settled() const {
  if (loads_pending()) return false;
  if (!first_cut_closed()) return first_cut_ready();
  if (mutated(mutation::load_before_others)) return true;
  return std::all_of(nodes_.begin(), nodes_.end(), [&](const node_stream& n) {
    if (!n.unread || !n.after_load) return true;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].unread) continue;
      if (n.after_load->samples.empty() || !n.after_load->samples[i]) return false;
      if (nodes_[i].received < *n.after_load->samples[i]) return false;
    }
    return true;
  });
}

/// How far each node's transactions may be shown: by time, then by what belongs together.
void watermark::set_limits(instant now) {
  const bool first = !first_cut_closed();
  const bool pending = loads_held_ || !loads_settled();
  const auto time = aligned_time();
  for (auto& n : nodes_) {
    n.held = false;
    // What has waited long enough has done so for good: a backlog is not looked at again with every event.
    for (; n.aligned < n.committed.size(); ++n.aligned) {
      const auto& t = n.committed[n.aligned];
      if (!first && t.commit_time_us > time && now - t.arrived < options_.align) break;
    }
    n.limit = n.unread && pending ? 0 : n.aligned;
    n.held = n.limit < n.aligned;
  }
  close_over_distributed(nodes_, distributed_, options_.whole_transactions);
}

/// What was prepared before the samples may have parts that a load has read.
void watermark::find_first_needs() {
  if (mutated(mutation::first_cut_without_samples)) return;
  if (std::exchange(first_needs_known_, true)) return;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto need = [&](const local_transaction& t) {
      const bool prepared = t.whole != nullptr && t.prepared_at.value != 0;
      if (prepared && t.prepared_at <= *first_.samples->samples[i]) first_.transactions.insert(t.id);
    };
    for (const auto& [gid, t] : nodes_[i].prepared) need(t);
    for (const auto& t : nodes_[i].committed) need(t);
  }
}

/// Would the first cut within the limits lack something that belongs to what the loads have read?
bool watermark::holds_first_cut() const {
  if (mutated(mutation::first_cut_without_samples) || mutated(mutation::first_cut_without_needs)) return false;
  const auto needed = [&](const local_transaction& t) { return first_.transactions.contains(t.id); };
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto& n = nodes_[i];
    const auto rest = n.committed.begin() + static_cast<std::ptrdiff_t>(n.limit);
    if (rest != n.committed.end() && rest->end <= *first_.samples->samples[i]) return true;
    if (std::any_of(rest, n.committed.end(), needed)) return true;
    if (std::any_of(n.prepared.begin(), n.prepared.end(), [&](const auto& p) { return needed(p.second); })) return true;
  }
  return false;
}

/// Takes what is within the limits out of the nodes' streams.
std::vector<transaction_id> watermark::take() {
  std::vector<transaction_id> taken;
  for (auto& n : nodes_) {
    for (std::size_t i = 0; i < n.limit; ++i) {
      const auto& t = n.committed[i];
      taken.push_back(t.id);
      if (t.load) {
        n.unread = false;
        n.closed = {n.closed.node, t.end, t.end, 0, n.closed.isolated};
      }
      n.closed.position = std::max(n.closed.position, t.end);
      if (t.commit_time_us != 0) n.closed.commit_time_us = t.commit_time_us;
      forget_prepared(n, t);
      not_late(t.id);
      if (t.whole != nullptr) distributed_.gone(*t.whole, t.id);
    }
    n.committed.erase(n.committed.begin(), n.committed.begin() + static_cast<std::ptrdiff_t>(n.limit));
    n.first_place += n.limit;
    n.aligned -= n.limit;
    n.limit = 0;
  }
  return taken;
}

std::optional<closed_cut> watermark::close(instant now) {
  if (!may_close() || (loads_held_ && !first_cut_closed())) return std::nullopt;
  if (!first_cut_closed()) find_first_needs();
  set_limits(now);
  if (!first_cut_closed() && holds_first_cut()) return std::nullopt;
  const bool nothing = std::all_of(nodes_.begin(), nodes_.end(), [](const node_stream& n) { return n.limit == 0; });
  if (nothing && !idle_advance_due(now)) return std::nullopt;
  closed_cut c;
  c.transactions = take();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].unread) { // its position in the frontier, if it has one, stays
      if (nodes_[i].anew_after && options_.whole_transactions && !mutated(mutation::apart_not_recorded))
        c.apart.push_back(nodes_[i].closed.node);
      continue;
    }
    nodes_[i].closed = position_after_take(nodes_[i], node_index{static_cast<std::uint16_t>(i)});
    check_return(nodes_[i]);
    nodes_[i].closed.isolated = nodes_[i].degraded();
    c.frontier.push_back(nodes_[i].closed);
  }
  c.number = last_ = epoch{last_.value + 1};
  last_close_ = now;
  last_had_transactions_ = !c.transactions.empty();
  undurable_.push_back({c.number, {}, c.frontier, {}});
  if (mutated(mutation::confirmed_before_durable)) durable(c.number);
  first_ = {};
  return c;
}

bool watermark::catching_up(std::int64_t wall_us) const {
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const node_stream& n) {
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
  if (!may_close() || !first_cut_closed()) return earliest;
  const auto consider = [&](instant t) { earliest = earliest ? std::min(*earliest, t) : t; };
  for (const auto& n : nodes_) {
    // What is held for other nodes' transactions only an event can free.
    if (n.held || (n.unread && n.committed.empty())) continue;
    if (!n.committed.empty())
      consider(n.committed.front().arrived + options_.align);
    else if (n.received > n.closed.position)
      consider(idle_due());
  }
  return earliest;
}

void watermark::durable(epoch number) {
  while (!undurable_.empty() && undurable_.front().number <= number) {
    for (const auto& p : undurable_.front().frontier) {
      auto& n = at(p.node);
      if (!n.anew_after || undurable_.front().number > *n.anew_after) n.durable = p;
    }
    undurable_.pop_front();
  }
}

std::vector<transaction_id> watermark::pinned(node_index node) const {
  const auto& n = at(node);
  std::vector<transaction_id> ids;
  if (n.open) ids.push_back(n.open->id);
  for (const auto& [gid, t] : n.prepared) ids.push_back(t.id);
  const std::size_t waits_from = !first_cut_closed() ? 0 : n.held ? n.limit : n.committed.size();
  for (auto i = waits_from; i < n.committed.size(); ++i) ids.push_back(n.committed[i].id);
  return ids;
}

std::vector<hold> watermark::holds() const {
  if (!first_cut_closed()) return holds_of_first_cut(nodes_, first_);
  return options_.wait_for_all && !may_close() ? holds_of_absent(nodes_) : holds_of(nodes_, rounds_);
}

} // namespace weir::cut
