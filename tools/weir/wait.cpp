#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/base/ids.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/programs.hpp"
#include "tools/weir/target.hpp"
#include "tools/weir/timeout.hpp"

namespace weir::program {
namespace {

using clock = std::chrono::steady_clock;

/// The words of the command line, understood.
struct request {
  lsn position;
  std::chrono::milliseconds timeout{};
  clock::time_point until;
};

result<request> understand(const command_line& line) {
  request r;
  const auto position = parse_lsn(line.lsn);
  if (!position)
    return error{errc::invalid_value, fmt::format("--lsn: \"{}\" is no position in a write-ahead log", line.lsn),
                 "it looks like 0/1A2B3C: on the node, SELECT pg_current_wal_lsn() says it"};
  r.position = *position;
  WEIR_ASSIGN(r.timeout, parse_timeout(line.timeout));
  r.until = clock::now() + r.timeout;
  return r;
}

/// What is left of the timeout; the first of several pipelines has all of it, as a whole number of the unit it was
/// given in.
std::chrono::milliseconds left_of(const request& r, bool first) {
  if (first) return r.timeout;
  return std::max(std::chrono::milliseconds{0},
                  std::chrono::duration_cast<std::chrono::milliseconds>(r.until - clock::now()));
}

/// The number of the cut that shows it.
/// Input    `pipeline`: "" to let the target find it
result<std::int64_t> wait_for(postgres::connection& target, const std::string& pipeline, const std::string& node,
                              lsn position, std::chrono::milliseconds timeout) {
  WEIR_ASSIGN(const auto there,
              target.query("SELECT EXISTS (SELECT FROM pg_proc WHERE proname = 'wait' AND pronamespace = "
                           "(SELECT oid FROM pg_namespace WHERE nspname = 'weir'))"));
  if (there.at(0, 0) != "t")
    return error{errc::unsupported, fmt::format("there is no function weir.wait in {}", target.address()),
                 "is this the target? the next `weir run` makes it, also where an older weir has run"};
  const std::vector<postgres::parameter> values{
      node, to_string(position), fmt::format("{} milliseconds", timeout.count()),
      pipeline.empty() ? postgres::parameter{} : postgres::parameter{pipeline}};
  WEIR_ASSIGN(const auto row, target.query("SELECT weir.wait($1, $2::pg_lsn, $3::interval, $4)", values));
  const auto text = row.at(0, 0);
  std::int64_t cut = 0;
  std::from_chars(text.data(), text.data() + text.size(), cut);
  return cut;
}

int exit_code_of(const error& e) {
  if (e.code == errc::timeout) return timed_out;
  return e.code == errc::invalid_text_representation ? bad_command_line : server_unfit; // the first: an unknown node
}

int fail(const command_line& line, const error& e, int code) {
  if (line.json)
    fmt::print("{}\n", nlohmann::json{{"visible", false}, {"error", e.message}, {"hint", e.hint}}.dump(2));
  else
    print_error(e);
  return code;
}

/// Of one program, or of --target alone.
int wait_until_shown(const command_line& line, const request& r, const target_choice& choice, bool first) {
  auto target = open_target(choice, "wait");
  if (!target) return fail(line, target.error(), server_unfit);
  const auto& pipeline = line.pipeline.empty() ? choice.pipeline : line.pipeline;
  const auto cut = wait_for(*target, pipeline, line.node, r.position, left_of(r, first));
  if (!cut) return fail(line, cut.error(), exit_code_of(cut.error()));
  if (!line.json) {
    fmt::print("cut {} shows {} up to {}{}\n", *cut, line.node, to_string(r.position),
               pipeline.empty() ? "" : fmt::format(", pipeline {}", pipeline));
    return success;
  }
  nlohmann::json out{{"visible", true}, {"node", line.node}, {"position", to_string(r.position)}, {"cut", *cut}};
  if (!pipeline.empty()) out["pipeline"] = pipeline;
  fmt::print("{}\n", out.dump(2));
  return success;
}

/// Is a directory's program one that is waited for? Of a cluster whose nodes only its coordinator knows the target says
/// it.
bool is_meant(const command_line& line, const target_choice& choice) {
  if (!line.pipeline.empty() && choice.pipeline != line.pipeline) return false;
  return choice.nodes.empty() || std::find(choice.nodes.begin(), choice.nodes.end(), line.node) != choice.nodes.end();
}

/// All pipelines of the directories that read the node, one after the other, within one timeout.
int wait_for_each(const command_line& line, const request& r) {
  bool first = true;
  const int code = for_each_program(line.files, [&](const auto& files) -> int {
    auto one = line;
    one.files = files;
    const auto choice = find_target(one, "wait");
    if (!choice) return fail(line, choice.error(), bad_definition);
    return is_meant(line, *choice) ? wait_until_shown(line, r, *choice, std::exchange(first, false)) : success;
  });
  if (code != success || !first) return code;
  return fail(line,
              {errc::invalid_value,
               line.pipeline.empty()
                   ? fmt::format("no pipeline here reads a node \"{}\"", line.node)
                   : fmt::format("no pipeline \"{}\" here reads a node \"{}\"", line.pipeline, line.node),
               "weir plan lists the nodes of each"},
              bad_command_line);
}

} // namespace

int wait(const command_line& line) {
  const auto r = understand(line);
  if (!r) return fail(line, r.error(), bad_command_line);
  if (programs_of(line.files).several) return wait_for_each(line, *r);
  const auto choice = find_target(line, "wait");
  if (!choice) return fail(line, choice.error(), bad_definition);
  return wait_until_shown(line, *r, *choice, true);
}

} // namespace weir::program
