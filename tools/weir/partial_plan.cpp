#include "tools/weir/partial_plan.hpp"

#include "runtime/postgres/discovery.hpp"

namespace weir::program {
namespace {

weir::status find_nodes(cluster_spec& cluster) {
  if (!cluster.nodes.empty() || !cluster.coordinator) return {};
  WEIR_ASSIGN(auto connection, postgres::connection::open(*cluster.coordinator, {}));
  WEIR_ASSIGN(cluster.nodes, postgres::discover_nodes(connection, *cluster.coordinator));
  return {};
}

} // namespace

partial_plan plan_as_far_as_possible(definition& d) {
  partial_plan out;
  auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  if (auto nodes = find_nodes(cluster); !nodes) out.undiscovered = std::move(nodes).error();
  if (!out.undiscovered) {
    // What keeps it from being bound is what the servers are asked about next.
    auto bound = bind_definition(d, true);
    if (bound && bound->plan) {
      out.plan = *std::move(bound->plan);
      out.bound = true;
      return out;
    }
  }
  out.plan.name = d.outline.pipeline;
  out.plan.nodes = cluster.nodes;
  if (d.outline.target) out.plan.target = *d.outline.target;
  for (const auto& [schema, table] : d.outline.tables) out.plan.sources.push_back({table, schema, table, {}});
  return out;
}

} // namespace weir::program
