#include "dsl/lower.hpp"

#include <algorithm>

#include "dsl/column_type.hpp"

namespace weir::dsl {
namespace {

/// Where each column of a source lies among those that are used.
std::vector<std::int32_t> places_of(const bound_source& source) {
  std::vector<std::int32_t> places;
  std::int32_t next = 0;
  for (const bool used : source.used) places.push_back(used ? next++ : -1);
  return places;
}

expression relocated(expression e, const std::vector<std::int32_t>& places) {
  if (e.op == operation::column) e.column_index = places[static_cast<std::size_t>(e.column_index)];
  for (auto& arg : e.args) arg = relocated(std::move(arg), places);
  return e;
}

source_plan lowered(const bound_source& source) {
  source_plan out{source.name, source.schema, source.table, {}, source.kind, source.partitioned};
  for (std::size_t i = 0; i < source.columns.size(); ++i) {
    if (!source.used[i]) continue;
    const auto& c = source.columns[i];
    out.columns.push_back({c.name, type_of_column(c), c.not_null});
  }
  return out;
}

/// The place of `input` among the view's inputs; equal ones are computed and kept once.
std::size_t place_input(view_plan& view, expression input) {
  const auto known = std::find(view.inputs.begin(), view.inputs.end(), input);
  if (known != view.inputs.end()) return static_cast<std::size_t>(known - view.inputs.begin());
  view.inputs.push_back(std::move(input));
  return view.inputs.size() - 1;
}

view_plan lowered(const bound_view& view, const std::vector<std::int32_t>& places) {
  view_plan out;
  out.name = view.name;
  out.source = view.source;
  if (view.filter) out.filter = relocated(*view.filter, places);
  for (const auto& key : view.keys) out.keys.push_back(relocated(key, places));
  for (const auto& a : view.aggregates) {
    aggregate_plan aggregate{a.function, 0, a.type};
    if (a.argument) aggregate.input = place_input(out, relocated(*a.argument, places));
    out.aggregates.push_back(aggregate);
  }
  out.outputs = view.outputs;
  out.computed = view.computed;
  out.having = view.having;
  out.sink = view.sink;
  return out;
}

} // namespace

pipeline_plan lower(const bound_pipeline& bound) {
  pipeline_plan plan;
  plan.name = bound.name;
  plan.nodes = bound.nodes;
  plan.coordinator = bound.coordinator;
  plan.capture = bound.capture;
  plan.target = bound.target;
  plan.supervise = bound.supervise;
  plan.consistency = bound.consistency;
  plan.transaction_name = bound.transaction_name;
  plan.unbuilt = bound.unbuilt;
  for (const auto& source : bound.sources) plan.sources.push_back(lowered(source));
  for (const auto& view : bound.views) plan.views.push_back(lowered(view, places_of(bound.sources[view.source])));
  return plan;
}

} // namespace weir::dsl
