#include <chrono>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/cluster/about_node.hpp"
#include "runtime/postgres/cluster_nodes.hpp"
#include "runtime/postgres/former_nodes.hpp"
#include "runtime/postgres/lease.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/programs.hpp"

namespace weir::program {
namespace {

using namespace std::chrono_literals;

weir::status drop_on_node(const std::string& pipeline, const node_spec& node) {
  WEIR_ASSIGN(auto connection, postgres::connection::open(node.conninfo, {}));
  WEIR_TRY(postgres::drop_slot(connection, postgres::slot_name(pipeline, node.name)));
  return postgres::drop_publication(connection, postgres::publication_name(pipeline));
}

/// What drop_on_node does, for whoever gets there later; the names need no quotes.
std::string statements_for(const std::string& pipeline, const node_spec& node) {
  return fmt::format("SELECT pg_drop_replication_slot('{}'); DROP PUBLICATION IF EXISTS {};",
                     postgres::slot_name(pipeline, node.name), postgres::publication_name(pipeline));
}

/// The lease is taken first: what another runtime works with is not dropped from under it.
/// Output   the nodes that the pipeline read before, and that the definition does not name
result<std::vector<node_spec>> drop_on_target(const definition& d, bool views) {
  const auto& pipeline = d.outline.pipeline;
  WEIR_ASSIGN(auto target, postgres::connection::open(d.outline.target->conninfo, {}));
  WEIR_TRY(postgres::install_schema(target));
  WEIR_ASSIGN(const auto grant, postgres::acquire_lease(target, pipeline, "weir drop", 15s));
  const auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  const auto reached_as = cluster.coordinator || cluster.nodes.empty()
                              ? cluster.coordinator.value_or(d.outline.target->conninfo)
                              : cluster.nodes.front().conninfo;
  auto former = postgres::read_former_nodes(target, pipeline, cluster.nodes, reached_as);
  if (former)
    if (auto outcome = postgres::unregister_pipeline(target, pipeline, views); !outcome)
      former = std::move(outcome).error();
  // Best effort: the error that counts is the first.
  if (!former) (void)postgres::release_lease(target, pipeline, grant);
  return former;
}

weir::status find_nodes(definition& d) {
  auto& cluster = d.outline.clusters[*d.outline.source_cluster];
  if (!cluster.nodes.empty() || !cluster.coordinator) return {};
  WEIR_ASSIGN(auto connection, postgres::connection::open(*cluster.coordinator, {}));
  WEIR_ASSIGN(cluster.nodes, postgres::cluster_nodes(connection, *cluster.coordinator, cluster.node_parameters));
  return {};
}

int exit_code_of(const error& e) { return e.code == errc::lease_held ? held_by_another : server_unfit; }

/// What became of one node after the other.
class dropper {
public:
  dropper(std::string pipeline, bool json) : pipeline_(std::move(pipeline)), json_(json) {}

  void drop(const node_spec& node, bool former) {
    if (auto done = drop_on_node(pipeline_, node); !done) return remains(node, former, std::move(done).error());
    dropped_.push_back(node.name);
    if (!json_) fmt::print("node {}{}: slot and publication dropped\n", node.name, former ? ", read before" : "");
  }
  const nlohmann::json& dropped() const { return dropped_; }
  const nlohmann::json& remaining() const { return remaining_; }

private:
  void remains(const node_spec& node, bool former, error e) {
    auto why = about_node(node.name, std::move(e));
    const auto statements = statements_for(pipeline_, node);
    remaining_.push_back({{"node", node.name}, {"error", why.message}, {"statements", statements}});
    if (why.hint.empty() && kind_of(why.code) == failure_kind::transient && !former)
      why.hint = "run `weir drop` again when the node can be reached: its slot keeps WAL until then; or run there: " +
                 statements;
    else
      why.hint += fmt::format("{}a slot that stays keeps WAL for ever; run there: {}", why.hint.empty() ? "" : "; ",
                              statements);
    print_error(why);
  }

  std::string pipeline_;
  bool json_ = false;
  nlohmann::json dropped_ = nlohmann::json::array();
  nlohmann::json remaining_ = nlohmann::json::array();
};

int drop_program(const command_line& line, const std::vector<std::string>& files) {
  auto read = read_definition(files, line.config);
  if (!read) {
    print_error(read.error());
    return bad_definition;
  }
  auto& d = *read;
  if (const int code = print_findings(d); code != success) return code;
  if (!d.outline.target || !d.outline.source_cluster) return bad_definition;
  if (const auto outcome = find_nodes(d); !outcome) {
    print_error(outcome.error());
    return exit_code_of(outcome.error());
  }
  const auto former = drop_on_target(d, line.views);
  if (!former) {
    print_error(former.error());
    return exit_code_of(former.error());
  }
  dropper nodes(d.outline.pipeline, line.json);
  for (const auto& node : d.outline.clusters[*d.outline.source_cluster].nodes) nodes.drop(node, false);
  for (const auto& node : *former) nodes.drop(node, true);
  if (line.json)
    fmt::print("{}\n", nlohmann::json{{"pipeline", d.outline.pipeline},
                                      {"nodes", nodes.dropped()},
                                      {"remaining", nodes.remaining()},
                                      {"views", line.views}}
                           .dump());
  else
    fmt::print("pipeline {} dropped{}\n", d.outline.pipeline, line.views ? ", with its view tables" : "");
  return nodes.remaining().empty() ? success : server_unfit;
}

} // namespace

int drop(const command_line& line) {
  return for_each_program(line.files, [&](const auto& files) { return drop_program(line, files); });
}

} // namespace weir::program
