#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/offline.hpp"

namespace weir::program {
namespace {

int report(const command_line& line, const definition& d, const std::optional<error>& server,
           const std::optional<pipeline_plan>& plan) {
  const int code = exit_code_of(d);
  if (line.json) {
    nlohmann::json out{{"ok", code == success && !server}, {"diagnostics", dsl::to_json(d.text, d.found)}};
    if (server)
      out["server"] = {{"error", to_string(server->code)}, {"message", server->message}, {"hint", server->hint}};
    fmt::print("{}\n", out.dump(2));
  } else {
    print_findings(d);
    if (server) print_error(*server);
    if (plan)
      fmt::print("pipeline {}: ok ({} nodes, {} sources, {} views)\n", plan->name, plan->nodes.size(),
                 plan->sources.size(), plan->views.size());
  }
  return code == success && server ? server_unfit : code;
}

} // namespace

int check(const command_line& line) {
  auto read = read_definition(line.files, line.config);
  if (!read) {
    print_error(read.error());
    return bad_definition;
  }
  auto& d = *read;
  auto bound = bind_for(d, line);
  if (!bound) return report(line, d, bound.error(), {});
  bind_tests(d, *bound);
  return report(line, d, {}, bound->plan);
}

} // namespace weir::program
