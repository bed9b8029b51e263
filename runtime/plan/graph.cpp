#include "runtime/plan/graph.hpp"

#include <chrono>
#include <map>

#include <fmt/format.h>

#include "runtime/plan/explain.hpp"
#include "runtime/plan/plan_text.hpp"

namespace weir {
namespace {

class actor_graph {
public:
  explicit actor_graph(const pipeline_plan& plan) : plan_(plan) {}

  void add_to(plan_graph& out) {
    std::vector<std::size_t> readers;
    const auto supervisor = add(out, "supervisor", "starts, watches and restarts the others");
    const auto registrar = add(out, "registrar", "holds the lease, writes status and events", true);
    out.edges.push_back({registrar, supervisor, "lease"});
    out.edges.push_back({supervisor, registrar, "events, status"});
    if (plan_.coordinator) {
      const auto watcher = add(out, "topology_watcher", "looks for nodes that come, go or move", true);
      out.edges.push_back({watcher, supervisor, "topology"});
    }
    std::vector<std::size_t> normalizers;
    for (const auto& node : plan_.nodes) {
      readers.push_back(add(out, "slot_reader", "reads " + redact(node.conninfo), true, node.name));
      normalizers.push_back(add(out, "normalizer", "decodes, filters, computes keys and inputs", false, node.name));
      out.edges.push_back({readers.back(), normalizers.back(), "frames of the stream"});
    }
    const auto watermark = add(out, "watermark", "reorders: holds transactions until a cut takes them");
    for (const auto normalizer : normalizers)
      out.edges.push_back({normalizer, watermark, "transactions, their deltas"});
    const auto writer = out.actors.size() + plan_.views.size();
    for (const auto& view : plan_.views) {
      const auto stage = out.actors.size();
      out.actors.push_back({view.name + ".aggregate_stage", "aggregate_stage", "sums a cut by node and group"});
      out.edges.push_back({watermark, stage, "deltas of a cut"});
      out.edges.push_back({stage, writer, "sums of a cut"});
    }
    add(out, "view_writer", "writes " + redact(plan_.target.conninfo), true);
    out.edges.push_back({writer, watermark, "cut durable", true});
    for (const auto reader : readers) out.edges.push_back({watermark, reader, "confirmed position", true});
  }

private:
  static std::size_t add(plan_graph& out, const std::string& kind, std::string does, bool own_thread = false,
                         const std::string& of = {}) {
    out.actors.push_back({of.empty() ? kind : kind + "." + of, kind, std::move(does), own_thread});
    return out.actors.size() - 1;
  }

  const pipeline_plan& plan_;
};

view_operators operators_of(const pipeline_plan& plan, const view_plan& view) {
  const auto& source = plan.sources[view.source];
  view_operators out{view.name, {}};
  const auto add = [&](const char* kind, std::string does, const char* runs_in) {
    std::vector<std::size_t> inputs;
    if (!out.operators.empty()) inputs.push_back(out.operators.size() - 1);
    out.operators.push_back({view.name + "." + kind, kind, std::move(does), runs_in, std::move(inputs)});
  };
  add("source", fmt::format("{}: {}.{}", source.name, source.schema, source.table), "slot_reader");
  if (view.filter) add("filter", describe(*view.filter, source.columns), "normalizer");
  std::string computed;
  for (const auto* some : {&view.keys, &view.inputs})
    for (const auto& e : *some) computed += (computed.empty() ? "" : ", ") + describe(e, source.columns);
  if (!computed.empty()) add("project", std::move(computed), "normalizer");
  const auto aggregates = plan_text::aggregates(view, source.columns);
  auto keys = plan_text::keys(view, source.columns);
  auto groups = keys.empty() ? std::string("all rows are one group") : "by " + keys;
  add("aggregate", aggregates.empty() ? std::move(groups) : groups + "; " + aggregates, "aggregate_stage");
  if (view.having) add("having", plan_text::over_groups(view, *view.having, source.columns), "view_writer");
  std::string finished;
  for (const auto& e : view.computed)
    finished += (finished.empty() ? "" : ", ") + plan_text::over_groups(view, e, source.columns);
  if (!finished.empty()) add("compute", std::move(finished), "view_writer");
  add("sink", plan_text::sink(view.sink), "view_writer");
  return out;
}

/// A tree of operators, each after its inputs; what is shared is there once.
class unbuilt_operators {
public:
  explicit unbuilt_operators(const logical_view& view) : out_{view.name, {}} {
    const auto root = add(*view.root);
    if (!view.table.empty()) out_.operators.push_back({view.name + ".sink", "sink", view.table, "", {root}});
  }
  view_operators take() { return std::move(out_); }

private:
  std::size_t add(const logical_operator& o) {
    if (const auto there = added_.find(&o); there != added_.end()) return there->second;
    operator_vertex made{o.name, to_string(o.kind), o.does, "", {}, o.runs};
    for (const auto& input : o.inputs) made.inputs.push_back(add(*input));
    out_.operators.push_back(std::move(made));
    return added_[&o] = out_.operators.size() - 1;
  }

  view_operators out_;
  std::map<const logical_operator*, std::size_t> added_;
};

} // namespace

plan_graph graph_of(const pipeline_plan& plan) {
  plan_graph out;
  actor_graph(plan).add_to(out);
  for (const auto& view : plan.views) out.views.push_back(operators_of(plan, view));
  for (const auto& view : plan.unbuilt) out.unbuilt.push_back(unbuilt_operators(view).take());
  return out;
}

} // namespace weir
