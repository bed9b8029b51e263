#include "runtime/plan/explain.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/plan/graph.hpp"
#include "runtime/plan/plan_text.hpp"
#include "runtime/plan/state_layout.hpp"

namespace weir {
namespace {

/// Lines of columns that stand under each other.
class table {
public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  std::string text(const std::string& indent) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_)
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i == widths.size()) widths.push_back(0);
        widths[i] = std::max(widths[i], row[i].size());
      }
    std::string out;
    for (const auto& row : rows_) {
      std::string line = indent;
      for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + '\n';
    }
    return out;
  }

private:
  std::vector<std::vector<std::string>> rows_;
};

std::string role_text(const state_column& c, const view_plan& view, const std::vector<source_column>& columns) {
  const auto input = [&] { return describe(view.inputs[c.index], columns); };
  switch (c.role) {
    case state_role::node: return "the node whose share this is";
    case state_role::key: return "key: " + describe(view.keys[c.index], columns);
    case state_role::rows: return "rows of the group";
    case state_role::count: return "values that are not null: " + input();
    case state_role::sum: return "exact sum: " + input();
    case state_role::nan_count: return "NaNs: " + input();
    case state_role::positive_infinity: return "infinities: " + input();
    case state_role::negative_infinity: return "negative infinities: " + input();
    case state_role::scales: return "values by display scale: " + input();
  }
  return {};
}

std::string consistency_text(const pipeline_plan& plan) {
  if (plan.consistency == consistency::node) return "node: each node's transactions as they come";
  std::string out = "transaction: all parts of a distributed transaction in one cut";
  if (!plan.transaction_name.empty()) out += fmt::format(", also of those named {}", plan.transaction_name);
  return out;
}

std::string servers_text(const pipeline_plan& plan, const explain_details& details) {
  table t;
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    const auto& node = plan.nodes[i];
    t.add({i == 0 ? "reads" : "", node.name, redact(node.conninfo),
           i < details.slots.size() ? "slot " + details.slots[i] : ""});
  }
  t.add({"writes", plan.target.name, redact(plan.target.conninfo)});
  if (!details.publication.empty()) t.add({"publication", details.publication});
  const auto& s = plan.supervise;
  std::string out = t.text("  ");
  out += fmt::format("  on failure   retry {}, backoff {} to {}, {}\n", s.retry, plan_text::duration(s.backoff_min),
                     plan_text::duration(s.backoff_max),
                     s.on_worker_failure == on_worker_failure::wait ? "others wait" : "others go on");
  out += fmt::format("  schema       {}\n", s.on_schema_change == on_schema_change::stop
                                                ? "a change of a used column stops the pipeline"
                                                : "a change of a used column is followed");
  if (s.on_error == on_error::stop) out += "  errors       a row that cannot be computed stops the pipeline\n";
  out += fmt::format("  consistency  {}\n", consistency_text(plan));
  if (!details.memory.empty()) out += fmt::format("  memory       {}\n", details.memory);
  if (!details.publication_sql.empty()) out += fmt::format("\n  publication\n    {}\n", details.publication_sql);
  return out;
}

std::string source_text(const source_plan& source) {
  std::string out = fmt::format("source {}: {}.{}\n", source.name, source.schema, source.table);
  table t;
  for (const auto& c : source.columns) t.add({c.name, to_sql(c.type), c.not_null ? "not null" : ""});
  if (source.columns.empty()) return out + "  no column: rows are counted; of old rows nothing is needed\n";
  out += t.text("  ");
  out += "  all of them in old rows, too: by REPLICA IDENTITY FULL, or one over a key that has them\n";
  return out;
}

nlohmann::json sink_json(const sink_plan& sink) {
  nlohmann::json out{{"schema", sink.schema}, {"table", sink.table}, {"every_ms", sink.every.count()}};
  if (sink.placement == sink_placement::reference) out["placement"] = "reference";
  if (sink.placement != sink_placement::distributed) return out;
  out["placement"] = "distributed";
  out["distributed_by"] = sink.distribution_column;
  if (!sink.colocated_table.empty())
    out["colocated_with"] = {{"schema", sink.colocated_schema}, {"table", sink.colocated_table}};
  return out;
}

std::string chain_text(const view_plan& view, const source_plan& source) {
  const auto aggregates = plan_text::aggregates(view, source.columns);
  const auto keys = plan_text::keys(view, source.columns);
  std::string out = fmt::format("  source     {}\n", source.name);
  if (view.filter) out += fmt::format("  ▼ filter   {}\n", describe(*view.filter, source.columns));
  out += fmt::format("  ▼ group    {}\n", keys.empty() ? "all rows are one group" : "by " + keys);
  if (!aggregates.empty()) out += fmt::format("             {}\n", aggregates);
  if (view.having) out += fmt::format("  ▼ having   {}\n", plan_text::over_groups(view, *view.having, source.columns));
  out += fmt::format("  ▼ sink     {}\n", plan_text::sink(view.sink));
  return out;
}

std::string view_text(const pipeline_plan& plan, std::size_t number, const explain_details& details) {
  const auto& view = plan.views[number];
  const auto& source = plan.sources[view.source];
  std::string out = fmt::format("view {}\n", view.name) + chain_text(view, source);
  table outputs;
  for (const auto& o : view.outputs)
    outputs.add({o.name, to_sql(o.type), o.is_key ? "key" : "", plan_text::output(view, o, source.columns)});
  out += "\n  columns\n" + outputs.text("    ");
  table state;
  for (const auto& c : state_layout(view))
    state.add({c.name, c.role == state_role::scales ? "bigint[]" : to_sql(c.type), role_text(c, view, source.columns)});
  out += "\n  state, one row for each group and node\n" + state.text("    ");
  for (const auto& s : details.statements)
    if (s.view == number) out += fmt::format("\n  {}\n    {}\n", s.title, s.sql);
  return out;
}

std::string graph_text(const plan_graph& graph) {
  table actors;
  for (std::size_t i = 0; i < graph.actors.size(); ++i) {
    const auto& actor = graph.actors[i];
    std::string to;
    for (const auto& edge : graph.edges)
      if (edge.from == i && !edge.backward) to += (to.empty() ? "▶ " : ", ") + graph.actors[edge.to].name;
    actors.add({actor.name, actor.does, to});
  }
  table operators;
  for (const auto& view : graph.views)
    for (const auto& o : view.operators) operators.add({o.name, o.runs_in, o.does});
  return "operators, and the actors that run them\n" + operators.text("  ") + "\nactors\n" + actors.text("  ");
}

void add_graph(const plan_graph& graph, nlohmann::json& out) {
  for (const auto& actor : graph.actors)
    out["actors"].push_back(
        {{"name", actor.name}, {"kind", actor.kind}, {"does", actor.does}, {"own_thread", actor.own_thread}});
  for (const auto& edge : graph.edges)
    out["edges"].push_back({{"from", graph.actors[edge.from].name},
                            {"to", graph.actors[edge.to].name},
                            {"carries", edge.carries},
                            {"backward", edge.backward}});
  for (std::size_t v = 0; v < graph.views.size(); ++v)
    for (const auto& o : graph.views[v].operators)
      out["views"][v]["operators"].push_back(
          {{"name", o.name}, {"kind", o.kind}, {"does", o.does}, {"runs_in", o.runs_in}});
}

nlohmann::json view_json(const pipeline_plan& plan, std::size_t number, const explain_details& details) {
  const auto& view = plan.views[number];
  const auto& columns = plan.sources[view.source].columns;
  nlohmann::json out{{"name", view.name}, {"source", plan.sources[view.source].name}, {"sink", sink_json(view.sink)}};
  if (view.filter) out["filter"] = describe(*view.filter, columns);
  if (view.having) out["having"] = plan_text::over_groups(view, *view.having, columns);
  out["keys"] = nlohmann::json::array();
  for (const auto& key : view.keys) out["keys"].push_back(describe(key, columns));
  out["aggregates"] = nlohmann::json::array();
  for (const auto& a : view.aggregates) out["aggregates"].push_back(plan_text::aggregate(view, a, columns));
  for (const auto& o : view.outputs)
    out["columns"].push_back({{"name", o.name},
                              {"type", to_sql(o.type)},
                              {"key", o.is_key},
                              {"not_null", o.not_null},
                              {"from", plan_text::output(view, o, columns)}});
  for (const auto& c : state_layout(view))
    out["state"].push_back({{"name", c.name},
                            {"type", c.role == state_role::scales ? "bigint[]" : to_sql(c.type)},
                            {"holds", role_text(c, view, columns)}});
  for (const auto& s : details.statements)
    if (s.view == number) out["statements"].push_back({{"title", s.title}, {"sql", s.sql}});
  return out;
}

} // namespace

std::string explain(const pipeline_plan& plan, const explain_details& details) {
  std::string out = fmt::format("pipeline {} (fingerprint {})\n", plan.name, fingerprint(plan));
  out += servers_text(plan, details);
  for (const auto& source : plan.sources) out += '\n' + source_text(source);
  for (std::size_t i = 0; i < plan.views.size(); ++i) out += '\n' + view_text(plan, i, details);
  for (const auto& view : plan.unbuilt) out += '\n' + to_text(view);
  return out + '\n' + graph_text(graph_of(plan));
}

nlohmann::json explain_json(const pipeline_plan& plan, const explain_details& details) {
  nlohmann::json out{{"pipeline", plan.name}, {"fingerprint", fingerprint(plan)}};
  if (!details.publication.empty()) out["publication"] = details.publication;
  if (!details.publication_sql.empty()) out["publication_sql"] = details.publication_sql;
  if (!details.memory.empty()) out["memory"] = details.memory;
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    nlohmann::json node{{"name", plan.nodes[i].name}, {"server", redact(plan.nodes[i].conninfo)}};
    if (i < details.slots.size()) node["slot"] = details.slots[i];
    out["nodes"].push_back(std::move(node));
  }
  out["target"] = {{"name", plan.target.name}, {"server", redact(plan.target.conninfo)}};
  out["consistency"] = to_string(plan.consistency);
  if (!plan.transaction_name.empty()) out["transaction_name"] = plan.transaction_name;
  out["supervise"] = {
      {"retry", plan.supervise.retry},
      {"backoff_min_ms", plan.supervise.backoff_min.count()},
      {"backoff_max_ms", plan.supervise.backoff_max.count()},
      {"on_worker_failure", plan.supervise.on_worker_failure == on_worker_failure::wait ? "wait" : "isolate"},
      {"on_error", plan.supervise.on_error == on_error::stop ? "stop" : "skip"},
      {"on_schema_change", plan.supervise.on_schema_change == on_schema_change::stop ? "stop" : "evolve"}};
  out["sources"] = nlohmann::json::array();
  for (const auto& source : plan.sources) {
    nlohmann::json columns = nlohmann::json::array();
    for (const auto& c : source.columns)
      columns.push_back({{"name", c.name}, {"type", to_sql(c.type)}, {"not_null", c.not_null}});
    out["sources"].push_back({{"name", source.name},
                              {"schema", source.schema},
                              {"table", source.table},
                              {"old_rows", !source.columns.empty()},
                              {"columns", std::move(columns)}});
  }
  for (std::size_t i = 0; i < plan.views.size(); ++i) out["views"].push_back(view_json(plan, i, details));
  for (const auto& view : plan.unbuilt) out["unbuilt"].push_back(to_json(view));
  add_graph(graph_of(plan), out);
  return out;
}

} // namespace weir
