#include "actors/topology_watcher.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <caf/all.hpp>
#include <fmt/format.h>

#include "runtime/postgres/cluster_nodes.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir {
namespace {

using namespace messages;

constexpr std::chrono::seconds look_interval{1};

struct watching {
  topology_watcher_arguments to;
  std::optional<postgres::connection> coordinator;
};

result<std::vector<node_spec>> look(watching& w) {
  const auto& plan = *w.to.plan;
  if (!w.coordinator) {
    postgres::connect_options options;
    options.application_name = fmt::format("weir {} topology", plan.name);
    WEIR_ASSIGN(w.coordinator, postgres::connection::open(plan.coordinator->conninfo, options));
  }
  return postgres::cluster_nodes(*w.coordinator, plan.coordinator->conninfo, plan.node_parameters);
}

topology_seen difference(const pipeline_plan& plan, const std::vector<node_spec>& now) {
  topology_seen seen;
  for (const auto& node : now) {
    const auto same = [&](const node_spec& n) { return n.name == node.name && n.conninfo == node.conninfo; };
    if (std::none_of(plan.nodes.begin(), plan.nodes.end(), same)) seen.joined.push_back(node.name);
  }
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    const auto same = [&](const node_spec& n) { return n.name == plan.nodes[i].name; };
    if (std::none_of(now.begin(), now.end(), same)) seen.gone.push_back(node_index{static_cast<std::uint16_t>(i)});
  }
  return seen;
}

} // namespace

caf::behavior topology_watcher_actor(caf::event_based_actor* self, topology_watcher_arguments arguments) {
  const auto w = std::make_shared<watching>(watching{std::move(arguments), {}});
  self->delayed_send(self, look_interval, tick{});
  return {
      [self, w](const tick&) {
        if (const auto nodes = look(*w)) {
          auto seen = difference(*w->to.plan, *nodes);
          if (!seen.joined.empty() || !seen.gone.empty()) self->send(w->to.supervisor, std::move(seen));
        } else {
          w->coordinator.reset();
        }
        self->delayed_send(self, look_interval, tick{});
      },
      [self](const stop&) { self->quit(caf::exit_reason::normal); },
  };
}

} // namespace weir
