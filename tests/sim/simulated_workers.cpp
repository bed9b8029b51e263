#include "tests/sim/simulated_workers.hpp"

#include <cstring>
#include <utility>

#include <caf/all.hpp>

#include "runtime/plan/aggregate_spec_of.hpp"

namespace weir::test {
namespace {

using namespace messages;
using namespace std::chrono_literals;

error lost(const char* what) { return {errc::connection_lost, what}; }

// ---- registrar

caf::behavior registrar(caf::event_based_actor* self, registrar_arguments to) {
  self->send(to.supervisor, lease_granted{{1, to.holder}});
  return {
      [](const publish_event&) {},
      [](const publish_status&) {},
      [self](const stop&) { self->quit(caf::exit_reason::normal); },
  };
}

// ---- writer

struct writer_state {
  view_writer_arguments to;
  std::vector<postgres::frontier_entry> identities;
  cut_opened current;
  std::size_t done = 0;
  caf::actor watermark;
};

caf::behavior writer(caf::stateful_actor<writer_state>* self, view_writer_arguments arguments, simulation* world,
                     std::shared_ptr<const bool> alive) {
  auto& s = self->state;
  s.to = std::move(arguments);
  s.identities.resize(world->servers.size());
  const auto fail = [=, &s] {
    world->target.rollback();
    self->send(s.to.supervisor, worker_failed{std::nullopt, s.to.generation, "view_writer", lost("target")});
    self->quit(caf::exit_reason::normal);
  };
  // True if the statement goes on.
  const auto statement = [=] {
    if (!*alive) return false;
    if (!world->fault(world->faults.writer_breaks)) return true;
    fail();
    return false;
  };
  world->target.rollback(); // a new session: the old one's transaction is gone
  self->send(self, tick{});
  return {
      [=, &s](const tick&) {
        if (!statement()) return;
        for (const auto& e : world->target.frontier()) s.identities[e.node.value] = e;
        self->send(s.to.supervisor, writer_ready{s.to.generation, world->target.last(), world->target.frontier()});
      },
      [&s](const node_identified& m) {
        s.identities[m.node.value].slot = m.slot;
        s.identities[m.node.value].system_id = m.system_id;
      },
      [=, &s](cut_opened& m) {
        s.watermark = caf::actor_cast<caf::actor>(self->current_sender());
        if (!statement()) return;
        s.current = std::move(m);
        s.done = 0;
        world->target.begin();
      },
      [=, &s](const view_delta& m) {
        if (!statement()) return;
        for (const auto node : m.delta.truncated) world->target.truncate(m.view, node);
        for (const auto& states : m.delta.states) world->target.apply(m.view, states);
        self->send(caf::actor_cast<caf::actor>(self->current_sender()), write_ack{m.bytes});
      },
      [=, &s](const view_done&) {
        if (++s.done < s.to.plan->views.size() || !statement()) return;
        std::vector<postgres::frontier_entry> frontier;
        for (const auto& p : s.current.frontier) {
          auto entry = s.identities[p.node.value];
          entry.node = p.node;
          entry.position = p.position;
          entry.confirmed = p.confirmed;
          entry.commit_time_us = p.commit_time_us;
          frontier.push_back(std::move(entry));
        }
        world->target.commit(s.current.number, std::move(frontier));
        world->check_cut();
        if (world->fault(world->faults.commit_unknown)) return fail();
        self->send(s.watermark, cut_durable{s.current.number});
        self->send(s.to.supervisor, cut_durable{s.current.number});
      },
      [self](const stop&) { self->quit(caf::exit_reason::normal); },
  };
}

// ---- reader

struct reader_state {
  slot_reader_arguments to;
  bool connected = false;
  std::size_t next = 0; ///< record of the WAL
  bytes unsent;         ///< frames that are read and not sent
};

using reader_pointer = caf::stateful_actor<reader_state>*;

void break_off(reader_pointer self, error why) {
  auto& s = self->state;
  self->send(s.to.supervisor, worker_failed{s.to.node, s.to.incarnation, "slot_reader", std::move(why)});
  self->quit(caf::exit_reason::normal);
}

/// The snapshot of the view, as rows or (view 0) as a pushed-down query would aggregate them.
held_item loaded_view(const reader_state& s, std::size_t view, const sim_table& rows) {
  const auto& plan = s.to.plan->views[view];
  batch b;
  b.columns.emplace_back(plan.keys[0].type);
  b.columns.emplace_back(plan.inputs[0].type);
  for (const auto& [id, row] : rows) {
    if (!in_view(view, row)) continue;
    b.columns[0].append_bytes(row.region);
    b.columns[1].append_i64(row.amount);
    b.weights.push_back(1);
  }
  auto what = held_item::kind::rows;
  if (view == 0 && !b.empty()) {
    aggregate_delta aggregated(aggregate_spec_of(plan));
    aggregated.add(s.to.node, b, 0, b.rows());
    b = aggregated.drain(1'000'000).states.front();
    what = held_item::kind::states;
  }
  const auto count = static_cast<std::uint32_t>(b.rows());
  return {what, view, std::make_shared<const batch>(std::move(b)), 0, count, {}};
}

void load(reader_pointer self, simulated_node& node) {
  auto& s = self->state;
  node.drop_slot();
  node.create_slot();
  self->send(s.to.watermark, load_started{s.to.node, s.to.incarnation});
  const auto rows = node.after(node.end());
  load_rows m{s.to.node, s.to.incarnation, {}, {}};
  for (std::size_t v = 0; v < s.to.plan->views.size(); ++v) m.items.push_back(loaded_view(s, v, rows));
  self->send(s.to.watermark, std::move(m));
  self->send(s.to.watermark, load_ended{s.to.node, s.to.incarnation, node.end()});
  s.next = node.start_at(node.end());
}

/// Returns false if it cannot connect yet.
bool connect(reader_pointer self, simulation& world) {
  auto& s = self->state;
  auto& node = world.servers[s.to.node.value].node;
  const node_identified identified{s.to.node, "slot", "system", 1};
  self->send(s.to.writer, identified);
  self->send(s.to.supervisor, identified);
  if (s.to.resume.position) {
    if (!node.has_slot() || (s.to.resume.slot_not_beyond && node.confirmed() > *s.to.resume.slot_not_beyond)) {
      break_off(self, {errc::slot_invalidated, "the slot was confirmed beyond the durable frontier"});
      return false;
    }
    s.next = node.start_at(*s.to.resume.position);
  } else {
    if (node.has_prepared()) return false; // creating a slot waits for prepared transactions
    load(self, node);
  }
  s.unsent = simulated_node::relation_frame();
  s.connected = true;
  self->send(s.to.supervisor,
             node_progress{s.to.node, s.to.incarnation, node_phase::streaming, 0, s.to.link->confirmed(), {}});
  return true;
}

/// Sends some whole frames, not always whole transactions.
void stream(reader_pointer self, simulation& world) {
  auto& s = self->state;
  auto& node = world.servers[s.to.node.value].node;
  if (s.to.link->credit() <= 0) return;
  const auto wanted = world.random.below(6);
  for (std::uint64_t i = 0; i < wanted && s.next < node.records(); ++i) {
    const auto frames = node.frames(s.next++);
    s.unsent.insert(s.unsent.end(), frames.begin(), frames.end());
  }
  if (s.next == node.records() && world.random.chance(1, 2)) {
    const auto frame = node.keepalive();
    s.unsent.insert(s.unsent.end(), frame.begin(), frame.end());
  }
  std::size_t end = 0;
  while (end < s.unsent.size() && !world.random.chance(1, 8)) {
    std::uint32_t length = 0;
    std::memcpy(&length, s.unsent.data() + end, sizeof length);
    end += sizeof length + length;
  }
  if (end == 0) return;
  bytes chunk(s.unsent.begin(), s.unsent.begin() + static_cast<std::ptrdiff_t>(end));
  s.unsent.erase(s.unsent.begin(), s.unsent.begin() + static_cast<std::ptrdiff_t>(end));
  const auto size = static_cast<std::int64_t>(chunk.size());
  s.to.link->spend(size);
  self->send(s.to.normalizer, wire_chunk{std::move(chunk), std::make_shared<node_charge>(s.to.link, size)});
}

caf::behavior reader(reader_pointer self, slot_reader_arguments arguments, simulation* world,
                     std::shared_ptr<const bool> alive) {
  auto& s = self->state;
  s.to = std::move(arguments);
  self->send(self, tick{});
  return {
      [=, &s](const tick&) {
        if (!*alive || s.to.link->stopped()) return self->quit(caf::exit_reason::normal);
        auto& server = world->servers[s.to.node.value];
        if (server.away) return break_off(self, {errc::connection_failed, "connection refused"});
        if (world->fault(world->faults.reader_breaks)) return break_off(self, lost("node"));
        if (s.connected || connect(self, *world)) {
          if (server.node.has_slot()) server.node.confirm(s.to.link->confirmed());
          if (s.to.link->take_sample_request())
            self->send(s.to.watermark, position_sampled{s.to.node, s.to.incarnation, server.node.end()});
          stream(self, *world);
        }
        self->delayed_send(self, 1ms, tick{});
      },
  };
}

} // namespace

worker_factory simulated_workers(simulation& world, std::shared_ptr<const bool> alive) {
  auto* w = &world;
  return {
      [](caf::local_actor& parent, registrar_arguments a) { return parent.spawn(registrar, std::move(a)); },
      [=](caf::local_actor& parent, view_writer_arguments a) { return parent.spawn(writer, std::move(a), w, alive); },
      [=](caf::local_actor& parent, slot_reader_arguments a) { return parent.spawn(reader, std::move(a), w, alive); }};
}

} // namespace weir::test
