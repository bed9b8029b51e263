#include <cstdio>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/postgres/registry.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/programs.hpp"
#include "tools/weir/target.hpp"

namespace weir::program {
namespace {

std::string human_bytes(std::int64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{} kB", bytes / 1000);
  return fmt::format("{} MB", bytes / 1'000'000);
}

std::string seconds_text(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{:.1f} s", *seconds) : "-";
}

void print_text(const std::vector<postgres::pipeline_status>& all) {
  if (all.empty()) fmt::print("no pipeline is registered in this database\n");
  for (const auto& p : all) {
    fmt::print("pipeline {}  {}  held by {}  cut {} ({} ago)  consistency {}  dead letters {}\n", p.pipeline, p.state,
               p.holder.empty() ? "-" : p.holder, p.epoch, seconds_text(p.cut_age_seconds),
               p.consistency.empty() ? "-" : p.consistency, p.dead_letters);
    if (p.state == "running" && !p.holds.empty())
      fmt::print("  the next cut is held ({}), see: weir why\n", p.holds.front().reason);
    fmt::print("  {:<12} {:<10} {:<14} {:<14} {:>9} {:>8}  {}\n", "node", "state", "in the views", "confirmed", "lag",
               "", "address");
    for (const auto& n : p.nodes) {
      fmt::print("  {:<12} {:<10} {:<14} {:<14} {:>9} {:>8}  {}\n", n.node, n.state, to_string(n.received),
                 to_string(n.confirmed), human_bytes(n.lag_bytes), seconds_text(n.lag_seconds), n.address);
      if (n.kept_percent && *n.kept_percent >= 50)
        fmt::print("    its slot keeps {} of WAL, {} % of what the node allows\n",
                   human_bytes(n.kept_bytes.value_or(0)), *n.kept_percent);
      if (!n.last_error.empty()) fmt::print("    failed {} times: {}\n", n.failures, n.last_error);
    }
    for (const auto& v : p.views) fmt::print("  view {:<20} {} ({} groups)\n", v.view, v.table, v.groups);
  }
}

nlohmann::json to_json(const postgres::pipeline_status& p) {
  nlohmann::json out{{"pipeline", p.pipeline},
                     {"state", p.state},
                     {"holder", p.holder},
                     {"cut", p.epoch},
                     {"consistency", p.consistency},
                     {"holds", p.holds.size()},
                     {"dead_letters", p.dead_letters},
                     {"nodes", nlohmann::json::array()},
                     {"views", nlohmann::json::array()}};
  if (p.cut_age_seconds) out["cut_age_seconds"] = *p.cut_age_seconds;
  for (const auto& n : p.nodes) {
    nlohmann::json node{{"node", n.node},
                        {"address", n.address},
                        {"slot", n.slot},
                        {"state", n.state},
                        {"position", to_string(n.received)},
                        {"confirmed", to_string(n.confirmed)},
                        {"lag_bytes", n.lag_bytes},
                        {"failures", n.failures},
                        {"last_error", n.last_error}};
    if (n.lag_seconds) node["lag_seconds"] = *n.lag_seconds;
    if (n.kept_bytes) node["kept_bytes"] = *n.kept_bytes;
    if (n.kept_percent) node["kept_percent"] = *n.kept_percent;
    if (n.kept_seconds_left) node["kept_seconds_left"] = *n.kept_seconds_left;
    out["nodes"].push_back(std::move(node));
  }
  for (const auto& v : p.views) out["views"].push_back({{"view", v.view}, {"table", v.table}, {"groups", v.groups}});
  return out;
}

result<std::vector<postgres::pipeline_status>> read_target(const target_choice& target) {
  WEIR_ASSIGN(auto connection, open_target(target, "status"));
  return postgres::read_status(connection);
}

} // namespace

int status(const command_line& line) {
  int first = success;
  std::vector<postgres::pipeline_status> all;
  std::set<std::string> asked;
  const auto fail = [&first](const error& e, int code) {
    print_error(e);
    if (first == success) first = code;
  };
  auto one = line;
  auto programs = programs_or_findings(line.files, first);
  if (line.files.empty()) programs.emplace_back();
  for (auto& files : programs) {
    one.files = std::move(files);
    const auto target = find_target(one, "status");
    if (!target) {
      fail(target.error(), bad_definition);
    } else if (asked.insert(target->conninfo).second) { // one target may have several of these pipelines
      auto read = read_target(*target);
      if (!read) fail(read.error(), server_unfit);
      if (read) std::move(read->begin(), read->end(), std::back_inserter(all));
    }
  }
  if (asked.empty()) return first;
  if (!line.json) {
    if (first == success || !all.empty()) print_text(all);
    return first;
  }
  auto out = nlohmann::json::array();
  for (const auto& p : all) out.push_back(to_json(p));
  fmt::print("{}\n", out.dump(2));
  return first;
}

} // namespace weir::program
