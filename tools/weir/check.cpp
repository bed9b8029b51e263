#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/offline.hpp"
#include "tools/weir/programs.hpp"

namespace weir::program {
namespace {

nlohmann::json to_json(const error& e) {
  return {{"error", to_string(e.code)}, {"message", e.message}, {"hint", e.hint}};
}

/// What is said about one program after the other: as text at once, as JSON at the end.
class check_report {
public:
  explicit check_report(bool json) : json_(json) {}

  /// `pipeline`: "" if the findings are of no program.
  void add(const dsl::source_text& text, dsl::diagnostics found, const std::string& pipeline,
           const std::optional<error>& server, bool offline = false) {
    dsl::sort(found);
    const int code = exit_code_of(found, offline);
    end_with(code == success && server ? server_unfit : code);
    if (!json_) {
      if (!found.empty()) fmt::print(stderr, "{}", dsl::render(text, found));
      if (server) print_error(*server);
      return;
    }
    for (auto& d : dsl::to_json(text, found)) out_["diagnostics"].push_back(std::move(d));
    if (server) out_["server"] = to_json(*server);
    if (!pipeline.empty()) out_["pipelines"].push_back({{"pipeline", pipeline}, {"ok", code == success && !server}});
  }
  void add(const pipeline_plan& plan) {
    if (!json_)
      fmt::print("pipeline {}: ok ({} nodes, {} sources, {} views)\n", plan.name, plan.nodes.size(),
                 plan.sources.size(), plan.views.size());
  }
  /// Of weir.yaml.
  void add(const error& configuration) {
    end_with(bad_definition);
    if (json_)
      out_["configuration"] = to_json(configuration);
    else
      print_error(configuration);
  }

  int finish() {
    out_["ok"] = code_ == success;
    if (json_) fmt::print("{}\n", out_.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    return code_;
  }

private:
  /// The first that is not success.
  void end_with(int code) {
    if (code_ == success) code_ = code;
  }

  bool json_;
  int code_ = success;
  nlohmann::json out_{{"diagnostics", nlohmann::json::array()}, {"pipelines", nlohmann::json::array()}};
};

void check_program(const command_line& line, const std::vector<std::string>& files, check_report& report) {
  auto read = read_definition(files, line.config);
  if (!read) return report.add(read.error());
  auto& d = *read;
  const auto bound = bind_for(d, line);
  if (bound) bind_tests(d, *bound);
  report.add(d.text, d.found, d.outline.pipeline, bound ? std::optional<error>() : std::optional<error>(bound.error()),
             d.offline);
  if (bound && bound->plan) report.add(*bound->plan);
}

} // namespace

int check(const command_line& line) {
  check_report report(line.json);
  const auto list = programs_of(line.files);
  report.add(list.text, list.found, "", {});
  for (const auto& files : list.programs) check_program(line, files, report);
  return report.finish();
}

} // namespace weir::program
