#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/plan/explain.hpp"
#include "runtime/plan/graph.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/snapshot_load.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/offline.hpp"

namespace weir::program {
namespace {

explain_details details_of(const pipeline_plan& plan, const sql_quoter& quote) {
  explain_details details;
  details.publication = postgres::publication_name(plan.name);
  for (const auto& node : plan.nodes) details.slots.push_back(postgres::slot_name(plan.name, node.name));
  for (std::size_t v = 0; v < plan.views.size(); ++v) {
    details.statements.push_back({v, "view table", postgres::create_view_table_sql(plan, v, quote)});
    details.statements.push_back({v, "state table", postgres::create_state_table_sql(plan, v, quote)});
    if (plan.views[v].sink.placement == sink_placement::distributed)
      details.statements.push_back({v, "staged table", postgres::create_staged_table_sql(plan, v, quote)});
    details.statements.push_back({v, fmt::format("first load, on {}", plan.nodes.front().name),
                                  postgres::aggregated_load_sql(plan, v, node_index{0}, quote)});
  }
  return details;
}

void print_plan(const command_line& line, const pipeline_plan& plan, const sql_quoter& quote) {
  const auto details = details_of(plan, quote);
  if (line.json || line.format == "json")
    fmt::print("{}\n", explain_json(plan, details).dump(2));
  else
    fmt::print("{}", explain(plan, details));
}

} // namespace

int plan(const command_line& line) {
  auto read = read_definition(line.files, line.config);
  if (!read) {
    print_error(read.error());
    return bad_definition;
  }
  auto& d = *read;
  auto bound = bind_for(d, line);
  if (const int code = print_findings(d); code != success) return code;
  if (!bound) {
    print_error(bound.error());
    return server_unfit;
  }
  const auto& plan = *bound->plan;
  if (line.format == "dot" || line.format == "mermaid") {
    fmt::print("{}", line.format == "dot" ? to_dot(plan) : to_mermaid(plan));
    return success;
  }
  if (is_offline(line)) {
    print_plan(line, plan, offline_quoter());
    return success;
  }
  // Quoting is libpq's, and libpq quotes for a connection.
  auto connection = postgres::connection::open(plan.nodes.front().conninfo, {});
  if (!connection) {
    print_error(connection.error());
    return server_unfit;
  }
  print_plan(line, plan, *connection);
  return success;
}

} // namespace weir::program
