#include "actors/aggregate_stage.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>

namespace weir {
namespace {

using namespace messages;
using self_pointer = caf::stateful_actor<aggregate_stage_state>*;

constexpr std::size_t unwritten_limit_bytes = 8U << 20U;
constexpr std::size_t groups_a_batch = 10'000;

void drain(self_pointer self) {
  auto& s = self->state;
  if (s.machine->empty()) return;
  auto all = s.machine->drain(groups_a_batch);
  // One message a batch, so that the writer's acknowledgements come as it goes; truncations go first.
  aggregate_delta::drained part;
  part.truncated = std::move(all.truncated);
  bool anew = true;
  const auto hand_over = [&] {
    std::size_t bytes = 1;
    for (const auto& b : part.states) bytes += b.size_bytes();
    s.unwritten_bytes += bytes;
    self->send(s.to.writer, view_delta{s.to.view, std::exchange(part, {}), bytes, std::exchange(anew, false)});
  };
  for (auto& b : all.states) {
    part.states.push_back(std::move(b));
    hand_over();
  }
  if (!part.truncated.empty()) hand_over();
}

status take(aggregate_stage_state& s, const stage_input& m) {
  const auto& item = m.item;
  switch (item.what) {
    case held_item::kind::rows: s.machine->add(m.node, *item.rows, item.first, item.last); return {};
    case held_item::kind::states: return s.machine->merge(m.node, *item.rows);
    case held_item::kind::truncate: s.machine->truncate(m.node); return {};
  }
  return {};
}

void process(self_pointer self, const stage_input& m) {
  auto& s = self->state;
  if (auto outcome = take(s, m); !outcome) {
    self->send(s.to.supervisor,
               worker_failed{std::nullopt, s.to.generation, "aggregate_stage", std::move(outcome).error()});
    self->quit(caf::exit_reason::normal);
    return;
  }
  self->send(s.watermark, stage_ack{m.item.size_bytes()});
  if (s.machine->size_bytes() >= s.to.state_limit_bytes) drain(self);
}

void process(self_pointer self, const cut_end& m) {
  auto& s = self->state;
  drain(self);
  self->send(s.to.writer, view_done{m.number, s.to.view});
}

void run_waiting(self_pointer self) {
  auto& s = self->state;
  while (!s.waiting.empty() && s.unwritten_bytes < unwritten_limit_bytes) {
    auto next = std::move(s.waiting.front());
    s.waiting.pop_front();
    std::visit([self](const auto& m) { process(self, m); }, next);
  }
}

} // namespace

caf::behavior aggregate_stage_actor(self_pointer self, aggregate_stage_arguments arguments) {
  auto& s = self->state;
  s.to = std::move(arguments);
  s.machine = std::make_unique<aggregate_delta>(s.to.spec);
  return {
      [=, &s](stage_input& m) {
        s.watermark = caf::actor_cast<caf::actor>(self->current_sender());
        s.waiting.emplace_back(std::move(m));
        run_waiting(self);
      },
      [=, &s](const cut_end& m) {
        s.waiting.emplace_back(m);
        run_waiting(self);
      },
      [=, &s](const write_ack& m) {
        s.unwritten_bytes -= std::min(m.bytes, s.unwritten_bytes);
        run_waiting(self);
      },
  };
}

} // namespace weir
