#include "runtime/plan/state_layout.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace weir {

bool is_summed(const view_plan& view, std::size_t input) {
  return std::any_of(view.aggregates.begin(), view.aggregates.end(), [&](const aggregate_plan& a) {
    return (a.function == aggregate_function::sum || a.function == aggregate_function::avg) && a.input == input;
  });
}

bool has_special_values(const view_plan& view, std::size_t input) {
  return is_summed(view, input) && !is_integer(view.inputs[input].type.id);
}

bool needs_scales(const view_plan& view, std::size_t input) {
  return is_summed(view, input) && view.inputs[input].type.id == type_id::numeric &&
         !view.inputs[input].fixed_scale.has_value();
}

std::vector<state_column> state_layout(const view_plan& view) {
  const data_type int8{type_id::int8};
  std::vector<state_column> layout;
  layout.push_back({state_role::node, 0, "weir_node", {type_id::int2}});
  for (std::size_t i = 0; i < view.keys.size(); ++i)
    layout.push_back({state_role::key, i, fmt::format("k{}", i + 1), view.keys[i].type});
  layout.push_back({state_role::rows, 0, "weir_rows", int8});
  for (std::size_t i = 0; i < view.inputs.size(); ++i) {
    layout.push_back({state_role::count, i, fmt::format("c{}", i + 1), int8});
    if (!is_summed(view, i)) continue;
    layout.push_back({state_role::sum, i, fmt::format("s{}", i + 1), {type_id::numeric}});
    if (has_special_values(view, i)) {
      layout.push_back({state_role::nan_count, i, fmt::format("nan{}", i + 1), int8});
      layout.push_back({state_role::positive_infinity, i, fmt::format("pinf{}", i + 1), int8});
      layout.push_back({state_role::negative_infinity, i, fmt::format("ninf{}", i + 1), int8});
    }
    if (needs_scales(view, i))
      layout.push_back({state_role::scales, i, fmt::format("scales{}", i + 1), {type_id::text}});
  }
  return layout;
}

} // namespace weir
