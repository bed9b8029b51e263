#include "runtime/cut/watermark.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "runtime/base/mutation.hpp"

namespace weir::cut {

watermark::watermark(epoch last, std::vector<std::optional<node_position>> frontier, watermark_options options)
    : options_(std::move(options)), nodes_(frontier.size()), rounds_(frontier.size()),
      distributed_(options_.names, rounds_), last_(last) {
  for (std::size_t i = 0; i < frontier.size(); ++i) {
    node_stream& n = nodes_[i];
    n.closed.node = node_index{static_cast<std::uint16_t>(i)};
    n.share_group = n.closed.node.value;
    if (!frontier[i]) {
      if (last.value > 0 && options_.whole_transactions) n.member = membership::isolated;
      continue;
    }
    n.unread = false;
    n.load = node_stream::load_state::ended;
    if (frontier[i]->isolated) n.member = membership::isolated;
    n.closed = *frontier[i];
    n.durable = frontier[i];
    // The stream starts at `confirmed`; what ends at or below `position` will be dropped.
    n.received = frontier[i]->confirmed;
    n.last_commit_time_us = frontier[i]->commit_time_us;
  }
}

void watermark::describe(node_index node, std::optional<std::uint32_t> group, initiator_link link) {
  at(node).group = group;
  at(node).link = link;
}

/// The node speaks.
void watermark::heard(node_stream& n) {
  n.live = true;
  if (n.member != membership::isolated) return;
  n.member = membership::returning;
  n.catch_up = rounds_.next();
}

transaction_id watermark::begin(node_index node, std::int64_t commit_time_us, std::string gid) {
  auto& n = at(node);
  heard(n);
  n.idle = false;
  n.open.emplace();
  n.open->id = next_id();
  n.open->gid = std::move(gid);
  n.open->commit_time_us = commit_time_us;
  return n.open->id;
}

void watermark::participant(node_index node, std::string gid) {
  if (mutated(mutation::initiators_part_alone)) return;
  at(node).open->participants.push_back(std::move(gid));
}

void watermark::follows(node_index node, const std::string& gid) {
  if (mutated(mutation::early_writer_alone)) return;
  if (auto name = options_.names.match(gid)) at(node).open->follows.push_back(std::move(name->name));
}

void watermark::takes(node_index node, const std::string& gid, taken_rows what) {
  if (mutated(mutation::taken_before_given)) return;
  auto& n = at(node);
  auto& t = gid.empty() ? *n.open : n.prepared.at(gid);
  taken_.push_back(what);
  t.takes.push_back(std::move(what));
}

void watermark::carries_out(node_index node, std::string command) { at(node).open->command = std::move(command); }

/// It is the node's next one that no cut holds.
void watermark::commit(node_stream& n, node_index node, local_transaction t, instant now) {
  const auto place = n.first_place + n.committed.size();
  t.arrived = now;
  n.last_commit_time_us = std::max(n.last_commit_time_us, t.commit_time_us);
  if (t.whole != nullptr)
    distributed_.committed(*t.whole, t.id, place, now);
  else if (!t.participants.empty())
    t.whole = distributed_.initiated({node, t.id, {}, {}, true, place}, std::move(t.participants), now);
  else if (options_.whole_transactions && t.gid.empty() && n.link == initiator_link::sampled)
    t.after = rounds_.next();
  n.committed.push_back(std::move(t));
}

void watermark::forget_prepared(node_stream& n, const local_transaction& t) {
  if (const auto at = n.prepared_at.find(t.prepared_at); at != n.prepared_at.end()) n.prepared_at.erase(at);
}

/// A prepared transaction that will be in no cut.
void watermark::gone(node_stream& n, const local_transaction& t) {
  forget_prepared(n, t);
  if (t.whole != nullptr) distributed_.gone(*t.whole, t.id);
  first_.transactions.erase(t.id);
  not_late(t.id);
}

void watermark::not_late(transaction_id id) {
  if (!some_late_) return;
  for (auto& n : nodes_) n.late.erase(id);
  some_late_ = std::any_of(nodes_.begin(), nodes_.end(), [](const node_stream& n) { return !n.late.empty(); });
}

std::optional<transaction_id> watermark::commit(node_index node, lsn end, std::int64_t commit_time_us, bool empty,
                                                instant now) {
  auto& n = at(node);
  auto t = *std::exchange(n.open, std::nullopt);
  received(n, end);
  if (!options_.whole_transactions && !options_.rows_move) t.participants.clear();
  if (!mutated(mutation::shown_again) && n.durable && end <= n.durable->position) return t.id;
  if (empty) {
    n.last_commit_time_us = std::max(n.last_commit_time_us, commit_time_us);
    if (!t.participants.empty()) distributed_.announced(t.participants);
    return t.id;
  }
  t.end = end;
  t.commit_time_us = commit_time_us;
  commit(n, node, std::move(t), now);
  return std::nullopt;
}

std::optional<transaction_id> watermark::prepare(node_index node, lsn prepared_at, lsn end) {
  auto& n = at(node);
  auto t = *std::exchange(n.open, std::nullopt);
  t.prepared_at = prepared_at;
  if (options_.whole_transactions || options_.rows_move)
    t.whole = distributed_.prepared({node, t.id, t.gid, prepared_at, false, 0});
  if (t.whole != nullptr)
    t.name = t.whole->name;
  else if (auto match = options_.names.match(t.gid))
    t.name = std::move(match->name);
  std::optional<transaction_id> replaced;
  auto gid = t.gid;
  const auto [place, added] = n.prepared.try_emplace(std::move(gid), t);
  n.prepared_at.insert(prepared_at);
  if (!added) {
    forget_prepared(n, place->second);
    if (first_.transactions.erase(place->second.id) > 0) first_.transactions.insert(t.id);
    for (auto& other : nodes_)
      if (other.late.erase(place->second.id) > 0) other.late.insert(t.id);
    replaced = std::exchange(place->second, std::move(t)).id;
  }
  received(n, end);
  return replaced;
}

result<std::optional<transaction_id>> watermark::decide(node_index node, const std::string& gid, bool committed,
                                                        lsn end, std::int64_t time_us, instant now) {
  auto& n = at(node);
  heard(n);
  n.idle = false;
  received(n, end);
  if (mutated(mutation::rollback_ignored)) committed = true;
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
  auto t = std::move(place->second);
  n.prepared.erase(place);
  if (!committed || shown) {
    gone(n, t);
    return std::optional(t.id);
  }
  t.end = end;
  t.commit_time_us = time_us;
  commit(n, node, std::move(t), now);
  return std::optional<transaction_id>{};
}

void watermark::progress(node_index node, lsn position) {
  auto& n = at(node);
  heard(n);
  if (n.open) return;
  n.idle = true;
  received(n, position);
}

transaction_id watermark::begin_load(node_index node) {
  auto& n = at(node);
  n.live = true;
  n.load = node_stream::load_state::running;
  n.open.emplace();
  n.open->id = next_id();
  return n.open->id;
}

void watermark::end_load(node_index node, lsn consistent_point, instant now) {
  auto& n = at(node);
  auto t = *std::exchange(n.open, std::nullopt);
  t.end = consistent_point;
  t.arrived = now;
  t.load = true;
  n.load = node_stream::load_state::ended;
  if (options_.rows_move && first_cut_closed()) n.after_load = rounds_.next();
  n.received = consistent_point;
  n.committed.push_back(std::move(t));
}

/// The node was away when positions were sampled after the transaction's first commit: now it can tell its own.
void watermark::ask_who_was_away(distributed_transaction& whole, node_index node) {
  const auto& n = at(node);
  const bool was_away = whole.seal && whole.seal->complete && !whole.seal->samples[node.value];
  if (was_away && n.live && n.load == node_stream::load_state::ended) whole.seal = rounds_.next();
}

bool watermark::wants_samples() {
  const bool all_loaded = std::all_of(nodes_.begin(), nodes_.end(),
                                      [](const node_stream& n) { return n.load == node_stream::load_state::ended; });
  if (!first_.samples && !first_cut_closed() && all_loaded) first_.samples = rounds_.next();
  // Who was away when the others told has to tell now.
  std::erase_if(taken_, [&](const taken_rows& what) {
    const auto move = distributed_.all().find(what.move);
    if (move == distributed_.all().end()) return true;
    ask_who_was_away(*move->second, what.from);
    return false;
  });
  for (auto& n : nodes_) {
    if (!n.unread || !n.after_load || !n.after_load->complete) continue;
    const auto& samples = n.after_load->samples;
    bool lacks = false;
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      lacks = lacks || (!nodes_[i].unread && nodes_[i].live && !samples[i]);
    if (lacks) n.after_load = rounds_.next();
  }
  return rounds_.start();
}

void watermark::sampled(node_index node, lsn position) {
  rounds_.sampled(node, position);
  check_round();
}

bool watermark::awaits_position(node_index node) const {
  const auto* round = rounds_.running();
  const auto& n = at(node);
  if (round == nullptr) return false;
  const auto& sample = round->samples[node.value];
  return sample && n.received < *sample;
}

/// Everything of the node that ends at or below `position` has come.
void watermark::received(node_stream& n, lsn position) {
  n.received = std::max(n.received, position);
  check_return(n);
  check_round();
}

/// Has the round under way been passed by every node that counts?
void watermark::check_round() {
  const auto* round = rounds_.running();
  if (round == nullptr) return;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto& n = nodes_[i];
    const bool counts = n.member == membership::whole;
    if (!round->samples[i] && (counts || n.live)) return;
    if (counts && n.received < *round->samples[i]) return;
  }
  rounds_.complete();
  for (auto& n : nodes_) check_return(n);
}

/// A node that was isolated: has it caught up, and is everything decided of which the others may have shown a part?
///
/// First it has to pass a position sampled after its return; from then on cuts hold its parts with the others' again.
/// Whatever was shown in part until then was prepared, wherever, before a second sample.
void watermark::check_return(node_stream& n) {
  if (n.member == membership::isolated || !n.catch_up) return;
  const auto index = static_cast<std::size_t>(&n - nodes_.data());
  if (n.member == membership::returning) {
    const auto& samples = n.catch_up->samples; // empty until it starts
    if (samples.empty() || !samples[index] || n.received < *samples[index]) return;
    n.member = membership::whole;
    n.late_known = false;
    n.catch_up = rounds_.next();
    return;
  }
  if (mutated(mutation::whole_too_early)) return n.catch_up.reset();
  if (!n.catch_up->complete) return;
  if (!n.late_known) {
    n.late.clear();
    for (const auto& any : nodes_) {
      for (const auto& [gid, t] : any.prepared)
        if (t.whole != nullptr) n.late.insert(t.id);
      for (const auto& t : any.committed)
        if (t.whole != nullptr) n.late.insert(t.id);
    }
    n.late_known = true;
    some_late_ = true;
  }
  const auto& sample = n.catch_up->samples[index];
  if (n.late.empty() && (!sample || n.closed.position >= *sample)) n.catch_up.reset();
}

std::vector<transaction_id> watermark::node_down(node_index node) {
  auto& n = at(node);
  n.live = false;
  n.idle = false;
  std::vector<transaction_id> dropped;
  if (n.open) dropped.push_back(n.open->id);
  if (mutated(mutation::prepared_lost_with_connection)) n.prepared.clear();
  n.open.reset();
  if (n.load == node_stream::load_state::running) n.load = node_stream::load_state::missing;
  if (n.member == membership::returning) n.member = membership::isolated;
  check_round();
  return dropped;
}

std::vector<transaction_id> watermark::read_anew(node_index node) {
  auto& n = at(node);
  auto dropped = node_down(node);
  const auto drop = [&](const local_transaction& t) {
    dropped.push_back(t.id);
    gone(n, t);
  };
  for (const auto& [gid, t] : n.prepared) drop(t);
  for (const auto& t : n.committed) drop(t);
  n.prepared.clear();
  n.first_place += n.committed.size();
  n.committed.clear();
  n.aligned = 0;
  n.limit = 0;
  n.load = node_stream::load_state::missing;
  n.after_load.reset();
  n.unread = true;
  n.received = {};
  n.durable.reset();
  n.anew_after = last_;
  rounds_.forget(node);
  n.catch_up.reset();
  n.late.clear();
  if (!first_cut_closed()) {
    first_ = {};
    first_needs_known_ = false;
  } else if (options_.whole_transactions) {
    n.member = membership::isolated;
  }
  check_round();
  return dropped;
}

void watermark::share_groups(const std::vector<std::uint16_t>& groups) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) nodes_[i].share_group = groups[i];
}

void watermark::isolate(node_index node) {
  auto& n = at(node);
  if (!options_.whole_transactions || n.live || !first_cut_closed()) return;
  n.member = membership::isolated;
  n.catch_up.reset();
  n.late.clear();
  check_round();
}

std::optional<lsn> watermark::resume(node_index node) const {
  const auto& n = at(node);
  if (n.load != node_stream::load_state::ended) return std::nullopt;
  return n.received;
}

std::optional<node_position> watermark::durable_position(node_index node) const { return at(node).durable; }

} // namespace weir::cut
