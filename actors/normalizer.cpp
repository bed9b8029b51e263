#include "actors/normalizer.hpp"

#include <utility>
#include <variant>

#include <caf/all.hpp>

#include "runtime/cluster/about_node.hpp"

namespace weir {
namespace {

using namespace messages;
using self_pointer = caf::stateful_actor<normalizer_state>*;

void fail(self_pointer self, error why) {
  auto& s = self->state;
  why = about_node(s.to.plan->nodes[s.to.node.value].name, std::move(why));
  self->send(s.to.supervisor, worker_failed{s.to.node, s.to.incarnation, "normalizer", std::move(why)});
  self->quit(caf::exit_reason::normal);
}

/// Memory of the batches in `effects`, each counted once: slices of one view's batch come one after the other, between
/// those of other views.
std::int64_t held_bytes(const std::vector<capture::effect>& effects, std::size_t views) {
  std::int64_t bytes = 0;
  std::vector<const batch*> last(views, nullptr);
  for (const auto& e : effects) {
    const auto* item = std::get_if<capture::item>(&e);
    if (item == nullptr || !item->rows || item->rows.get() == last[item->view]) continue;
    last[item->view] = item->rows.get();
    bytes += static_cast<std::int64_t>(item->rows->size_bytes());
  }
  return bytes;
}

void process(self_pointer self, wire_chunk& m) {
  auto& s = self->state;
  std::vector<capture::effect> effects;
  auto outcome = s.machine->consume(m.bytes, effects);
  // The bytes are gone; what was made of them costs what it takes now.
  const auto bytes = held_bytes(effects, s.to.plan->views.size());
  s.to.link->spend(bytes);
  auto charge = std::make_shared<node_charge>(s.to.link, bytes);
  m.charge.reset();
  if (!effects.empty())
    self->send(s.to.watermark, node_effects{s.to.node, s.to.incarnation, std::move(effects), std::move(charge)});
  if (!outcome) fail(self, std::move(outcome).error());
}

} // namespace

caf::behavior normalizer_actor(self_pointer self, normalizer_arguments arguments) {
  auto& s = self->state;
  s.to = std::move(arguments);
  const auto begin = [self, &s](std::optional<ownership_tracker> owned, std::span<const table_shape> tables) {
    auto made = capture::normalizer::make(*s.to.plan, {}, std::move(owned), tables);
    if (made)
      s.machine = std::move(made).value();
    else
      fail(self, std::move(made).error());
  };
  begin({}, {});
  return {
      [begin](const stream_begins& m) { begin(m.owned ? std::optional(*m.owned) : std::nullopt, m.tables); },
      [self](wire_chunk& m) { process(self, m); },
  };
}

} // namespace weir
