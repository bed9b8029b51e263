#include "tools/weir/target.hpp"

#include <fmt/format.h>

#include "tools/weir/definition.hpp"

namespace weir::program {

result<target_choice> find_target(const command_line& line, const std::string& command) {
  target_choice choice{line.target, {}, {}};
  if (line.files.empty()) {
    if (!choice.conninfo.empty()) return choice;
    return error{errc::config_invalid, fmt::format("{} needs to know the target", command),
                 "give a .pipe file, or --target CONNINFO"};
  }
  WEIR_ASSIGN(const auto d, read_definition(line.files, line.config));
  choice.pipeline = d.outline.pipeline;
  if (d.outline.source_cluster)
    for (const auto& node : d.outline.clusters[*d.outline.source_cluster].nodes) choice.nodes.push_back(node.name);
  if (!choice.conninfo.empty()) return choice;
  if (d.outline.target) {
    choice.conninfo = d.outline.target->conninfo;
    return choice;
  }
  print_findings(d);
  return error{errc::config_invalid, "the definition names no target", ""};
}

result<postgres::connection> open_target(const target_choice& target, const std::string& command) {
  postgres::connect_options options;
  options.application_name = "weir " + command;
  return postgres::connection::open(target.conninfo, options);
}

} // namespace weir::program
