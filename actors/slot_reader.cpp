#include "actors/slot_reader.hpp"

#include <utility>
#include <variant>
#include <vector>

#include <caf/all.hpp>

#include "actors/postgres_node.hpp"
#include "runtime/cluster/about_node.hpp"

namespace weir {

using namespace messages;

slot_reading::slot_reading(caf::event_based_actor* self, slot_reader_arguments arguments, node_port& node)
    : self_(self), to_(std::move(arguments)),
      session_({to_.plan, to_.node, to_.incarnation, to_.link, to_.resume, to_.identity, to_.doubt}, node) {}

void slot_reading::send(slot_report& what) {
  const auto receiver = [this](const auto& m) -> const caf::actor& {
    using message_type = std::decay_t<decltype(m)>;
    if constexpr (std::is_same_v<message_type, wire_chunk> || std::is_same_v<message_type, stream_begins>)
      return to_.normalizer;
    else if constexpr (std::is_same_v<message_type, node_progress> || std::is_same_v<message_type, node_identified> ||
                       std::is_same_v<message_type, wal_kept>)
      return to_.supervisor;
    else
      return to_.watermark;
  };
  if (const auto* identified = std::get_if<node_identified>(&what)) self_->send(to_.writer, *identified);
  std::visit([&](auto& m) { self_->send(receiver(m), std::move(m)); }, what);
}

std::optional<slot_session::pause> slot_reading::step(slot_session::instant now) {
  std::vector<slot_report> reports;
  auto outcome = session_.step(now, reports);
  for (auto& r : reports) send(r);
  if (outcome && outcome->why != slot_session::pause::reason::over) return *outcome;
  if (!outcome && !to_.link->stopped()) {
    auto why = about_node(to_.plan->nodes[to_.node.value].name, std::move(outcome).error());
    self_->send(to_.supervisor, worker_failed{to_.node, to_.incarnation, "slot_reader", std::move(why)});
  }
  return std::nullopt;
}

caf::behavior slot_reader_actor(caf::event_based_actor* self, slot_reader_arguments arguments) {
  self->send(self, tick{});
  return {
      [self, arguments = std::move(arguments)](const tick&) {
        postgres_node node(*arguments.plan, arguments.node);
        slot_reading reading(self, arguments, node);
        while (const auto pause = reading.step(std::chrono::steady_clock::now())) node.wait(*pause, *arguments.link);
        self->quit(caf::exit_reason::normal);
      },
  };
}

} // namespace weir
