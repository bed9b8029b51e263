#include "runtime/plan/letters.hpp"

#include "runtime/plan/expressions_of.hpp"

namespace weir {
namespace {

using letters = std::shared_ptr<const letter_cases>;

letters used_by(const expression& e) {
  if (e.type.id == type_id::citext && e.type.cases) return e.type.cases;
  if (e.op == operation::call && makes_case(e.function)) return e.args[0].type.cases;
  for (const auto& arg : e.args)
    if (auto found = used_by(arg)) return found;
  return nullptr;
}

} // namespace

letters cases_of(const pipeline_plan& plan) {
  letters found;
  each_expression(plan, [&found](const expression& e) { found = found ? found : used_by(e); });
  return found;
}

} // namespace weir
