#include "runtime/plan/zones.hpp"

#include <set>

#include "runtime/plan/expressions_of.hpp"

namespace weir {
namespace {

/// Names of zones have a '/', that of UTC has none; the binder has written them down as text.
void collect(const expression& e, std::set<std::string>& zones) {
  for (const auto& arg : e.args) {
    const bool by_zone =
        e.op == operation::call && (e.function == function::at_zone || e.function == function::date_trunc);
    const bool named =
        arg.op == operation::literal && is_string(arg.type.id) && arg.literal_text.find('/') != std::string::npos;
    if (by_zone && named) zones.insert(arg.literal_text);
    collect(arg, zones);
  }
}

} // namespace

std::vector<std::string> zones_of(const pipeline_plan& plan) {
  std::set<std::string> zones;
  each_expression(plan, [&zones](const expression& e) { collect(e, zones); });
  return {zones.begin(), zones.end()};
}

} // namespace weir
