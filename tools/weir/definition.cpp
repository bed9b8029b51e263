#include "tools/weir/definition.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "dsl/bind.hpp"
#include "dsl/lower.hpp"
#include "dsl/parse.hpp"
#include "runtime/cluster/about_node.hpp"
#include "runtime/postgres/discovery.hpp"
#include "runtime/postgres/node_admin.hpp"

namespace weir::program {
namespace {

void append(dsl::diagnostics& to, dsl::diagnostics more) {
  for (auto& d : more) to.push_back(std::move(d));
}

postgres::connect_options options_for(const std::string& pipeline) {
  postgres::connect_options options;
  options.application_name = fmt::format("weir {}", pipeline);
  return options;
}

status discover(definition& d) {
  auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  if (!cluster.nodes.empty() || !cluster.coordinator) return {};
  WEIR_ASSIGN(auto connection, postgres::connection::open(*cluster.coordinator, options_for(d.outline.pipeline)));
  WEIR_ASSIGN(cluster.nodes, postgres::discover_nodes(connection, *cluster.coordinator));
  return {};
}

result<node_catalog> read_node(const definition& d, const node_spec& node) {
  WEIR_ASSIGN(auto connection, postgres::connection::open(node.conninfo, options_for(d.outline.pipeline)));
  WEIR_TRY(postgres::check_server(connection, node));
  return postgres::read_catalog(connection, node.name, d.outline.tables);
}

} // namespace

std::string definition::whole_text() const {
  std::string all;
  for (const auto& f : text.files) all += f.text;
  return all;
}

result<definition> read_definition(const std::vector<std::string>& files, const std::string& config_path) {
  definition d;
  if (!config_path.empty()) {
    WEIR_ASSIGN(d.config, load_config(config_path));
  }
  auto loaded = dsl::read_files(files);
  d.text = std::move(loaded.text);
  d.found = std::move(loaded.found);
  auto parsed = dsl::parse(d.text);
  d.program = std::move(parsed.program);
  append(d.found, std::move(parsed.found));
  auto outlined = dsl::outline_of(d.program, d.config.clusters);
  d.outline = std::move(outlined.outline);
  append(d.found, std::move(outlined.found));
  return d;
}

result<bound_definition> bind_definition(definition& d, bool tolerate_unreachable) {
  bound_definition out;
  if (!d.outline.source_cluster) return out;
  WEIR_TRY(discover(d));
  const auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  cluster_catalog catalogs{cluster.name, {}};
  std::vector<std::string> missing;
  std::optional<error> first_failure;
  for (const auto& node : cluster.nodes) {
    auto read = read_node(d, node);
    if (read) {
      catalogs.nodes.push_back(std::move(read).value());
      continue;
    }
    auto why = about_node(node.name, std::move(read).error());
    if (!tolerate_unreachable || kind_of(why.code) != failure_kind::transient) return why;
    out.unreachable.push_back(why.message);
    missing.push_back(node.name);
    if (!first_failure) first_failure = std::move(why);
  }
  if (catalogs.nodes.empty() && first_failure) return *std::move(first_failure);
  for (const auto& name : missing) {
    auto copy = catalogs.nodes.front();
    copy.node = name;
    catalogs.nodes.push_back(std::move(copy));
  }
  auto outcome = dsl::bind(d.program, d.outline, catalogs);
  append(d.found, std::move(outcome.found));
  if (outcome.pipeline && !dsl::has_errors(d.found)) out.plan = dsl::lower(*outcome.pipeline);
  return out;
}

int exit_code_of(const dsl::diagnostics& found) {
  int code = success;
  for (const auto& d : found) {
    if (d.severity != dsl::severity::error) continue;
    if (!dsl::is_about_servers(d.code)) return bad_definition;
    code = server_unfit;
  }
  return code;
}

int print_findings(const definition& d) {
  auto found = d.found;
  dsl::sort(found);
  if (!found.empty()) fmt::print(stderr, "{}", dsl::render(d.text, found));
  return exit_code_of(found);
}

void print_error(const error& e) {
  fmt::print(stderr, "weir: {}\n", e.message);
  if (!e.hint.empty()) fmt::print(stderr, "hint: {}\n", e.hint);
}

} // namespace weir::program
