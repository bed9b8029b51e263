#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/plan/explain.hpp"
#include "runtime/plan/graph.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/publication_sql.hpp"
#include "runtime/postgres/raw_publication.hpp"
#include "runtime/postgres/snapshot_load.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/offline.hpp"
#include "tools/weir/plan_difference.hpp"
#include "tools/weir/programs.hpp"

namespace weir::program {
namespace {

explain_details details_of(const definition& d, const pipeline_plan& plan, const sql_quoter& quote) {
  explain_details details;
  details.publication = postgres::publication_name(plan.name);
  const auto memory = d.memory();
  details.memory = fmt::format("{} ({})", to_string(memory.size), memory.from);
  if (plan.capture == capture_mode::raw) details.publication_sql = postgres::create_raw_publication_sql(plan, quote);
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

/// `first` is connected to the first node: its catalogs tell the columns of the publication, and it quotes.
result<explain_details> details_of(const definition& d, const pipeline_plan& plan, postgres::connection& first) {
  auto details = details_of(d, plan, static_cast<const sql_quoter&>(first));
  if (plan.capture == capture_mode::raw) return details;
  WEIR_ASSIGN(details.publication_sql, postgres::create_publication_sql(first, plan, plan.nodes.front()));
  return details;
}

void show(const command_line& line, const pipeline_plan& plan, const explain_details& details) {
  if (line.json || line.format == "json")
    fmt::print("{}\n", explain_json(plan, details).dump(2));
  else
    fmt::print("{}", explain(plan, details));
}

/// Empty: the form is no drawing.
std::string drawing_of(const pipeline_plan& plan, const std::string& format) {
  if (format == "svg") return to_svg(plan);
  if (format == "dot") return to_dot(plan);
  return format == "mermaid" ? to_mermaid(plan) : std::string();
}

int print_plan(const command_line& line, const definition& d, const pipeline_plan& plan) {
  if (const auto drawing = drawing_of(plan, line.format); !drawing.empty()) {
    fmt::print("{}", drawing);
    return success;
  }
  if (is_offline(line)) {
    show(line, plan, details_of(d, plan, offline_quoter()));
    return success;
  }
  // Quoting is libpq's, and libpq quotes for a connection.
  auto connection = postgres::connection::open(plan.nodes.front().conninfo, {});
  const auto details = connection ? details_of(d, plan, *connection) : result<explain_details>(connection.error());
  if (!details) {
    print_error(details.error());
    return server_unfit;
  }
  show(line, plan, *details);
  return success;
}

int plan_program(const command_line& line, const std::vector<std::string>& files) {
  auto read = read_definition(files, line.config);
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
  return line.diff ? print_difference(line, d, *bound->plan) : print_plan(line, d, *bound->plan);
}

} // namespace

int plan(const command_line& line) {
  const bool drawn = line.format == "svg" || line.format == "dot" || line.format == "mermaid";
  if (line.diff && drawn) {
    print_error({errc::invalid_value, "--diff is text or json", ""});
    return bad_command_line;
  }
  if (line.format == "svg" && programs_of(line.files).programs.size() > 1) {
    print_error({errc::invalid_value, "a drawing is of one pipeline, and there are several",
                 "name the files of one; text, dot, mermaid and json come one after the other"});
    return bad_command_line;
  }
  return for_each_program(line.files, [&](const auto& files) { return plan_program(line, files); });
}

} // namespace weir::program
