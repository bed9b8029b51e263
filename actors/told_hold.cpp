#include "actors/told_hold.hpp"

#include <fmt/format.h>

#include "runtime/cluster/cluster_spec.hpp"
#include "runtime/cut/transaction_name.hpp"
#include "runtime/postgres/node_admin.hpp"

namespace weir {
namespace {

std::string literal(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

const char* word(cut::hold::reason why) {
  switch (why) {
    case cut::hold::reason::undecided: return "undecided";
    case cut::hold::reason::behind: return "behind";
    case cut::hold::reason::down: return "down";
    case cut::hold::reason::loading: return "loading";
  }
  return "behind";
}

/// Citus decides what its initiator left undecided; anybody else has to be asked.
std::string cure(const cut::hold& what, const node_spec& node) {
  switch (what.why) {
    case cut::hold::reason::undecided:
      if (const auto citus = cut::name_rule().match(what.transaction))
        return fmt::format("on the node with group {}: SELECT recover_prepared_transactions();",
                           citus->initiator.value_or(0));
      return fmt::format("on {} ({}): COMMIT PREPARED {}; or ROLLBACK PREPARED, as the other parts ended", node.name,
                         redact(node.conninfo), literal(what.transaction));
    case cut::hold::reason::down:
      return fmt::format(
          "start {} ({}) again; with `on worker failure isolate` the others go on after `retry` failures", node.name,
          redact(node.conninfo));
    case cut::hold::reason::behind:
    case cut::hold::reason::loading: break; // waiting does
  }
  return {};
}

} // namespace

postgres::cut_hold told_hold(const pipeline_plan& plan, const cut::hold& what, std::chrono::microseconds age) {
  const auto& node = plan.nodes[what.node.value];
  postgres::cut_hold told;
  told.reason = word(what.why);
  told.node = node.name;
  told.slot = postgres::slot_name(plan.name, node.name);
  told.transaction = what.transaction;
  told.position = what.position;
  told.age_seconds = std::chrono::duration<double>(age).count();
  if (what.holds_node) told.holds_node = plan.nodes[what.holds_node->value].name;
  told.held = what.held;
  told.cure = cure(what, node);
  return told;
}

} // namespace weir
