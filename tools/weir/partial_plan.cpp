#include "tools/weir/partial_plan.hpp"

#include <algorithm>

namespace weir::program {

partial_plan plan_as_far_as_possible(definition& d) {
  partial_plan out;
  auto bound = bind_definition(d, true);
  auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  if (bound && bound->plan) {
    out.plan = *std::move(bound->plan);
    out.bound = true;
    return out;
  }
  if (!bound) (cluster.nodes.empty() ? out.undiscovered : out.unbound) = std::move(bound).error();
  out.plan.name = d.outline.pipeline;
  out.plan.nodes = cluster.nodes;
  if (d.outline.target) out.plan.target = *d.outline.target;
  for (const auto& [schema, table] : d.outline.tables) out.plan.sources.push_back({table, schema, table, {}});
  return out;
}

} // namespace weir::program
