#include "tools/weir/plan_difference.hpp"

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "runtime/plan/explain.hpp"
#include "runtime/plan/plan_diff.hpp"
#include "runtime/postgres/evolution.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/raw_publication.hpp"
#include "runtime/postgres/registration.hpp"
#include "runtime/postgres/registry.hpp"
#include "runtime/postgres/sink_fitness.hpp"
#include "runtime/postgres/target_schema.hpp"

namespace weir::program {
namespace {

struct sink_table {
  std::string name;
  bool there = false;
  std::string sql;   ///< that makes it
  std::string unfit; ///< why weir would not write it
};

struct node_publication {
  std::string node;
  std::vector<std::string> statements; ///< that `weir run` will run
  std::string unknown;                 ///< why it could not be looked at
};

struct difference {
  bool registered = false;
  std::string holder;               ///< of the runtime that runs it now; "" if none does
  std::vector<plan_change> changes; ///< empty if nothing is registered
  std::string incomparable;         ///< why the registered version has no plan now
  std::vector<sink_table> tables;
  std::vector<node_publication> publications;
  std::vector<std::string> follows; ///< ALTER TABLE … of run_effect::evolves
  run_effect effect = run_effect::first_run;
};

/// The plan that the registered text comes to now: over the tables as they are.
std::optional<pipeline_plan> registered_plan(const definition& d, const std::string& text, std::string& why_not) {
  auto old = definition_of("the registered definition", text, d.config);
  auto bound = bind_definition(old, true);
  if (bound && bound->plan) return std::move(bound->plan);
  why_not = !bound ? bound.error().message : old.found.empty() ? "it has no plan" : old.found.front().message;
  return std::nullopt;
}

weir::status look_at_tables(postgres::connection& target, const pipeline_plan& plan, difference& out) {
  for (std::size_t i = 0; i < plan.views.size(); ++i) {
    const auto& view = plan.views[i];
    sink_table table{
        view.sink.schema + "." + view.sink.table, false, postgres::create_view_table_sql(plan, i, target), {}};
    WEIR_ASSIGN(const auto existing, postgres::find_table(target, view.sink.schema, view.sink.table));
    table.there = existing.has_value();
    if (existing)
      if (const auto fit = postgres::check_fitness(target, view, *existing); !fit) table.unfit = fit.error().message;
    out.tables.push_back(std::move(table));
  }
  return {};
}

node_publication look_at_publication(const pipeline_plan& plan, const node_spec& node) {
  node_publication out{node.name, {}, {}};
  auto sql = postgres::connection::open(node.conninfo, {});
  if (!sql) {
    out.unknown = sql.error().message;
  } else if (plan.capture == capture_mode::raw) {
    if (!postgres::verify_raw_publication(*sql, plan, node))
      out.statements.push_back(postgres::create_raw_publication_sql(plan, *sql));
  } else if (auto changes = postgres::publication_changes(*sql, plan, node)) {
    out.statements = *std::move(changes);
  } else {
    out.unknown = changes.error().message;
  }
  return out;
}

weir::status look_at_evolution(postgres::connection& target, const pipeline_plan& plan, difference& out) {
  for (std::size_t i = 0; i < plan.views.size(); ++i) {
    WEIR_ASSIGN(auto step, postgres::read_evolution(target, plan, i));
    if (step.what == postgres::view_evolution::kind::remake)
      out.follows.push_back(
          fmt::format("-- {}: its sources are read anew, and its tables made anew in that cut", plan.views[i].name));
    else
      for (auto& s : step.statements) out.follows.push_back(std::move(s));
  }
  return {};
}

result<difference> read_difference(const definition& d, const pipeline_plan& plan) {
  difference out;
  WEIR_ASSIGN(auto target, postgres::connection::open(plan.target.conninfo, {}));
  WEIR_ASSIGN(const auto known, postgres::read_registration(target, plan.name));
  out.registered = known.has_value();
  out.effect = effect_of_run(known ? known->fingerprint : std::string(), plan);
  if (known) {
    if (const auto old = registered_plan(d, known->definition, out.incomparable)) out.changes = compare(*old, plan);
    WEIR_ASSIGN(const auto all, postgres::read_status(target));
    for (const auto& p : all)
      if (p.pipeline == plan.name && p.state == "running") out.holder = p.holder;
  }
  WEIR_TRY(look_at_tables(target, plan, out));
  if (out.effect == run_effect::evolves) WEIR_TRY(look_at_evolution(target, plan, out));
  for (const auto& node : plan.nodes) out.publications.push_back(look_at_publication(plan, node));
  return out;
}

std::string effect_text(const difference& d, const pipeline_plan& plan) {
  switch (d.effect) {
    case run_effect::first_run: return "makes the tables, and loads the sources";
    case run_effect::goes_on:
      return d.changes.empty() ? "goes on from where it was" : "goes on from where it was, with the new settings";
    case run_effect::evolves: return "follows the tables, whose columns have other types now";
    case run_effect::stops: return "refuses: columns that views use have other types now, and the definition says stop";
    case run_effect::refuses: return fmt::format("refuses: {} is registered with another definition", plan.name);
  }
  return {};
}

std::string cure_of(const difference& d) {
  if (d.effect == run_effect::refuses)
    return "weir drop, then weir run: the views are loaded anew; or give the pipeline another name";
  if (d.effect == run_effect::stops) return "change them back, or write: on schema change evolve;";
  return {};
}

void print_text(const difference& d, const pipeline_plan& plan) {
  fmt::print("pipeline {}, {} in {}\n", plan.name, d.registered ? "registered" : "not registered",
             redact(plan.target.conninfo));
  if (!d.holder.empty()) fmt::print("  it is run by {}; what changes counts from its next start\n", d.holder);
  if (!d.incomparable.empty())
    fmt::print("\nchanges\n  what is registered has no plan over the tables as they are now: {}\n", d.incomparable);
  else if (d.registered)
    fmt::print("\nchanges\n{}", d.changes.empty() ? "  none\n" : changes_text(d.changes, "  "));
  fmt::print("\ntables\n");
  for (const auto& table : d.tables) {
    if (!table.there) fmt::print("  + {}  will be made: {}\n", table.name, table.sql);
    if (table.there) fmt::print("  = {}  is there{}\n", table.name, table.unfit.empty() ? "" : "; " + table.unfit);
  }
  for (const auto& statement : d.follows) fmt::print("  ~ {}\n", statement);
  fmt::print("\npublication {}\n", postgres::publication_name(plan.name));
  for (const auto& p : d.publications) {
    if (!p.unknown.empty()) fmt::print("  ? {}  {}\n", p.node, p.unknown);
    if (p.unknown.empty() && p.statements.empty()) fmt::print("  = {}  is as it should be\n", p.node);
    for (const auto& statement : p.statements) fmt::print("  ~ {}  {}\n", p.node, statement);
  }
  fmt::print("\nweir run\n  {}\n", effect_text(d, plan));
  if (const auto cure = cure_of(d); !cure.empty()) fmt::print("  cure: {}\n", cure);
}

nlohmann::json to_json(const difference& d, const pipeline_plan& plan) {
  nlohmann::json out{{"pipeline", plan.name},
                     {"registered", d.registered},
                     {"running", !d.holder.empty()},
                     {"changes", changes_json(d.changes)},
                     {"tables", nlohmann::json::array()},
                     {"publication", nlohmann::json::array()},
                     {"run", {{"effect", to_string(d.effect)}, {"does", effect_text(d, plan)}}}};
  if (!d.holder.empty()) out["holder"] = d.holder;
  if (!d.incomparable.empty()) out["incomparable"] = d.incomparable;
  for (const auto& t : d.tables) {
    nlohmann::json table{{"table", t.name}, {"exists", t.there}, {"sql", t.sql}};
    if (!t.unfit.empty()) table["unfit"] = t.unfit;
    out["tables"].push_back(std::move(table));
  }
  for (const auto& p : d.publications) {
    nlohmann::json publication{{"node", p.node}, {"statements", p.statements}};
    if (!p.unknown.empty()) publication["unknown"] = p.unknown;
    out["publication"].push_back(std::move(publication));
  }
  if (!d.follows.empty()) out["run"]["statements"] = d.follows;
  if (const auto cure = cure_of(d); !cure.empty()) out["run"]["cure"] = cure;
  return out;
}

} // namespace

int print_difference(const command_line& line, const definition& d, const pipeline_plan& plan) {
  const auto read = read_difference(d, plan);
  if (!read) {
    print_error(read.error());
    return server_unfit;
  }
  if (line.json || line.format == "json")
    fmt::print("{}\n", to_json(*read, plan).dump(2));
  else
    print_text(*read, plan);
  return success;
}

} // namespace weir::program
