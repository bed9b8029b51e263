#include "runtime/plan/plan_text.hpp"

#include <fmt/format.h>

#include "runtime/plan/explain.hpp"

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
  switch (a.function) {
    case aggregate_function::count_rows: return "count(*)";
    case aggregate_function::count: return fmt::format("count({})", describe(view.inputs[a.input], columns));
    case aggregate_function::sum: return fmt::format("sum({})", describe(view.inputs[a.input], columns));
    case aggregate_function::avg: return fmt::format("avg({})", describe(view.inputs[a.input], columns));
  }
  return {};
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

std::string sink(const sink_plan& sink) {
  const auto placed = sink.placement == sink_placement::local ? "" : ", " + placement(sink);
  return fmt::format("{}.{}{}, {}", sink.schema, sink.table, placed,
                     sink.every.count() == 0 ? "as soon as a cut is closed" : "at most every " + duration(sink.every));
}

} // namespace weir::plan_text
