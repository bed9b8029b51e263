#include "dsl/outline.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "dsl/identifier.hpp"
#include "runtime/base/suggest.hpp"

namespace weir::dsl {
namespace {

/// The first declaration of each name counts; a second one is reported.
template <class Declaration, class NameOf>
std::map<std::string, const Declaration*> index_of(const std::vector<Declaration>& all, std::string_view what,
                                                   NameOf name_of, diagnostics& found) {
  std::map<std::string, const Declaration*> index;
  for (const auto& one : all) {
    const name& n = name_of(one);
    if (!index.emplace(n.text, &one).second)
      found.push_back({severity::error, code::declared_twice, n.where,
                       fmt::format("{} \"{}\" is declared twice", what, n.text), "each name is declared once"});
  }
  return index;
}

template <class Declaration>
std::vector<std::string> names_in(const std::map<std::string, const Declaration*>& index) {
  std::vector<std::string> names;
  for (const auto& [text, declaration] : index) names.push_back(text);
  return names;
}

class outliner {
public:
  outliner(const syntax& program, const std::vector<cluster_spec>& configured, const environment& variables)
      : program_(program), configured_(configured), variables_(variables) {}

  outlined run() {
    pipeline();
    clusters_ = index_of(
        program_.clusters, "cluster", [](const auto& d) -> const name& { return d.cluster; }, found_);
    sources_ = index_of(
        program_.sources, "source", [](const auto& d) -> const name& { return d.source; }, found_);
    views_ = index_of(
        program_.views, "view", [](const auto& d) -> const name& { return d.view; }, found_);
    for (const auto& declaration : program_.clusters)
      if (clusters_.at(declaration.cluster.text) == &declaration) out_.clusters.push_back(cluster(declaration));
    sources();
    views();
    sinks();
    target();
    idle_settings();
    supervision();
    memory();
    sort(found_);
    out_.sound = !program_.broken && !has_errors(found_);
    return {std::move(out_), std::move(found_)};
  }

private:
  void report(code c, std::optional<span> where, std::string message, std::string hint = {}) {
    found_.push_back({severity::error, c, where, std::move(message), std::move(hint)});
  }

  void unknown(code c, const name& n, std::string_view what, const std::vector<std::string>& known,
               std::string otherwise) {
    if (program_.is_broken(n.text)) return;
    auto hint = did_you_mean(n.text, known);
    report(c, n.where, fmt::format("no {} \"{}\" is declared", what, n.text), hint.empty() ? otherwise : hint);
  }

  void pipeline() {
    if (program_.pipelines.empty()) {
      if (!program_.broken)
        report(code::not_declared, std::nullopt, "the pipeline has no name", "begin with: pipeline NAME;");
      return;
    }
    out_.pipeline = program_.pipelines.front().pipeline.text;
    for (std::size_t i = 1; i < program_.pipelines.size(); ++i)
      report(code::declared_twice, program_.pipelines[i].pipeline.where, "a second pipeline is declared",
             "files that are run together are one pipeline; run others on their own");
  }

  cluster_spec cluster(const cluster_declaration& declaration) {
    cluster_spec spec;
    spec.name = declaration.cluster.text;
    if (declaration.coordinator) spec.coordinator = declaration.coordinator->text;
    if (declaration.consistency) spec.consistency = declaration.consistency->choice;
    if (declaration.capture) spec.capture = declaration.capture->choice;
    if (declaration.transaction_name) spec.transaction_name = declaration.transaction_name->text;
    std::set<std::string> names;
    for (const auto& node : declaration.nodes) {
      const auto node_name = node.node ? node.node->text : fmt::format("n{}", spec.nodes.size() + 1);
      if (!names.insert(node_name).second)
        report(code::declared_twice, node.node ? node.node->where : node.conninfo.where,
               fmt::format("two nodes of cluster \"{}\" are called \"{}\"", spec.name, node_name),
               "give every node a name of its own");
      spec.nodes.push_back({node_name, node.conninfo.text});
    }
    for (const auto& override : configured_) {
      if (override.name != spec.name) continue;
      if (override.coordinator) spec.coordinator = override.coordinator;
      if (!override.nodes.empty()) spec.nodes = override.nodes;
      if (override.consistency) spec.consistency = override.consistency;
      if (override.capture) spec.capture = override.capture;
      if (!override.node_parameters.empty()) spec.node_parameters = override.node_parameters;
      if (override.transaction_name) spec.transaction_name = override.transaction_name;
    }
    expand(spec, declaration);
    if (!spec.coordinator && spec.nodes.empty() && !program_.broken)
      report(code::cluster_without_servers, declaration.cluster.where,
             fmt::format("cluster \"{}\" has neither a coordinator nor nodes, here or in weir.yaml", spec.name),
             fmt::format("write: cluster {} {{ nodes \"host=… port=… dbname=…\"; }}", display_name(spec.name)));
    return spec;
  }

  /// Puts the environment's values into the connection strings; those of weir.yaml are reported at the cluster's name.
  void expand(cluster_spec& spec, const cluster_declaration& declaration) {
    const auto place_of = [&](const std::string& conninfo) {
      if (declaration.coordinator && declaration.coordinator->text == conninfo) return declaration.coordinator->where;
      for (const auto& node : declaration.nodes)
        if (node.conninfo.text == conninfo) return node.conninfo.where;
      return declaration.cluster.where;
    };
    const auto expanded = [&](std::string& conninfo) {
      auto value = with_variables(conninfo, variables_);
      if (value)
        conninfo = *std::move(value);
      else
        report(code::bad_value, place_of(conninfo), value.error().message, value.error().hint);
    };
    if (spec.coordinator) expanded(*spec.coordinator);
    for (auto& node : spec.nodes) expanded(node.conninfo);
    for (auto& [node, parameters] : spec.node_parameters) expanded(parameters);
  }

  /// The place of a declared cluster in out_.clusters; reports one that is not.
  std::optional<std::size_t> find_cluster(const name& n) {
    for (std::size_t i = 0; i < out_.clusters.size(); ++i)
      if (out_.clusters[i].name == n.text) return i;
    const bool in_yaml =
        std::any_of(configured_.begin(), configured_.end(), [&](const cluster_spec& c) { return c.name == n.text; });
    unknown(code::unknown_cluster, n, "cluster", names_in(clusters_),
            in_yaml ? fmt::format("weir.yaml has it; declare it: cluster {};", display_name(n.text))
                    : fmt::format("declare it: cluster {} {{ nodes \"…\"; }}", display_name(n.text)));
    return std::nullopt;
  }

  void sources() {
    for (const auto& source : program_.sources) {
      const auto place = find_cluster(source.table.cluster);
      if (!place) continue;
      if (!out_.source_cluster) out_.source_cluster = place;
      if (*out_.source_cluster != *place)
        report(code::several_clusters, source.table.cluster.where,
               "not supported yet: sources of several clusters in one pipeline",
               fmt::format("all sources are read from one cluster, here \"{}\"; write a pipeline for each",
                           out_.clusters[*out_.source_cluster].name));
      std::pair table{source.table.schema.text, source.table.table.text};
      if (std::find(out_.tables.begin(), out_.tables.end(), table) == out_.tables.end())
        out_.tables.push_back(std::move(table));
    }
  }

  void views() {
    std::set<std::string> used;
    for (const auto& view : program_.views) {
      if (sources_.contains(view.view.text))
        report(code::declared_twice, view.view.where, fmt::format("\"{}\" is both a source and a view", view.view.text),
               "give one of them another name");
      for (const auto& table : tables_read(view.query)) {
        used.insert(table.text);
        if (sources_.contains(table.text)) continue;
        if (views_.contains(table.text))
          out_.views_read.insert(table.text);
        else
          unknown(code::unknown_source, table, "source", names_in(sources_),
                  fmt::format("declare it: source {} from CLUSTER.SCHEMA.TABLE;", display_name(table.text)));
      }
    }
    if (program_.views.empty() && !program_.broken)
      report(code::not_declared, std::nullopt, "the pipeline has no view",
             "write: view NAME as select … from SOURCE group by …;");
    for (const auto& source : program_.sources)
      if (!used.contains(source.source.text) && !program_.broken)
        found_.push_back({severity::warning, code::not_used, source.source.where,
                          fmt::format("no view reads source \"{}\"", source.source.text), "it is not captured"});
  }

  void sinks() {
    std::map<std::string, const sink_declaration*> of_view;
    std::set<std::tuple<std::string, std::string, std::string>> tables;
    for (const auto& sink : program_.sinks) {
      if (!views_.contains(sink.view.text))
        unknown(code::unknown_view, sink.view, "view", names_in(views_), "a sink writes a view that is declared");
      else if (!of_view.emplace(sink.view.text, &sink).second)
        report(code::sink_twice, sink.view.where, fmt::format("view \"{}\" has a second sink", sink.view.text),
               "a view is written to one table");
      sink_table(sink, tables);
    }
    for (const auto& view : program_.views)
      if (!of_view.contains(view.view.text) && !out_.views_read.contains(view.view.text) &&
          !program_.is_broken(view.view.text))
        report(code::no_sink, view.view.where, fmt::format("view \"{}\" is written nowhere", view.view.text),
               fmt::format("add: sink {} into CLUSTER.SCHEMA.TABLE;", display_name(view.view.text)));
  }

  void sink_table(const sink_declaration& sink, std::set<std::tuple<std::string, std::string, std::string>>& tables) {
    const auto& t = sink.table;
    if (!tables.emplace(t.cluster.text, t.schema.text, t.table.text).second)
      report(code::sink_twice, t.table.where, "another sink writes this table", "give each view a table of its own");
    for (const auto& source : program_.sources)
      if (source.table.cluster.text == t.cluster.text && source.table.schema.text == t.schema.text &&
          source.table.table.text == t.table.text)
        report(code::sink_is_source, t.table.where,
               fmt::format("this table is read as source \"{}\"", source.source.text),
               "write the view to another table, best in a schema of its own");
    if (sink.distributed) colocation(sink);
    const auto place = find_cluster(t.cluster);
    if (!place) return;
    if (!out_.target_cluster) {
      out_.target_cluster = place;
      target_where_ = t.cluster.where;
    } else if (*out_.target_cluster != *place) {
      report(code::several_clusters, t.cluster.where, "not supported yet: sinks in several clusters",
             fmt::format("all views of a pipeline are written in one transaction, here to \"{}\"",
                         out_.clusters[*out_.target_cluster].name));
    }
  }

  /// Tables are colocated within one cluster.
  void colocation(const sink_declaration& sink) {
    const auto& d = *sink.distributed;
    const name* cluster = d.with_table ? &d.with_table->cluster : nullptr;
    const name* written = cluster;
    if (d.with_source) {
      const auto found = sources_.find(d.with_source->text);
      if (found == sources_.end()) {
        unknown(code::unknown_source, *d.with_source, "source", names_in(sources_),
                "a table that is no source is written CLUSTER.SCHEMA.TABLE");
        return;
      }
      cluster = &found->second->table.cluster;
      written = &*d.with_source;
    }
    if (cluster != nullptr && cluster->text != sink.table.cluster.text)
      report(code::unfit_distribution, written->where,
             fmt::format("tables of clusters \"{}\" and \"{}\" cannot be colocated", sink.table.cluster.text,
                         cluster->text),
             "leave \"colocate with\" out, or name a table of the cluster that is written");
  }

  void target() {
    if (!out_.target_cluster) return;
    const auto& cluster = out_.clusters[*out_.target_cluster];
    if (cluster.coordinator)
      out_.target = node_spec{"coordinator", *cluster.coordinator};
    else if (cluster.nodes.size() == 1)
      out_.target = cluster.nodes.front();
    else if (cluster.nodes.size() > 1)
      report(code::target_unclear, target_where_,
             fmt::format("cluster \"{}\" has {} nodes and no coordinator: which of them is written?", cluster.name,
                         cluster.nodes.size()),
             fmt::format("add to cluster {}: coordinator \"host=… port=… dbname=…\"; or declare a cluster for the "
                         "target",
                         display_name(cluster.name)));
  }

  /// What is said of transactions where it changes nothing: likely meant for another cluster.
  void idle_settings() {
    if (!out_.source_cluster) return;
    const auto& read = out_.clusters[*out_.source_cluster];
    const auto warn = [&](span where, std::string message, std::string hint) {
      found_.push_back({severity::warning, code::not_used, where, std::move(message), std::move(hint)});
    };
    for (const auto& declaration : program_.clusters) {
      if (declaration.cluster.text != read.name) {
        const auto message = fmt::format("no source is in cluster \"{}\"", declaration.cluster.text);
        const auto hint = fmt::format("it says how \"{}\" is read; write it there", read.name);
        if (declaration.consistency) warn(declaration.consistency->where, message, hint);
        if (declaration.capture) warn(declaration.capture->where, message, hint);
        if (declaration.transaction_name) warn(declaration.transaction_name->where, message, hint);
      } else if (declaration.transaction_name && read.consistency == weir::consistency::node) {
        warn(declaration.transaction_name->where, "with consistency node no transaction is put together",
             "leave it out");
      }
    }
  }

  void memory() {
    if (program_.memories.empty()) return;
    out_.memory = program_.memories.front().size;
    for (std::size_t i = 1; i < program_.memories.size(); ++i)
      report(code::declared_twice, program_.memories[i].where, "memory is given twice", "a pipeline has one budget");
  }

  void supervision() {
    for (std::size_t i = 1; i < program_.supervises.size(); ++i)
      report(code::declared_twice, program_.supervises[i].where, "a second supervise block", "one is enough");
  }

  const syntax& program_;
  const std::vector<cluster_spec>& configured_;
  const environment& variables_;
  outline out_;
  diagnostics found_;
  span target_where_;
  std::map<std::string, const cluster_declaration*> clusters_;
  std::map<std::string, const source_declaration*> sources_;
  std::map<std::string, const view_declaration*> views_;
};

} // namespace

outlined outline_of(const syntax& program, const std::vector<cluster_spec>& configured, const environment& variables) {
  return outliner(program, configured, variables).run();
}

} // namespace weir::dsl
