#include "runtime/plan/aggregate_spec_of.hpp"

#include "runtime/plan/state_layout.hpp"

namespace weir {

aggregate_spec aggregate_spec_of(const view_plan& view) {
  aggregate_spec spec;
  for (const auto& key : view.keys) spec.keys.push_back(key.type);
  for (std::size_t i = 0; i < view.inputs.size(); ++i)
    spec.inputs.push_back(
        {view.inputs[i].type, is_summed(view, i), has_special_values(view, i), needs_scales(view, i)});
  return spec;
}

} // namespace weir
