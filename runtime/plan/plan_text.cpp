#include "runtime/plan/plan_text.hpp"

#include <fmt/format.h>

#include "runtime/plan/explain.hpp"

namespace weir {

const char* to_string(aggregate_function function) noexcept {
  switch (function) {
    case aggregate_function::count_rows:
    case aggregate_function::count: return "count";
    case aggregate_function::sum: return "sum";
    case aggregate_function::avg: return "avg";
    case aggregate_function::min: return "min";
    case aggregate_function::max: return "max";
  }
  return "";
}

} // namespace weir

namespace weir::plan_text {

std::string placement(const sink_plan& sink) {
  switch (sink.placement) {
    case sink_placement::local: return "local";
    case sink_placement::reference: return "reference";
    case sink_placement::distributed: break;
  }
  auto text = fmt::format("distributed by ({})", sink.distribution_column);
  if (!sink.colocated_table.empty())
    text += fmt::format(" colocated with {}.{}", sink.colocated_schema, sink.colocated_table);
  return text;
}

std::string duration(std::chrono::milliseconds d) {
  const auto ms = d.count();
  if (ms != 0 && ms % 60'000 == 0) return fmt::format("{} min", ms / 60'000);
  if (ms != 0 && ms % 1000 == 0) return fmt::format("{} s", ms / 1000);
  return fmt::format("{} ms", ms);
}

std::string aggregate(const view_plan& view, const aggregate_plan& a, const std::vector<source_column>& columns) {
  if (a.function == aggregate_function::count_rows) return "count(*)";
  return fmt::format("{}({})", to_string(a.function), describe(view.inputs[a.input], columns));
}

std::string keys(const view_plan& view, const std::vector<source_column>& columns) {
  std::string out;
  for (const auto& key : view.keys) out += (out.empty() ? "" : ", ") + describe(key, columns);
  return out;
}

std::string aggregates(const view_plan& view, const std::vector<source_column>& columns) {
  std::string out;
  for (const auto& a : view.aggregates) out += (out.empty() ? "" : ", ") + aggregate(view, a, columns);
  return out;
}

std::string over_groups(const view_plan& view, const expression& e, const std::vector<source_column>& columns) {
  std::vector<source_column> of_group;
  for (const auto& key : view.keys) {
    const auto text = describe(key, columns);
    of_group.push_back({key.op == operation::column ? text : "(" + text + ")", key.type, !key.nullable});
  }
  for (const auto& a : view.aggregates) of_group.push_back({aggregate(view, a, columns), a.type, false});
  return describe(e, of_group);
}

std::string output(const view_plan& view, const output_column& o, const std::vector<source_column>& columns) {
  if (o.is_key) return describe(view.keys[o.index], columns);
  if (o.is_computed) return over_groups(view, view.computed[o.index], columns);
  return aggregate(view, view.aggregates[o.index], columns);
}

std::string sink(const sink_plan& sink) {
  const auto placed = sink.placement == sink_placement::local ? "" : ", " + placement(sink);
  return fmt::format("{}.{}{}, {}", sink.schema, sink.table, placed,
                     sink.every.count() == 0 ? "as soon as a cut is closed" : "at most every " + duration(sink.every));
}

} // namespace weir::plan_text
