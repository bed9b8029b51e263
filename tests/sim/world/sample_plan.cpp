#include "tests/sim/world/sample_plan.hpp"

#include <utility>

#include <fmt/format.h>

#include "tests/support/plan_builder.hpp"

namespace weir::sim {
namespace {

using namespace std::chrono_literals;
using test::column_of;

view_plan make_view(const source_plan& source, std::size_t number, std::chrono::milliseconds every) {
  view_plan v;
  v.name = fmt::format("v{}", number);
  if (number == 1)
    v.filter = test::apply(operation::greater_equal, {type_id::boolean},
                           {column_of(source, 2), test::literal({type_id::int8}, "0")});
  v.keys = {column_of(source, 1)};
  v.inputs = {column_of(source, 2)};
  v.aggregates = {{aggregate_function::count_rows, 0, {type_id::int8}},
                  {aggregate_function::sum, 0, {type_id::numeric}}};
  v.outputs = {{"region", {type_id::text}, true, 0, true},
               {"count", {type_id::int8}, false, 0, true},
               {"sum", {type_id::numeric}, false, 1, false}};
  v.sink = {"public", v.name, every};
  return v;
}

} // namespace

pipeline_plan make_sample_plan(std::size_t nodes, consistency what, supervise_plan policy, std::string transaction_name,
                               bool raw) {
  pipeline_plan plan;
  plan.name = "simulated";
  for (std::size_t i = 0; i < nodes; ++i)
    plan.nodes.push_back({fmt::format("w{}", i + 1), "", static_cast<std::int32_t>(i) + 1});
  plan.sources = {
      {"orders",
       "public",
       "orders",
       {{"id", {type_id::int8}, true}, {"region", {type_id::text}, true}, {"amount", {type_id::int8}, true}}}};
  if (raw) {
    plan.capture = capture_mode::raw;
    plan.sources[0].kind = table_kind::distributed;
  }
  plan.views = {make_view(plan.sources[0], 0, 0ms), make_view(plan.sources[0], 1, 20ms)};
  plan.supervise = policy;
  plan.supervise.backoff_min = 5ms;
  plan.supervise.backoff_max = 50ms;
  plan.consistency = what;
  plan.transaction_name = std::move(transaction_name);
  return plan;
}

} // namespace weir::sim
