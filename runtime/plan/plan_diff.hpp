#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "runtime/plan/pipeline_plan.hpp"

namespace weir {

/// One thing that two plans of a pipeline say differently, by the name it can be addressed by. Sources go by the names
/// of their tables, operators by those that explain gives them.
struct plan_change {
  std::string name; ///< "revenue", "revenue.filter", "revenue.columns.average", "public.orders.columns.amount", "retry"
  std::string before;   ///< as explain says it; "" if it is new
  std::string after;    ///< "" if it goes
  bool setting = false; ///< it may change from one run to the next: it is in no fingerprint
};

/// What differs: settings, nodes, sources with their columns, views with their operators and columns; then what has
/// gone.
///
/// Law      all changes are settings if and only if the fingerprints are equal; compare(a, b) is compare(b, a) with
/// before
///          and after exchanged, order aside
std::vector<plan_change> compare(const pipeline_plan& before, const pipeline_plan& after);

/// What `weir run` does with a plan, where another of this name may be registered.
enum class run_effect : std::uint8_t {
  first_run, ///< nothing is registered: tables are made, sources are loaded
  goes_on,   ///< from where it was, with the settings that are written now
  evolves,   ///< columns of the sources have other types: it follows them
  stops,     ///< the same, and the definition says to stop then
  refuses,   ///< the definition is another one
};

/// Input    `registered`: the fingerprint, empty if nothing is registered
run_effect effect_of_run(std::string_view registered, const pipeline_plan& plan);
std::string_view to_string(run_effect effect);

/// Lines "+ name  after", "- name  before", "~ name  before  →  after", names under each other.
std::string changes_text(const std::vector<plan_change>& changes, const std::string& indent);
/// [{"change": "added" | "removed" | "changed", "name", "before"?, "after"?, "setting"}]
nlohmann::json changes_json(const std::vector<plan_change>& changes);

} // namespace weir
