#include <chrono>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/cluster/about_node.hpp"
#include "runtime/postgres/discovery.hpp"
#include "runtime/postgres/lease.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"

namespace weir::program {
namespace {

using namespace std::chrono_literals;

weir::status drop_on_node(const std::string& pipeline, const node_spec& node) {
  WEIR_ASSIGN(auto connection, postgres::connection::open(node.conninfo, {}));
  WEIR_TRY(postgres::drop_slot(connection, postgres::slot_name(pipeline, node.name)));
  return postgres::drop_publication(connection, postgres::publication_name(pipeline));
}

/// The lease is taken first: what another runtime works with is not dropped from under it.
weir::status drop_on_target(const definition& d, bool views) {
  const auto& pipeline = d.outline.pipeline;
  WEIR_ASSIGN(auto target, postgres::connection::open(d.outline.target->conninfo, {}));
  WEIR_TRY(postgres::install_schema(target));
  WEIR_ASSIGN(const auto grant, postgres::acquire_lease(target, pipeline, "weir drop", 15s));
  if (auto outcome = postgres::unregister_pipeline(target, pipeline, views); !outcome) {
    // Best effort: the error that counts is the first.
    (void)postgres::release_lease(target, pipeline, grant);
    return outcome;
  }
  return {};
}

weir::status find_nodes(definition& d) {
  auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  if (!cluster.nodes.empty() || !cluster.coordinator) return {};
  WEIR_ASSIGN(auto connection, postgres::connection::open(*cluster.coordinator, {}));
  WEIR_ASSIGN(cluster.nodes, postgres::discover_nodes(connection, *cluster.coordinator));
  return {};
}

int exit_code_of(const error& e) { return e.code == errc::lease_held ? held_by_another : server_unfit; }

} // namespace

int drop(const command_line& line) {
  auto read = read_definition(line.files, line.config);
  if (!read) {
    print_error(read.error());
    return bad_definition;
  }
  auto& d = *read;
  if (const int code = print_findings(d); code != success) return code;
  if (!d.outline.target || !d.outline.source_cluster) return bad_definition;
  auto outcome = find_nodes(d);
  if (outcome) outcome = drop_on_target(d, line.views);
  if (!outcome) {
    print_error(outcome.error());
    return exit_code_of(outcome.error());
  }
  int code = success;
  auto dropped = nlohmann::json::array();
  for (const auto& node : d.outline.clusters[*d.outline.source_cluster].nodes) {
    const auto done = drop_on_node(d.outline.pipeline, node);
    if (!done) {
      auto why = about_node(node.name, done.error());
      if (why.hint.empty() && kind_of(why.code) == failure_kind::transient)
        why.hint = "run `weir drop` again when the node can be reached: its slot keeps WAL until then";
      print_error(why);
      code = server_unfit;
      continue;
    }
    dropped.push_back(node.name);
    if (!line.json) fmt::print("node {}: slot and publication dropped\n", node.name);
  }
  if (line.json)
    fmt::print("{}\n",
               nlohmann::json{{"pipeline", d.outline.pipeline}, {"nodes", dropped}, {"views", line.views}}.dump());
  else
    fmt::print("pipeline {} dropped{}\n", d.outline.pipeline, line.views ? ", with its view tables" : "");
  return code;
}

} // namespace weir::program
