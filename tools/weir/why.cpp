#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/base/suggest.hpp"
#include "runtime/postgres/registry.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/target.hpp"

namespace weir::program {
namespace {

using postgres::cut_hold;
using postgres::pipeline_status;

std::string age_text(double seconds) {
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.0f} h", seconds / 3600);
}

/// Who has to move, and why it does not.
std::string cause_text(const cut_hold& hold, const pipeline_status& p) {
  if (hold.reason == "undecided")
    return fmt::format("{} has transaction '{}' prepared at {}, neither committed nor rolled back", hold.node,
                       hold.transaction, to_string(hold.position));
  if (hold.reason == "behind")
    return fmt::format("{} has yet to pass {}{}", hold.node, to_string(hold.position),
                       hold.transaction.empty() ? "" : fmt::format(" for transaction '{}'", hold.transaction));
  if (hold.reason == "loading") return fmt::format("{} is still being loaded", hold.node);
  if (hold.reason != "down") return fmt::format("{} ({})", hold.node, hold.reason);
  const auto node = std::find_if(p.nodes.begin(), p.nodes.end(), [&](const auto& n) { return n.node == hold.node; });
  const bool told = node != p.nodes.end() && !node->last_error.empty();
  return fmt::format("{} does not answer{}", hold.node, told ? ": " + node->last_error : "");
}

std::string waiting_text(const cut_hold& hold) {
  const auto whose = hold.holds_node.empty() ? std::string("all nodes") : hold.holds_node;
  if (hold.held == 0) return hold.holds_node.empty() ? "" : fmt::format("{} waits", whose);
  return fmt::format("{} transaction{} of {} wait{}", hold.held, hold.held == 1 ? "" : "s", whose,
                     hold.held == 1 ? "s" : "");
}

void print_hold(const cut_hold& hold, const pipeline_status& p) {
  fmt::print("  for {} now: {}\n", age_text(hold.age_seconds), cause_text(hold, p));
  fmt::print("    slot {}\n", hold.slot);
  if (const auto waiting = waiting_text(hold); !waiting.empty()) fmt::print("    {}\n", waiting);
  fmt::print("    {}\n", hold.cure.empty() ? "it resolves itself: wait" : "resolve it: " + hold.cure);
}

void print_text(const pipeline_status& p) {
  std::string views;
  for (const auto& v : p.views) views += (views.empty() ? "" : ", ") + v.view;
  fmt::print("pipeline {} ({}): ", p.pipeline, views);
  if (p.epoch == 0)
    fmt::print("no cut yet");
  else
    fmt::print("cut {}, {} old", p.epoch, p.cut_age_seconds ? age_text(*p.cut_age_seconds) : "-");
  if (p.consistency.starts_with("degraded")) fmt::print(", consistency {}", p.consistency);
  if (p.state != "running") {
    fmt::print("\n  no runtime runs it, so no cut is made\n    resolve it: weir run\n");
    return; // what was recorded last is of a runtime that is gone
  }
  fmt::print("{}\n", p.holds.empty() ? "; nothing holds the next" : "; the next is held");
  for (const auto& hold : p.holds) print_hold(hold, p);
}

nlohmann::json to_json(const pipeline_status& p) {
  nlohmann::json out{{"pipeline", p.pipeline},
                     {"state", p.state},
                     {"cut", p.epoch},
                     {"consistency", p.consistency},
                     {"views", nlohmann::json::array()},
                     {"holds", nlohmann::json::array()}};
  if (p.cut_age_seconds) out["cut_age_seconds"] = *p.cut_age_seconds;
  for (const auto& v : p.views) out["views"].push_back(v.view);
  if (p.state != "running") return out;
  for (const auto& h : p.holds)
    out["holds"].push_back({{"reason", h.reason},
                            {"node", h.node},
                            {"slot", h.slot},
                            {"transaction", h.transaction},
                            {"position", to_string(h.position)},
                            {"age_seconds", h.age_seconds},
                            {"holds_node", h.holds_node},
                            {"held", h.held},
                            {"cure", h.cure}});
  return out;
}

/// Definition files and at most one view stand in any order.
weir::status tell_apart(const command_line& line, command_line& rest, std::string& view) {
  rest = line;
  rest.files.clear();
  for (const auto& word : line.files) {
    std::error_code none;
    if (word.ends_with(".pipe") || std::filesystem::exists(word, none)) {
      rest.files.push_back(word);
    } else if (view.empty()) {
      view = word;
    } else {
      return error{errc::invalid_value, fmt::format("\"{}\" and \"{}\": one view at a time", view, word),
                   "without a view all pipelines are shown"};
    }
  }
  return {};
}

/// The pipelines that keep `view`, by its own name or by its table's.
result<std::vector<pipeline_status>> of_view(std::vector<pipeline_status> all, const std::string& view) {
  if (view.empty()) return all;
  std::vector<std::string> names;
  std::vector<pipeline_status> found;
  for (auto& p : all) {
    const bool keeps =
        std::any_of(p.views.begin(), p.views.end(), [&](const auto& v) { return v.view == view || v.table == view; });
    for (const auto& v : p.views) names.push_back(v.view);
    if (keeps) found.push_back(std::move(p));
  }
  if (!found.empty()) return found;
  auto hint = did_you_mean(view, names);
  if (hint.empty())
    hint = names.empty() ? "no pipeline is registered there" : fmt::format("there are: {}", fmt::join(names, ", "));
  return error{errc::invalid_value, fmt::format("no view \"{}\" is kept in this database", view), hint};
}

int fail(const error& e) {
  print_error(e);
  if (e.code == errc::invalid_value) return bad_command_line;
  return e.code == errc::config_invalid || e.code == errc::io_failed ? bad_definition : server_unfit;
}

result<std::vector<pipeline_status>> look(const command_line& line) {
  command_line rest;
  std::string view;
  WEIR_TRY(tell_apart(line, rest, view));
  WEIR_ASSIGN(const auto choice, find_target(rest, "why"));
  WEIR_ASSIGN(auto target, open_target(choice, "why"));
  WEIR_ASSIGN(auto all, postgres::read_status(target));
  return of_view(std::move(all), view);
}

} // namespace

int why(const command_line& line) {
  const auto shown = look(line);
  if (!shown) return fail(shown.error());
  if (line.json) {
    auto out = nlohmann::json::array();
    for (const auto& p : *shown) out.push_back(to_json(p));
    fmt::print("{}\n", out.dump(2));
    return success;
  }
  if (shown->empty()) fmt::print("no pipeline is registered in this database\n");
  for (const auto& p : *shown) print_text(p);
  return success;
}

} // namespace weir::program
