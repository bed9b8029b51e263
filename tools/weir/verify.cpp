#include "runtime/verify/verify.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dsl/read_program.hpp"
#include "runtime/base/suggest.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/programs.hpp"
#include "tools/weir/timeout.hpp"

namespace weir::program {
namespace {

namespace found = weir::verify;

/// As `weir why` has it.
bool names_file(const std::string& word) {
  std::error_code none;
  return word.ends_with(".pipe") || std::filesystem::exists(word, none);
}

error bad_argument(std::string message, std::string hint) {
  return {errc::invalid_value, std::move(message), std::move(hint)};
}

/// All views if none is named.
result<std::vector<std::size_t>> views_named(const std::vector<std::string>& words, const pipeline_plan& plan) {
  std::vector<std::size_t> views;
  std::vector<std::string> known;
  for (const auto& v : plan.views) known.push_back(v.name);
  for (const auto& word : words) {
    const auto at = std::find(known.begin(), known.end(), word);
    if (at == known.end())
      return bad_argument(fmt::format("pipeline {} has no view {}, and there is no such file", plan.name, word),
                          did_you_mean(word, known));
    const auto view = static_cast<std::size_t>(at - known.begin());
    if (std::find(views.begin(), views.end(), view) == views.end()) views.push_back(view);
  }
  for (std::size_t v = 0; words.empty() && v < known.size(); ++v) views.push_back(v);
  return views;
}

/// "FROM..TO"
result<found::key_range> range_of(const std::string& text) {
  const auto dots = text.find("..");
  if (dots == std::string::npos || text.size() == 2)
    return bad_argument(fmt::format("--keys {} is no range", text), "--keys FROM..TO, --keys FROM.. or --keys ..TO");
  found::key_range range;
  if (dots > 0) range.from = text.substr(0, dots);
  if (dots + 2 < text.size()) range.to = text.substr(dots + 2);
  return range;
}

result<found::request> request_of(const verify_options& options, const std::vector<std::string>& words,
                                  const pipeline_plan& plan) {
  found::request what;
  WEIR_ASSIGN(what.views, views_named(words, plan));
  if (!options.keys.empty()) {
    WEIR_ASSIGN(what.choice.keys, range_of(options.keys));
  }
  what.choice.percent = options.percent;
  what.choice.seed = options.seed.value_or(std::random_device{}());
  WEIR_ASSIGN(what.patience, parse_timeout(options.timeout));
  return what;
}

/// The key's columns, or the others, with their values: "region=north, day=NULL".
std::string row_text(const view_plan& view, const found::row_values& values, bool key) {
  std::string text;
  std::size_t other = 0;
  for (const auto& output : view.outputs) {
    if (output.is_key != key) continue;
    const auto& value = values[key ? output.index : other++];
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", output.name, value.value_or("NULL"));
  }
  return text;
}

std::string side_text(const view_plan& view, const std::optional<found::row_values>& values) {
  return values ? row_text(view, *values, false) : "no such row";
}

void print_text(const pipeline_plan& plan, const found::request& what, const found::report& report) {
  for (const auto& v : report.views) {
    const auto& view = plan.views[v.view];
    const auto name = fmt::format("view {} ({}.{})", view.name, view.sink.schema, view.sink.table);
    if (v.different == 0) {
      fmt::print("{}: equals its query, {} rows compared\n", name, v.compared);
      continue;
    }
    fmt::print("{}: DIFFERS from its query in {} of {} rows compared\n", name, v.different, v.compared);
    for (const auto& d : v.first)
      fmt::print("  {}\n    shown     {}\n    expected  {}\n",
                 view.keys.empty() ? "the one row" : row_text(view, d.key, true), side_text(view, d.shown),
                 side_text(view, d.expected));
    if (v.first.size() < v.different) fmt::print("  … and {} more\n", v.different - v.first.size());
  }
  std::string at;
  for (std::size_t n = 0; n < plan.nodes.size(); ++n)
    at += fmt::format("{}{} {}", n == 0 ? "" : ", ", plan.nodes[n].name, to_string(report.positions[n]));
  fmt::print("at cut {}: {}\n", report.cut.value, at);
  if (what.choice.percent < 100) fmt::print("sample of {} %, --seed {}\n", what.choice.percent, what.choice.seed);
}

nlohmann::json json_of(const view_plan& view, const std::optional<found::row_values>& values, bool key) {
  if (!values) return nullptr;
  auto out = nlohmann::json::object();
  std::size_t other = 0;
  for (const auto& output : view.outputs) {
    if (output.is_key != key) continue;
    const auto& value = (*values)[key ? output.index : other++];
    out[output.name] = value ? nlohmann::json(*value) : nlohmann::json(nullptr);
  }
  return out;
}

void print_json(const pipeline_plan& plan, const found::request& what, const found::report& report) {
  nlohmann::json out{{"pipeline", plan.name},
                     {"equal", report.equal()},
                     {"cut", report.cut.value},
                     {"positions", nlohmann::json::object()},
                     {"views", nlohmann::json::array()}};
  if (what.choice.percent < 100) out["sample"] = {{"percent", what.choice.percent}, {"seed", what.choice.seed}};
  for (std::size_t n = 0; n < plan.nodes.size(); ++n)
    out["positions"][plan.nodes[n].name] = to_string(report.positions[n]);
  for (const auto& v : report.views) {
    const auto& view = plan.views[v.view];
    auto differences = nlohmann::json::array();
    for (const auto& d : v.first)
      differences.push_back({{"key", json_of(view, d.key, true)},
                             {"shown", json_of(view, d.shown, false)},
                             {"expected", json_of(view, d.expected, false)}});
    out["views"].push_back({{"view", view.name},
                            {"table", view.sink.schema + "." + view.sink.table},
                            {"rows_compared", v.compared},
                            {"different", v.different},
                            {"first", std::move(differences)}});
  }
  fmt::print("{}\n", out.dump(2));
}

int exit_code_of(const error& why) {
  if (why.code == errc::timeout) return timed_out;
  return why.code == errc::invalid_text_representation ? bad_command_line
                                                       : server_unfit; // the first: an end of the range
}

int fail(const error& why, int code) {
  print_error(why);
  return code;
}

/// Some files of one program, and the views of it that are named; all of them if none is.
struct task {
  std::vector<std::string> files;
  std::vector<std::string> views;
};

int verify_program(const command_line& line, const task& t) {
  auto d = read_definition(t.files, line.config);
  if (!d) return fail(d.error(), bad_definition);
  const auto bound = bind_definition(*d, false);
  if (const int code = print_findings(*d); code != success) return code;
  if (!bound) return fail(bound.error(), server_unfit);
  const auto& plan = *bound->plan;
  const auto what = request_of(line.verify, t.views, plan);
  if (!what) return fail(what.error(), bad_command_line);
  const auto report = found::run(plan, *what);
  if (!report) return fail(report.error(), exit_code_of(report.error()));
  if (line.json)
    print_json(plan, *what, *report);
  else
    print_text(plan, *what, *report);
  return report->equal() ? success : views_differ;
}

/// Of several programs those that have a view which is named, each with its own.
result<std::vector<task>> tasks_of(const std::vector<std::vector<std::string>>& programs,
                                   const std::vector<std::string>& views) {
  std::vector<task> out;
  std::vector<std::string> known;
  for (const auto& files : programs) {
    task t{files, {}};
    for (const auto& view : dsl::read_program(files).program.views) {
      known.push_back(view.view.text);
      if (std::find(views.begin(), views.end(), view.view.text) != views.end()) t.views.push_back(view.view.text);
    }
    if (views.empty() || !t.views.empty()) out.push_back(std::move(t));
  }
  for (const auto& view : views)
    if (std::find(known.begin(), known.end(), view) == known.end())
      return bad_argument(fmt::format("no pipeline here has a view {}, and there is no such file", view),
                          did_you_mean(view, known));
  return out;
}

} // namespace

int verify(const command_line& line) {
  std::vector<std::string> files;
  std::vector<std::string> views;
  for (const auto& word : line.files) (names_file(word) ? files : views).push_back(word);
  if (files.empty())
    return fail(bad_argument("verify needs a definition", "weir verify FILE… [VIEW…]"), bad_command_line);
  int first = success;
  const auto programs = programs_or_findings(files, first);
  if (programs.size() == 1) {
    const int code = verify_program(line, {programs.front(), views});
    return first == success ? code : first;
  }
  const auto tasks = tasks_of(programs, views);
  if (!tasks) return fail(tasks.error(), bad_command_line);
  for (const auto& t : *tasks)
    if (const int code = verify_program(line, t); first == success) first = code;
  return first;
}

} // namespace weir::program
