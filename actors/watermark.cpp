#include "actors/watermark.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <fmt/format.h>

#include "actors/share_changes.hpp"
#include "runtime/base/mutation.hpp"
#include "runtime/cluster/about_node.hpp"

namespace weir {
namespace {

using namespace messages;
using self_pointer = caf::stateful_actor<watermark_state>*;

constexpr std::size_t stage_window_bytes = 16U << 20U;
/// Of a node's credit, what transactions that wait for more of its own stream may hold in memory.
constexpr std::size_t pinned_share = 4;
constexpr std::size_t letters_a_transaction = 10'000;

cut::instant now(self_pointer self) {
  return std::chrono::duration_cast<cut::instant>(self->clock().now().time_since_epoch());
}

void fail(self_pointer self, error why) {
  auto& s = self->state;
  self->send(s.to.supervisor, worker_failed{std::nullopt, s.to.generation, "watermark", std::move(why)});
  self->quit(caf::exit_reason::normal);
}

void forget(watermark_state& s, cut::transaction_id id) {
  s.hold->drop(id.value);
  s.truncates.erase(id.value);
  s.letters.erase(id.value);
  s.node_of.erase(id.value);
}

std::chrono::microseconds shortest_interval(const pipeline_plan& plan) {
  auto every = std::chrono::milliseconds::max();
  for (const auto& v : plan.views) every = std::min(every, v.sink.every);
  return every;
}

cut::watermark_options options_of(const pipeline_plan& plan) {
  cut::watermark_options options;
  options.every = shortest_interval(plan);
  options.wait_for_all = plan.supervise.on_worker_failure == on_worker_failure::wait;
  options.whole_transactions = plan.consistency == consistency::transaction;
  options.rows_move = plan.capture == capture_mode::raw;
  if (!options.whole_transactions) options.align = std::chrono::microseconds{0};
  // The front end has compiled it before: a pattern that is none was refused there.
  if (auto names = cut::name_rule::make(plan.transaction_name)) options.names = *std::move(names);
  return options;
}

/// Has every node a quarter of its credit left?
bool has_room(const watermark_state& s) {
  const auto least = static_cast<std::int64_t>(s.to.node_credit_bytes / 4);
  return std::all_of(s.nodes.begin(), s.nodes.end(),
                     [&](const watermark_state::node& n) { return !n.link || n.link->credit() >= least; });
}

/// Moves what only the node's own stream can set free out of memory, when it eats up the node's credit.
status relieve(watermark_state& s, node_index node) {
  auto& n = s.nodes[node.value];
  const auto limit = s.to.node_credit_bytes / pinned_share;
  if (!n.link || n.link->credit() > static_cast<std::int64_t>(s.to.node_credit_bytes - limit)) return {};
  const auto pinned = s.machine->pinned(node);
  std::size_t bytes = 0;
  for (const auto id : pinned) bytes += s.hold->memory_bytes(id.value);
  // Without credit no more of the stream comes: then even a small slice must let go of the batch it is part of.
  if (bytes < limit / 2 && n.link->credit() > 0) return {};
  for (const auto id : pinned) WEIR_TRY(s.hold->spill(id.value));
  return {};
}

/// A TRUNCATE that several transactions of a node carry out together, each its shards: the first takes away all that
/// the node has of the view, and what came between that one and the next must stay.
bool was_carried_out(watermark_state::node& n, const held_item& item) {
  constexpr std::size_t remembered = 1000;
  if (item.what != held_item::kind::truncate || item.command == 0) return false;
  if (mutated(mutation::truncate_twice)) return false;
  const std::pair key{item.command, item.view};
  if (std::find(n.commands.begin(), n.commands.end(), key) != n.commands.end()) return true;
  n.commands.push_back(key);
  if (n.commands.size() > remembered) n.commands.pop_front();
  return false;
}

/// Releases the current cut to the stages, as far as their window allows.
status release(self_pointer self) {
  auto& s = self->state;
  if (!s.current || s.released) return {};
  const auto& ids = s.current->transactions;
  std::optional<stage_input> pending;
  const auto flush = [&] {
    if (!pending) return;
    s.unacknowledged_bytes += pending->item.size_bytes();
    const auto view = pending->item.view;
    self->send(s.to.stages[view], *std::exchange(pending, std::nullopt));
  };
  const auto end = ids.size() - (mutated(mutation::cut_ended_early) && ids.size() > 1 ? 1 : 0);
  while (s.next_transaction < end) {
    if (s.unacknowledged_bytes >= stage_window_bytes) {
      flush();
      return {};
    }
    const auto id = ids[s.next_transaction];
    WEIR_ASSIGN(auto item, s.hold->take(id.value));
    if (!item) {
      s.node_of.erase(id.value);
      ++s.next_transaction;
      continue;
    }
    const auto node = s.node_of.at(id.value);
    if (was_carried_out(s.nodes[node.value], *item)) continue;
    const bool joins = pending && pending->node == node && pending->item.rows && pending->item.rows == item->rows &&
                       pending->item.view == item->view && pending->item.last == item->first;
    if (joins) {
      pending->item.last = item->last;
      continue;
    }
    flush();
    pending = stage_input{node, std::move(*item)};
  }
  flush();
  s.released = true;
  for (const auto& stage : s.to.stages) self->send(stage, cut_end{s.current->number});
  return {};
}

void arm(self_pointer self, cut::instant at) {
  auto& s = self->state;
  if (s.timer && *s.timer <= at) return;
  s.timer = at;
  self->delayed_send(self, std::max(at - now(self), cut::instant{0}), tick{});
}

void keep_letter(watermark_state& s, cut::transaction_id transaction, node_index node, capture::dead_row& row) {
  auto& kept = s.letters[transaction.value];
  if (kept.first.size() == letters_a_transaction) {
    ++kept.more;
    return;
  }
  const auto& view = s.to.plan->views[row.view];
  kept.first.push_back({node, row.position, s.to.plan->sources[view.source].name, view.name, row.weight,
                        std::move(row.cause), std::move(row.row_text)});
}

void take_letters(watermark_state::kept_letters& from, std::vector<postgres::dead_letter>& to) {
  for (auto& letter : from.first) to.push_back(std::move(letter));
  if (from.more == 0) return;
  auto rest = to.back();
  rest.cause = fmt::format("{} more rows of this transaction could not be computed", from.more);
  rest.row.clear();
  to.push_back(std::move(rest));
}

/// Tells the supervisor when a node begins or ceases to be shown apart from the others.
void tell_consistency(self_pointer self) {
  auto& s = self->state;
  for (std::size_t i = 0; i < s.nodes.size(); ++i) {
    const node_index node{static_cast<std::uint16_t>(i)};
    const bool degraded = s.machine->degraded(node);
    if (std::exchange(s.nodes[i].degraded, degraded) == degraded) continue;
    self->send(s.to.supervisor, node_consistency{node, s.to.generation, degraded, s.machine->last()});
  }
}

void confirm(watermark_state& s) {
  for (std::size_t i = 0; i < s.nodes.size(); ++i) {
    const auto durable = s.machine->durable_position(node_index{static_cast<std::uint16_t>(i)});
    if (s.nodes[i].link && durable) s.nodes[i].link->confirm(durable->confirmed);
  }
}

/// Something of what was read does not fit what the others did: no cut with it.
void read_again(self_pointer self, misreading found) {
  auto& s = self->state;
  s.misread = true;
  self->send(s.to.supervisor, read_anew_wanted{s.to.generation, std::move(found.nodes), std::move(found.cause)});
}

/// Opens the next cut if there is something to show, the last one is durable, and `every` has passed.
status advance(self_pointer self) {
  auto& s = self->state;
  if (s.machine->wants_samples())
    for (auto& n : s.nodes)
      if (n.link) n.link->request_sample();
  if (s.stopping || s.current || s.misread) return {};
  const auto time = now(self);
  const auto due = s.machine->due(time.count(), has_room(s));
  if (time < due) {
    if (s.machine->wake_at()) arm(self, due);
    return {};
  }
  auto moves = s.machine->loads_settled() ? check_moves(s) : misreading{};
  s.machine->hold_loads(moves.unclear);
  if (!moves.nodes.empty()) {
    read_again(self, std::move(moves));
    return {};
  }
  auto closed = s.machine->close(time);
  tell_consistency(self);
  // What is held for another node waits for that node's stream, which must not want for credit meanwhile.
  for (std::size_t i = 0; i < s.nodes.size(); ++i) WEIR_TRY(relieve(s, node_index{static_cast<std::uint16_t>(i)}));
  if (!closed) {
    if (const auto at = s.machine->wake_at()) arm(self, std::max(*at, time + cut::instant{500}));
    return {};
  }
  cut_opened opened;
  opened.number = closed->number;
  opened.frontier = closed->frontier;
  opened.apart = closed->apart;
  if (auto disturbed = take_share_changes(s, *closed, opened); !disturbed.empty())
    read_again(self, {std::move(disturbed), "shards moved while it was read", false});
  for (const auto id : closed->transactions) {
    const auto found = s.letters.find(id.value);
    if (found == s.letters.end()) continue;
    take_letters(found->second, opened.letters);
    s.letters.erase(found);
  }
  leave_if_done(s, opened);
  self->send(s.to.writer, std::move(opened));
  s.current = std::move(closed);
  s.next_transaction = 0;
  s.released = false;
  if (mutated(mutation::confirmed_before_durable)) confirm(s);
  return release(self);
}

/// Gives the effects of one node to the machine and their rows to the hold.
class effect_visitor {
public:
  effect_visitor(self_pointer self, node_index node, std::shared_ptr<node_charge> charge)
      : state_(self->state), node_(node), time_(now(self)), charge_(std::move(charge)),
        open_(state_.nodes[node.value].open) {}

  void operator()(capture::transaction_begin& e) {
    auto& n = state_.nodes[node_.value];
    n.gid = e.gid;
    n.final_lsn = e.final_lsn;
    changes_owner_ = false;
    n.first_participant.clear();
    open_ = state_.machine->begin(node_, e.commit_time_us, std::move(e.gid));
  }
  void operator()(capture::item& e) {
    if (mutated(mutation::truncate_ignored) && e.what == capture::item::kind::truncate) return;
    held_item item{held_item::kind::truncate, e.view, {}, 0, 0, {}};
    if (e.what == capture::item::kind::rows)
      item = {held_item::kind::rows, e.view, std::move(e.rows), e.first, e.last, charge_};
    else
      take_truncate(item);
    state_.hold->put(open_.value, std::move(item));
    state_.node_of.try_emplace(open_.value, node_);
  }
  void operator()(capture::dead_row& e) {
    keep_letter(state_, open_, node_, e);
    state_.node_of.try_emplace(open_.value, node_);
  }
  void operator()(capture::participant& e) {
    auto& first = state_.nodes[node_.value].first_participant;
    if (first.empty()) first = e.gid;
    state_.machine->participant(node_, std::move(e.gid));
  }
  void operator()(const capture::follows& e) { state_.machine->follows(node_, e.gid); }
  void operator()(capture::ownership_record& e) {
    state_.nodes[node_.value].pending = std::move(e);
    if (open_ == cut::transaction_id{}) return;
    changes_owner_ = true;
  }
  void operator()(const capture::transaction_end& e) {
    note(note_ownership(state_, node_, e.end_lsn, {}));
    name_command();
    const auto id = std::exchange(open_, cut::transaction_id{});
    if (changes_owner_) state_.node_of.try_emplace(id.value, node_);
    const bool empty = !state_.node_of.contains(id.value);
    if (e.how == capture::transaction_end::outcome::prepared) {
      state_.hold->compact(id.value);
      if (const auto replaced = state_.machine->prepare(node_, e.commit_lsn, e.end_lsn)) forget(state_, *replaced);
      return;
    }
    if (const auto dropped = state_.machine->commit(node_, e.end_lsn, e.commit_time_us, empty, time_))
      forget(state_, *dropped);
  }
  void operator()(const capture::prepared_decision& e) {
    note(note_ownership(state_, node_, e.end_lsn, e.gid));
    auto dropped = state_.machine->decide(node_, e.gid, e.commit, e.end_lsn, e.time_us, time_);
    if (!dropped && !failure_)
      failure_ = std::move(dropped).error();
    else if (dropped && *dropped)
      forget(state_, **dropped);
  }
  void operator()(const capture::progress& e) { state_.machine->progress(node_, e.position); }

  cut::transaction_id open() const { return open_; }
  /// Of the first effect that cannot be.
  std::optional<error>& failure() { return failure_; }

private:
  /// Names the TRUNCATE of which the open transaction carries out a part: 0 if it does all that is done on this node.
  std::uint64_t command_of_open() const {
    const auto whole = state_.names.match(state_.nodes[node_.value].gid);
    return whole ? std::max<std::uint64_t>(std::hash<std::string>{}(whole->name), 1) : 0;
  }
  /// A TRUNCATE has parts elsewhere if its transaction has a name, or names others that are parts of it.
  void name_command() {
    if (!state_.truncates.contains(open_.value)) return;
    const auto& n = state_.nodes[node_.value];
    if (auto whole = state_.names.match(n.gid.empty() ? n.first_participant : n.gid))
      state_.machine->carries_out(node_, std::move(whole->name));
  }
  void take_truncate(held_item& item) {
    item.command = command_of_open();
    const auto& n = state_.nodes[node_.value];
    // Alone, it is a command of its own.
    state_.truncates[open_.value].emplace_back(item.view, item.command != 0 ? item.command : ~open_.value);
    if (item.command == 0 || n.final_lsn >= n.loaded_at) return;
    // Other parts of the same command may have been decided before the load, which then has their shards empty, and
    // what was written to them since: this part cannot take away its own shards alone.
    note(error{errc::source_reshaped, "a table was truncated while it was read", "nothing is lost: it is read anew"});
  }
  void note(status outcome) {
    if (!outcome && !failure_) failure_ = std::move(outcome).error();
  }

  watermark_state& state_;
  node_index node_;
  cut::instant time_;
  std::shared_ptr<node_charge> charge_;
  cut::transaction_id open_;
  bool changes_owner_ = false; ///< the open transaction
  std::optional<error> failure_;
};

status take_effects(self_pointer self, node_effects& m) {
  auto& s = self->state;
  auto& n = s.nodes[m.node.value];
  if (m.incarnation != n.incarnation) return {};
  effect_visitor visitor(self, m.node, std::move(m.charge));
  for (auto& e : m.effects) std::visit(visitor, e);
  n.open = visitor.open();
  m.effects.clear();
  const bool waits = s.machine->awaits_sample(m.node) || s.machine->awaits_position(m.node);
  if (n.link && n.link->awaited() && !waits) n.link->passed();
  if (visitor.failure()) return about_node(s.to.plan->nodes[m.node.value].name, *std::move(visitor.failure()));
  return relieve(s, m.node);
}

status take_load(watermark_state& s, load_rows& m) {
  auto& n = s.nodes[m.node.value];
  if (m.incarnation != n.incarnation) return {};
  for (auto& item : m.items) s.hold->put(n.open.value, std::move(item));
  for (auto& row : m.dead) keep_letter(s, n.open, m.node, row);
  return relieve(s, m.node);
}

node_resume stop_node(watermark_state& s, node_index node) {
  auto& n = s.nodes[node.value];
  n.incarnation = 0;
  n.link.reset();
  n.open = {};
  for (const auto id : s.machine->node_down(node)) forget(s, id);
  const auto resume = s.machine->resume(node);
  const auto durable = s.machine->durable_position(node);
  n.pending.reset();
  auto owned = resume ? ownership_at(s, node, *resume) : nullptr;
  // Before the first cut nothing is confirmed: a slot beyond what has come is another one than was made.
  if (!durable) return {node, resume, resume, resume.value_or(lsn{}), std::move(owned)};
  return {node, resume, durable->confirmed, std::max(durable->position, *resume), std::move(owned)};
}

void read_anew_of(watermark_state& s, node_index node) {
  auto& n = s.nodes[node.value];
  n.incarnation = 0;
  n.link.reset();
  n.open = {};
  for (const auto id : s.machine->read_anew(node)) forget(s, id);
  forget_shares(s, node);
}

/// Do the loads, once all have ended, make the whole of every source?
void check_reading(self_pointer self, const load_ended& m) {
  auto& s = self->state;
  note_load(s, m.node, m.consistent_point, *m.owned);
  if (auto found = check_loads(s); !found.cause.empty()) read_again(self, std::move(found));
}

} // namespace

caf::behavior watermark_actor(self_pointer self, watermark_arguments arguments) {
  auto& s = self->state;
  s.to = std::move(arguments);
  s.nodes.resize(s.to.plan->nodes.size());
  for (std::size_t i = 0; i < s.nodes.size(); ++i) s.nodes[i].degraded = s.to.frontier[i] && s.to.frontier[i]->isolated;
  s.machine = std::make_unique<cut::watermark>(s.to.last, s.to.frontier, options_of(*s.to.plan));
  s.names = options_of(*s.to.plan).names;
  s.hold = std::make_unique<transaction_hold>(s.to.spill_directory);
  s.to.share_groups.resize(s.nodes.size());
  s.to.ownership.resize(s.nodes.size());
  for (std::size_t i = 0; i < s.nodes.size(); ++i) s.nodes[i].ownership = std::move(s.to.ownership[i]);
  tell_share_groups(s);
  const auto checked = [self](status outcome) {
    if (outcome) outcome = advance(self);
    if (!outcome) fail(self, std::move(outcome).error());
  };
  return {
      [=, &s](const node_started& m) {
        auto& n = s.nodes[m.node.value];
        n.incarnation = m.incarnation;
        n.link = m.link;
        if (s.machine->awaits_sample(m.node)) n.link->request_sample();
        confirm(s);
      },
      [=, &s](const node_stopped& m) { return stop_node(s, m.node); },
      [=, &s](const read_anew& m) {
        nodes_to_read reply{whole_groups(s, m.nodes)};
        for (const auto node : reply.nodes) read_anew_of(s, node);
        s.misread = false;
        return reply;
      },
      [=, &s](const node_left& m) {
        s.nodes[m.node.value].leaving = true;
        auto first = to_read_before_leaving(s, m.node);
        if (first.empty()) return;
        self->send(s.to.supervisor, read_anew_wanted{s.to.generation, std::move(first), "a node has left the cluster"});
      },
      [=, &s](const isolate_node& m) {
        s.machine->isolate(m.node);
        checked({});
      },
      [&s](const node_described& m) {
        s.machine->clock_offset(m.node, m.offset_us);
        if (!m.citus) return;
        const bool streamed = m.citus->streams_participants;
        s.machine->describe(m.node, m.citus->group,
                            streamed ? cut::initiator_link::streamed : cut::initiator_link::sampled);
      },
      [=, &s](const load_started& m) {
        auto& n = s.nodes[m.node.value];
        if (m.incarnation != n.incarnation) return;
        n.open = s.machine->begin_load(m.node);
        s.node_of[n.open.value] = m.node;
        if (!s.machine->first_cut_closed()) return;
        // What the node had in the views goes with the load that takes its place.
        for (std::size_t v = 0; v < s.to.plan->views.size(); ++v)
          s.hold->put(n.open.value, {held_item::kind::truncate, v, {}, 0, 0, {}});
      },
      [=, &s](load_rows& m) { checked(take_load(s, m)); },
      [=, &s](const load_ended& m) {
        auto& n = s.nodes[m.node.value];
        if (m.incarnation != n.incarnation) return;
        n.open = {};
        n.loaded_at = m.consistent_point;
        s.machine->end_load(m.node, m.consistent_point, now(self));
        if (m.owned) check_reading(self, m);
        checked({});
      },
      [&s](const shards_moved& m) {
        if (m.incarnation == s.nodes[m.node.value].incarnation) note_moves(s, m.node, *m.owned);
      },
      [=](node_effects& m) { checked(take_effects(self, m)); },
      [=, &s](const position_sampled& m) {
        if (m.incarnation != s.nodes[m.node.value].incarnation) return;
        s.machine->sampled(m.node, m.position);
        checked({});
      },
      [=, &s](const stage_ack& m) {
        s.unacknowledged_bytes -= std::min(m.bytes, s.unacknowledged_bytes);
        checked(release(self));
      },
      [=, &s](const cut_durable& m) {
        s.machine->durable(m.number);
        s.current.reset();
        confirm(s);
        checked({});
      },
      [=, &s](const tick&) {
        s.timer.reset();
        checked({});
      },
      [=, &s](const settled_query&) {
        positions_settled reply;
        for (std::size_t i = 0; i < s.nodes.size(); ++i)
          reply.positions.push_back(s.machine->settled(node_index{static_cast<std::uint16_t>(i)}));
        const auto time = now(self);
        for (auto& h : s.machine->holds()) {
          const auto age = h.since.count() == 0 ? cut::instant{0} : time - h.since;
          reply.holds.push_back({std::move(h), age});
        }
        return reply;
      },
      [&s](const stop&) { s.stopping = true; },
  };
}

} // namespace weir
