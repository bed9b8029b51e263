#include "tools/weir/definition.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "dsl/bind.hpp"
#include "dsl/lower.hpp"
#include "dsl/parse.hpp"
#include "dsl/read_program.hpp"
#include "runtime/cluster/about_node.hpp"
#include "runtime/postgres/citus_catalogs.hpp"
#include "runtime/postgres/cluster_nodes.hpp"
#include "runtime/postgres/letter_check.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/raw_publication.hpp"

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
  WEIR_ASSIGN(cluster.nodes, postgres::cluster_nodes(connection, *cluster.coordinator, cluster.node_parameters));
  cluster.discovered = true;
  if (!d.outline.target) return {};
  // A target out of reach is told of by those who need it.
  auto target = postgres::connection::open(d.outline.target->conninfo, options_for(d.outline.pipeline));
  if (!target) return {};
  WEIR_ASSIGN(auto remaining,
              postgres::remaining_nodes(*target, d.outline.pipeline, *cluster.coordinator, cluster.nodes));
  cluster.nodes.insert(cluster.nodes.end(), remaining.begin(), remaining.end());
  return {};
}

/// In a Citus cluster tables are as the coordinator has them; what a node has is shards.
result<node_catalog> read_coordinator(const definition& d, const cluster_spec& cluster) {
  WEIR_ASSIGN(auto connection, postgres::connection::open(*cluster.coordinator, options_for(d.outline.pipeline)));
  WEIR_ASSIGN(auto catalog, postgres::read_catalog(connection, "g0", d.outline.tables));
  WEIR_ASSIGN(const auto kinds, postgres::read_table_kinds(connection, d.outline.tables));
  for (auto& table : catalog.tables)
    if (const auto kind = kinds.find({table.schema, table.name}); kind != kinds.end()) table.spread = kind->second;
  return catalog;
}

/// Raw capture where every node that can be asked allows it; else what Citus translates.
status choose_capture(const cluster_spec& cluster, pipeline_plan& plan) {
  if (!cluster.discovered || cluster.capture) return {};
  for (const auto& node : plan.nodes) {
    auto connection = postgres::connection::open(node.conninfo, options_for(plan.name));
    if (!connection) continue;
    WEIR_ASSIGN(const bool possible, postgres::raw_capture_possible(*connection, plan));
    if (!possible) plan.capture = capture_mode::logical;
  }
  return {};
}

result<node_catalog> read_node(const definition& d, const cluster_spec& cluster, const node_spec& node) {
  WEIR_ASSIGN(auto connection, postgres::connection::open(node.conninfo, options_for(d.outline.pipeline)));
  WEIR_TRY(postgres::check_server(connection, node));
  if (cluster.discovered) {
    WEIR_ASSIGN(auto catalog, read_coordinator(d, cluster));
    catalog.node = node.name;
    return catalog;
  }
  return postgres::read_catalog(connection, node.name, d.outline.tables);
}

bool alike(const catalog_table& a, const catalog_table& b) {
  return std::is_permutation(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                             [](const catalog_column& x, const catalog_column& y) {
                               return x.name == y.name && x.type_oid == y.type_oid && x.typmod == y.typmod;
                             });
}

/// Does some node have a table otherwise than the first one?
bool differ(const cluster_catalog& catalogs, const std::vector<std::pair<std::string, std::string>>& tables) {
  const auto& first = catalogs.nodes.front();
  return std::any_of(catalogs.nodes.begin(), catalogs.nodes.end(), [&](const node_catalog& node) {
    return std::any_of(tables.begin(), tables.end(), [&](const auto& name) {
      const auto* a = first.find(name.first, name.second);
      const auto* b = node.find(name.first, name.second);
      return a == nullptr || b == nullptr ? a != b : !alike(*a, *b);
    });
  });
}

void outline(definition& d) {
  auto outlined = dsl::outline_of(d.program, d.config.clusters);
  d.outline = std::move(outlined.outline);
  append(d.found, std::move(outlined.found));
}

} // namespace

std::string definition::whole_text() const {
  std::string all;
  for (const auto& f : text.files) {
    if (!all.empty() && all.back() != '\n') all += '\n'; // a comment at the end of one must not take the next
    all += f.text;
  }
  return all;
}

chosen_memory definition::memory() const {
  if (config.memory) return {*config.memory, "weir.yaml"};
  if (outline.memory) return {*outline.memory, "the definition"};
  return {{std::uint64_t{256} << 20, 0}, "default"};
}

result<definition> read_definition(const std::vector<std::string>& files, const std::string& config_path) {
  definition d;
  if (!config_path.empty()) {
    WEIR_ASSIGN(d.config, load_config(config_path));
  }
  auto read = dsl::read_program(files);
  d.text = std::move(read.text);
  d.program = std::move(read.program);
  d.found = std::move(read.found);
  outline(d);
  return d;
}

definition definition_of(std::string name, std::string text, const configuration& config) {
  definition d;
  d.config = config;
  d.text = dsl::text_of(std::move(name), std::move(text));
  auto parsed = dsl::parse(d.text);
  d.program = std::move(parsed.program);
  d.found = std::move(parsed.found);
  outline(d);
  return d;
}

namespace {

/// In a Citus cluster the coordinator's; else those of the first node that answers. That others are the same is looked
/// at where they are read.
result<std::shared_ptr<const letter_cases>> read_letters(const definition& d, const cluster_spec& cluster) {
  std::vector<std::string> servers;
  if (cluster.discovered) servers.push_back(*cluster.coordinator);
  for (const auto& node : cluster.nodes) servers.push_back(node.conninfo);
  result<std::shared_ptr<const letter_cases>> out = error{errc::internal, "a cluster without nodes"};
  for (const auto& server : servers) {
    auto connection = postgres::connection::open(server, options_for(d.outline.pipeline));
    if (connection) return postgres::read_letter_cases(*connection);
    out = std::move(connection).error();
  }
  return out;
}

/// Servers are asked for their letters only where a view depends on them.
status bind_with_letters(definition& d, bound_definition& b, const cluster_spec& cluster) {
  const auto before = d.found;
  bool known = false;
  const auto ask = [&]() -> status {
    WEIR_ASSIGN(const auto letters, read_letters(d, cluster));
    for (auto& node : b.catalogs.nodes) give_letters(node, letters);
    known = true;
    return {};
  };
  if (has_citext(b.catalogs)) WEIR_TRY(ask());
  bind_catalogs(d, b);
  if (known || std::none_of(d.found.begin(), d.found.end(), [](const auto& f) { return f.asks_for_letters; }))
    return {};
  WEIR_TRY(ask());
  d.found = before;
  bind_catalogs(d, b);
  return {};
}

} // namespace

result<bound_definition> bind_definition(definition& d, bool tolerate_unreachable) {
  bound_definition out;
  if (!d.outline.source_cluster) return out;
  WEIR_TRY(discover(d));
  const auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  auto& catalogs = out.catalogs;
  catalogs.cluster = cluster.name;
  std::vector<std::string> missing;
  std::optional<error> first_failure;
  for (const auto& node : cluster.nodes) {
    auto read = read_node(d, cluster, node);
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
  out.nodes_differ = differ(catalogs, d.outline.tables);
  WEIR_TRY(bind_with_letters(d, out, cluster));
  if (out.plan) WEIR_TRY(choose_capture(cluster, *out.plan));
  return out;
}

void bind_catalogs(definition& d, bound_definition& b) {
  auto outcome = dsl::bind(d.program, d.outline, b.catalogs);
  append(d.found, std::move(outcome.found));
  if (!outcome.pipeline || dsl::has_errors(d.found)) return;
  b.bound = std::move(outcome.pipeline);
  b.plan = dsl::lower(*b.bound);
  b.plan->node_parameters = d.outline.clusters[*d.outline.source_cluster].node_parameters;
}

std::vector<dsl::bound_test> bind_tests(definition& d, const bound_definition& b) {
  if (!b.bound) return {};
  auto bound = dsl::bind_tests(d.program, b.catalogs, *b.bound);
  append(d.found, std::move(bound.found));
  return std::move(bound.tests);
}

int exit_code_of(const dsl::diagnostics& found, bool offline) {
  int code = success;
  for (const auto& f : found) {
    if (f.severity != dsl::severity::error) continue;
    if (offline || !dsl::is_about_servers(f.code)) return bad_definition;
    code = server_unfit;
  }
  return code;
}

int print_findings(const definition& d) {
  auto found = d.found;
  dsl::sort(found);
  if (!found.empty()) fmt::print(stderr, "{}", dsl::render(d.text, found));
  return exit_code_of(d.found, d.offline);
}

void print_error(const error& e) {
  fmt::print(stderr, "weir: {}\n", e.message);
  if (!e.hint.empty()) fmt::print(stderr, "hint: {}\n", e.hint);
}

} // namespace weir::program
