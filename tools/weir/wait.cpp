#include <charconv>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/base/ids.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/target.hpp"
#include "tools/weir/timeout.hpp"

namespace weir::program {
namespace {

/// The words of the command line, understood.
struct request {
  target_choice target;
  std::string pipeline; ///< "" to let the target find it
  lsn position;
  std::chrono::milliseconds timeout{};
};

result<request> understand(const command_line& line) {
  request r;
  const auto position = parse_lsn(line.lsn);
  if (!position)
    return error{errc::invalid_value, fmt::format("--lsn: \"{}\" is no position in a write-ahead log", line.lsn),
                 "it looks like 0/1A2B3C: on the node, SELECT pg_current_wal_lsn() says it"};
  r.position = *position;
  WEIR_ASSIGN(r.timeout, parse_timeout(line.timeout));
  WEIR_ASSIGN(r.target, find_target(line, "wait"));
  r.pipeline = line.pipeline.empty() ? r.target.pipeline : line.pipeline;
  return r;
}

/// The number of the cut that shows it.
result<std::int64_t> wait_for(postgres::connection& target, const std::string& node, const request& r) {
  WEIR_ASSIGN(const auto there,
              target.query("SELECT EXISTS (SELECT FROM pg_proc WHERE proname = 'wait' AND pronamespace = "
                           "(SELECT oid FROM pg_namespace WHERE nspname = 'weir'))"));
  if (there.at(0, 0) != "t")
    return error{errc::unsupported, fmt::format("there is no function weir.wait in {}", target.address()),
                 "is this the target? the next `weir run` makes it, also where an older weir has run"};
  const std::vector<postgres::parameter> values{
      node, to_string(r.position), fmt::format("{} milliseconds", r.timeout.count()),
      r.pipeline.empty() ? postgres::parameter{} : postgres::parameter{r.pipeline}};
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

} // namespace

int wait(const command_line& line) {
  const auto asked = understand(line);
  if (!asked)
    return fail(line, asked.error(), asked.error().code == errc::invalid_value ? bad_command_line : bad_definition);
  auto target = open_target(asked->target, "wait");
  if (!target) return fail(line, target.error(), server_unfit);
  const auto cut = wait_for(*target, line.node, *asked);
  if (!cut) return fail(line, cut.error(), exit_code_of(cut.error()));
  if (line.json)
    fmt::print(
        "{}\n",
        nlohmann::json{{"visible", true}, {"node", line.node}, {"position", to_string(asked->position)}, {"cut", *cut}}
            .dump(2));
  else
    fmt::print("cut {} shows {} up to {}\n", *cut, line.node, to_string(asked->position));
  return success;
}

} // namespace weir::program
