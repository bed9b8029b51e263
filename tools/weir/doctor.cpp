#include <cstdio>
#include <future>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/cluster/cluster_spec.hpp"
#include "runtime/doctor/checks.hpp"
#include "runtime/doctor/reader.hpp"
#include "runtime/doctor/report.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/partial_plan.hpp"
#include "tools/weir/programs.hpp"

namespace weir::program {
namespace {

namespace found = weir::doctor;

void add_unreachable(found::report& r, const std::string& name, const std::string& conninfo, const error& why) {
  r.places.push_back({name, redact(conninfo)});
  found::findings_of(name, r.findings).fail("reachable", why.message, why.hint);
}

std::string about(const found::server_facts& s) { return fmt::format("{}  PostgreSQL {}", s.address, s.version_text); }

std::string about(const found::node_facts& n) {
  auto text = about(n.server);
  if (n.citus) text += fmt::format(", Citus {}", n.citus->version);
  return text;
}

/// All at once: those that are down take their time.
std::vector<result<found::node_facts>> read_nodes(const pipeline_plan& plan, const found::known_nodes& known) {
  std::vector<std::future<result<found::node_facts>>> asked;
  for (const auto& node : plan.nodes)
    asked.push_back(std::async(std::launch::async, [&] { return found::read_node(plan, node, known); }));
  std::vector<result<found::node_facts>> answers;
  for (auto& a : asked) answers.push_back(a.get());
  return answers;
}

/// What is declared, else what is possible; a fixed list of nodes is read as it is.
found::reading reading_of(const cluster_spec& cluster, const std::vector<found::node_facts>& facts) {
  if (!cluster.discovered) return {capture_mode::tables};
  return cluster.capture ? found::reading{*cluster.capture, true} : found::possible_reading(facts);
}

void examine_nodes(const cluster_spec& cluster, const pipeline_plan& plan, found::report& r) {
  const auto answers = read_nodes(plan, found::read_known_nodes(plan));
  std::vector<found::node_facts> facts;
  for (const auto& a : answers)
    if (a) facts.push_back(*a);
  const auto how = reading_of(cluster, facts);
  if (!facts.empty()) r.capture = to_string(how.mode);
  for (std::size_t n = 0; n < answers.size(); ++n) {
    const auto& node = plan.nodes[n];
    if (!answers[n]) {
      add_unreachable(r, node.name, node.conninfo, answers[n].error());
      continue;
    }
    r.places.push_back({node.name, about(*answers[n])});
    for (auto& f : found::examine(node.name, *answers[n], how)) r.findings.push_back(std::move(f));
  }
  auto compared = found::compare(facts);
  if (compared.empty() || facts.size() < 2) return;
  r.places.push_back({"cluster", fmt::format("{} nodes side by side", facts.size())});
  for (auto& f : compared) r.findings.push_back(std::move(f));
}

void examine_target(const pipeline_plan& plan, bool bound, found::report& r) {
  const auto target = found::read_target(plan, bound);
  if (!target) return add_unreachable(r, "target", plan.target.conninfo, target.error());
  r.places.push_back({"target", about(target->server)});
  found::findings_of out("target", r.findings);
  found::check_target(*target, out);
}

/// What the front end says of the definition, now that the servers' catalogs are known.
void examine_definition(const definition& d, found::report& r) {
  if (d.found.empty()) return;
  r.places.push_back({"definition", "as the servers' tables are"});
  found::findings_of out("definition", r.findings);
  for (const auto& f : d.found) {
    if (f.severity == dsl::severity::error)
      out.fail(dsl::to_string(f.code), f.message, f.hint);
    else
      out.warn(dsl::to_string(f.code), f.message, f.hint);
  }
}

nlohmann::json to_json(const found::report& r) {
  nlohmann::json out{{"pipeline", r.pipeline},
                     {"capture", r.capture},
                     {"ok", r.count(found::severity::ok)},
                     {"warnings", r.count(found::severity::warning)},
                     {"errors", r.count(found::severity::error)},
                     {"places", nlohmann::json::array()},
                     {"findings", nlohmann::json::array()}};
  for (const auto& p : r.places) out["places"].push_back({{"name", p.name}, {"about", p.about}});
  for (const auto& f : r.findings)
    out["findings"].push_back({{"place", f.place},
                               {"code", f.code},
                               {"severity", to_string(f.severity)},
                               {"sentence", f.sentence},
                               {"cure", f.cure}});
  return out;
}

int exit_code_of(const found::report& r, bool strict) {
  if (r.count(found::severity::error) > 0) return server_unfit;
  return strict && r.count(found::severity::warning) > 0 ? only_warnings : success;
}

/// `again`: there was a report before.
int examine_program(const command_line& line, const std::vector<std::string>& files, bool again) {
  auto read = read_definition(files, line.config);
  if (!read) {
    print_error(read.error());
    return bad_definition;
  }
  auto& d = *read;
  if (!d.outline.sound) return print_findings(d);
  auto planned = plan_as_far_as_possible(d);
  found::report r;
  r.pipeline = planned.plan.name;
  if (planned.undiscovered) {
    r.places.push_back({"cluster", "its nodes are not known"});
    found::findings_of("cluster", r.findings).fail("nodes", planned.undiscovered->message, planned.undiscovered->hint);
  }
  examine_nodes(d.outline.clusters[*d.outline.source_cluster], planned.plan, r);
  examine_target(planned.plan, planned.bound, r);
  examine_definition(d, r);
  if (planned.unbound && r.count(found::severity::error) == 0) {
    r.places.push_back({"definition", "the servers' tables are not known"});
    found::findings_of("definition", r.findings).fail("tables", planned.unbound->message, planned.unbound->hint);
  }
  if (line.json)
    fmt::print("{}\n", to_json(r).dump(2));
  else
    fmt::print("{}{}", again ? "\n" : "", found::render(r, line.verbose));
  return exit_code_of(r, line.strict);
}

} // namespace

int doctor(const command_line& line) {
  bool again = false;
  return for_each_program(line.files,
                          [&](const auto& files) { return examine_program(line, files, std::exchange(again, true)); });
}

} // namespace weir::program
