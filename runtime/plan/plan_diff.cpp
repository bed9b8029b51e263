#include "runtime/plan/plan_diff.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/plan/explain.hpp"
#include "runtime/plan/graph.hpp"
#include "runtime/plan/plan_text.hpp"

namespace weir {
namespace {

/// One thing that a plan says.
struct statement {
  std::string name;
  std::string text; ///< never empty
  bool setting = false;
};
using statements = std::vector<statement>;

const statement* find(const statements& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const statement& s) { return s.name == name; });
  return found == all.end() ? nullptr : &*found;
}

statements settings_of(const pipeline_plan& plan) {
  const auto& s = plan.supervise;
  statements out{
      {"target", redact(plan.target.conninfo)},
      {"retry", std::to_string(s.retry)},
      {"backoff", fmt::format("{} to {}", plan_text::duration(s.backoff_min), plan_text::duration(s.backoff_max))},
      {"on worker failure", s.on_worker_failure == on_worker_failure::wait ? "wait" : "isolate"},
      {"on slot lost", s.on_slot_lost == on_slot_lost::stop ? "stop" : "reload"},
      {"on schema change", s.on_schema_change == on_schema_change::stop ? "stop" : "evolve"},
      {"on error", s.on_error == on_error::stop ? "stop" : "skip"},
      {"consistency", to_string(plan.consistency)},
      {"capture", to_string(plan.capture)}};
  if (!plan.transaction_name.empty()) out.push_back({"transaction name", plan.transaction_name});
  for (const auto& node : plan.nodes) out.push_back({node.name + ".address", redact(node.conninfo)});
  for (auto& one : out) one.setting = true;
  return out;
}

/// Nodes that are found through a coordinator come and go; those of a fixed list are what the views are of.
statements nodes_of(const pipeline_plan& plan) {
  std::string names;
  for (const auto& node : plan.nodes) names += (names.empty() ? "" : ", ") + node.name;
  return {{"nodes", plan.coordinator ? "those of " + redact(plan.coordinator->conninfo) : names}};
}

std::string name_of(const source_plan& source) { return source.schema + "." + source.table; }

/// By the names of their tables: what a definition calls them changes nothing.
statements sources_of(const pipeline_plan& plan) {
  statements out;
  for (const auto& source : plan.sources) {
    out.push_back({name_of(source), "is read"});
    for (const auto& c : source.columns) {
      const auto name = fmt::format("{}.columns.{}", name_of(source), c.name);
      out.push_back({name, to_sql(c.type)});
      if (c.not_null) out.push_back({name + ".not_null", "not null", true});
    }
  }
  return out;
}

statements parts_of(const pipeline_plan& plan, const view_plan& view) {
  const auto& source = plan.sources[view.source];
  statements out{{view.name, "is kept"}};
  const auto graph = graph_of(plan);
  for (const auto& v : graph.views)
    for (const auto& o : v.operators)
      if (v.view == view.name && o.kind != "source" && o.kind != "sink") out.push_back({o.name, o.does});
  out.push_back({view.name + ".source", name_of(source)});
  out.push_back({view.name + ".sink", view.sink.schema + "." + view.sink.table});
  out.push_back({view.name + ".placement", plan_text::placement(view.sink), true});
  out.push_back({view.name + ".every", plan_text::duration(view.sink.every), true});
  for (const auto& o : view.outputs) {
    const auto name = fmt::format("{}.columns.{}", view.name, o.name);
    out.push_back({name, fmt::format("{}: {}", to_sql(o.type), plan_text::output(view, o, source.columns))});
    if (o.not_null) out.push_back({name + ".not_null", "not null", true});
  }
  return out;
}

statements statements_of(const pipeline_plan& plan) {
  auto out = settings_of(plan);
  for (auto& one : nodes_of(plan)) out.push_back(std::move(one));
  for (auto& one : sources_of(plan)) out.push_back(std::move(one));
  for (const auto& view : plan.views)
    for (auto& one : parts_of(plan, view)) out.push_back(std::move(one));
  return out;
}

/// Of what is new or gone as a whole the parts are not told one by one.
bool is_part_of(const std::string& name, const std::vector<std::string>& wholes) {
  return std::any_of(wholes.begin(), wholes.end(), [&](const std::string& w) { return name.starts_with(w + "."); });
}

class comparison {
public:
  comparison(const pipeline_plan& before, const pipeline_plan& after) : before_(before), after_(after) {}

  std::vector<plan_change> run() {
    const auto old = statements_of(before_);
    const auto now = statements_of(after_);
    const auto gone = wholes(before_, old, now);
    const auto come = wholes(after_, now, old);
    for (const auto& s : now) {
      const auto* was = find(old, s.name);
      if (was != nullptr ? was->text != s.text : !is_part_of(s.name, come))
        changes_.push_back({s.name, was == nullptr ? "" : was->text, s.text, s.setting});
    }
    for (const auto& s : old)
      if (find(now, s.name) == nullptr && !is_part_of(s.name, gone))
        changes_.push_back({s.name, s.text, "", s.setting});
    hidden();
    return std::move(changes_);
  }

private:
  /// The views, sources and nodes of a plan that the other has not.
  static std::vector<std::string> wholes(const pipeline_plan& plan, const statements& own, const statements& other) {
    std::vector<std::string> out;
    const auto add = [&](const std::string& name) {
      if (find(own, name) != nullptr && find(other, name) == nullptr) out.push_back(name);
    };
    for (const auto& source : plan.sources) add(name_of(source));
    for (const auto& view : plan.views) add(view.name);
    return out;
  }

  /// What the fingerprints tell and no words do: the order of things, and casts, which explain leaves out.
  void hidden() {
    if (fingerprint(before_) == fingerprint(after_)) return;
    if (std::any_of(changes_.begin(), changes_.end(), [](const plan_change& c) { return !c.setting; })) return;
    const auto order = [](const pipeline_plan& plan) {
      std::string names;
      for (const auto& v : plan.views) names += (names.empty() ? "" : ", ") + v.name;
      return names;
    };
    const auto old = order(before_);
    const auto now = order(after_);
    if (old != now)
      changes_.push_back({"views", old, now, false});
    else
      changes_.push_back({"expressions", "the same words", "with other casts, or over other types", false});
  }

  const pipeline_plan& before_;
  const pipeline_plan& after_;
  std::vector<plan_change> changes_;
};

std::string_view kind_of(const plan_change& c) {
  return c.before.empty() ? "added" : c.after.empty() ? "removed" : "changed";
}

} // namespace

std::vector<plan_change> compare(const pipeline_plan& before, const pipeline_plan& after) {
  return comparison(before, after).run();
}

run_effect effect_of_run(std::string_view registered, const pipeline_plan& plan) {
  if (registered.empty()) return run_effect::first_run;
  switch (compare_fingerprint(registered, plan)) {
    case plan_likeness::same: return run_effect::goes_on;
    case plan_likeness::other: return run_effect::refuses;
    case plan_likeness::other_types: break;
  }
  return plan.supervise.on_schema_change == on_schema_change::stop ? run_effect::stops : run_effect::evolves;
}

std::string_view to_string(run_effect effect) {
  switch (effect) {
    case run_effect::first_run: return "first_run";
    case run_effect::goes_on: return "goes_on";
    case run_effect::evolves: return "evolves";
    case run_effect::stops: return "stops";
    case run_effect::refuses: return "refuses";
  }
  return {};
}

std::string changes_text(const std::vector<plan_change>& changes, const std::string& indent) {
  std::size_t width = 0;
  for (const auto& c : changes) width = std::max(width, c.name.size());
  std::string out;
  for (const auto& c : changes) {
    const auto kind = kind_of(c);
    const auto what = kind == "added" ? c.after : kind == "removed" ? c.before : c.before + "  →  " + c.after;
    out += fmt::format("{}{} {:<{}}  {}\n", indent,
                       kind == "added"     ? '+'
                       : kind == "removed" ? '-'
                                           : '~',
                       c.name, width, what);
  }
  return out;
}

nlohmann::json changes_json(const std::vector<plan_change>& changes) {
  auto out = nlohmann::json::array();
  for (const auto& c : changes) {
    nlohmann::json one{{"change", kind_of(c)}, {"name", c.name}, {"setting", c.setting}};
    if (!c.before.empty()) one["before"] = c.before;
    if (!c.after.empty()) one["after"] = c.after;
    out.push_back(std::move(one));
  }
  return out;
}

} // namespace weir
