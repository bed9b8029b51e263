#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "runtime/postgres/evolution.hpp"
#include "runtime/postgres/sink_fitness.hpp"
#include "runtime/postgres/sink_placement.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "runtime/postgres/transaction.hpp"
#include "runtime/postgres/view_sql.hpp"

namespace weir::postgres {
namespace {

constexpr const char* lock_registration = "SELECT pg_advisory_xact_lock(hashtextextended('weir: schema', 0))";

bool lacks_primary_key(const view_plan& view) {
  return std::none_of(view.outputs.begin(), view.outputs.end(), [](const auto& o) { return o.is_key; }) ||
         std::any_of(view.outputs.begin(), view.outputs.end(), [](const auto& o) { return o.is_key && !o.not_null; });
}

/// One registration: the pipeline's row, then for each view its state table and its view table.
class registration {
public:
  registration(connection& target, const pipeline_plan& plan) : target_(target), plan_(plan) {}

  status run(const std::string& definition) {
    WEIR_TRY(target_.execute(lock_registration));
    // One connection to each node does everything: two would not see what the other has made. To others it means
    // nothing.
    WEIR_TRY(target_.execute("SET LOCAL citus.multi_shard_modify_mode = 'sequential'"));
    WEIR_TRY(insert_pipeline(definition));
    for (const auto& view : plan_.views) WEIR_TRY(check_owner(view));
    if (evolves_) WEIR_TRY(evolve());
    for (std::size_t i = 0; i < plan_.views.size(); ++i) WEIR_TRY(make_tables(i));
    return {};
  }

private:
  status insert_pipeline(const std::string& definition) {
    WEIR_TRY(insert_fingerprint(definition));
    // Its text may say otherwise what the plan has not: a setting, a comment.
    const std::vector<parameter> row{plan_.name, definition};
    return target_.execute("UPDATE weir.pipelines SET definition = $2 WHERE pipeline = $1 AND definition <> $2", row);
  }

  status insert_fingerprint(const std::string& definition) {
    const std::vector<parameter> name{plan_.name};
    WEIR_ASSIGN(const query_result known,
                target_.query("SELECT fingerprint FROM weir.pipelines WHERE pipeline = $1", name));
    registered_ = known.rows() == 1;
    if (!registered_) {
      const std::vector<parameter> row{plan_.name, registered_fingerprint(plan_), definition};
      return target_.execute("INSERT INTO weir.pipelines (pipeline, fingerprint, definition) VALUES ($1, $2, $3)", row);
    }
    auto likeness = compare_fingerprint(known.at(0, 0), plan_);
    if (likeness == plan_likeness::same) {
      WEIR_ASSIGN(const bool outgrown, null_is_new());
      if (!outgrown) return known.at(0, 0) == registered_fingerprint(plan_) ? status{} : remember();
      WEIR_TRY(remember(outgrown_fingerprint())); // the writer is to see it, too
      likeness = plan_likeness::other_types;
    }
    evolves_ = likeness == plan_likeness::other_types;
    if (evolves_ && plan_.supervise.on_schema_change == on_schema_change::stop)
      return error{errc::schema_changed,
                   fmt::format("pipeline {} was registered in {} when columns that its views use had other types, or "
                               "other places in their tables, time zones other rules, or databases other letters",
                               plan_.name, target_.address()),
                   "change them back, or weir drop, then weir run; `on schema change evolve;` lets weir follow"};
    if (evolves_) return {};
    return error{
        errc::definition_changed,
        fmt::format("pipeline {} is registered in {} with another definition", plan_.name, target_.address()),
        "its views would be wrong under the new one: weir drop, then weir run; or give the pipeline another name"};
  }

  /// A key that could not be null can be now: that is in no fingerprint.
  result<bool> null_is_new() {
    for (std::size_t i = 0; i < plan_.views.size(); ++i) {
      WEIR_ASSIGN(const bool found, refuses_nulls(target_, plan_, i));
      if (found) return true;
    }
    return false;
  }

  /// Of the same definition, and of no plan.
  std::string outgrown_fingerprint() const {
    const auto whole = registered_fingerprint(plan_);
    return "outgrown" + whole.substr(whole.find('-'));
  }

  /// This plan is the one that the tables are for, from now on.
  status remember() { return remember(registered_fingerprint(plan_)); }
  status remember(const std::string& print) {
    const std::vector<parameter> row{plan_.name, print};
    return target_.execute("UPDATE weir.pipelines SET fingerprint = $2 WHERE pipeline = $1", row);
  }

  /// The definition is the same, columns of its sources have other types. Where no row has to change the tables follow
  /// at once; else the fingerprint stays, and the writer remakes them in the cut that holds all the loads.
  status evolve() {
    const std::vector<parameter> name{plan_.name};
    WEIR_ASSIGN(const query_result blind,
                target_.query("SELECT FROM weir.frontier WHERE pipeline = $1 AND shapes = '' LIMIT 1", name));
    // Without knowing what was read nobody can tell whether rows were rewritten meanwhile.
    if (blind.rows() > 0) return {};
    std::vector<std::string> statements;
    for (std::size_t i = 0; i < plan_.views.size(); ++i) {
      WEIR_ASSIGN(auto step, read_evolution(target_, plan_, i));
      if (step.what == view_evolution::kind::remake) return {};
      for (auto& s : step.statements) statements.push_back(std::move(s));
    }
    for (const auto& s : statements) WEIR_TRY(target_.execute(s));
    evolves_ = false;
    return remember();
  }

  /// A table takes one view.
  status check_owner(const view_plan& view) {
    const std::vector<parameter> sink{view.sink.schema, view.sink.table, plan_.name, view.name};
    WEIR_ASSIGN(const query_result other,
                target_.query("SELECT pipeline, view FROM weir.views WHERE sink_schema = $1 AND sink_table = $2 "
                              "AND (pipeline, view) <> ($3, $4)",
                              sink));
    if (other.rows() == 0) return {};
    return error{
        errc::sink_unfit,
        fmt::format("table {} already holds view {} of pipeline {}", table_of(view), other.at(0, 1), other.at(0, 0)),
        "name another table in the sink"};
  }

  status make_tables(std::size_t index) {
    const auto& view = plan_.views[index];
    WEIR_TRY(check_types(target_, view));
    const auto state = state_table_name(plan_.name, view.name);
    WEIR_ASSIGN(const auto view_table, find_table(target_, view.sink.schema, view.sink.table));
    WEIR_ASSIGN(const auto state_table, find_table(target_, "weir", state));
    if (registered_ && !state_table)
      return error{errc::sink_unfit, fmt::format("the state of view {}, weir.{}, is gone", view.name, state),
                   "it cannot be continued: weir drop, then weir run"};
    if (evolves_) {
      if (view_table) return {};
      return error{errc::sink_unfit, fmt::format("the table of view {}, {}, is gone", view.name, table_of(view)),
                   "weir drop, then weir run"};
    }
    if (view_table) {
      WEIR_TRY(check_fitness(target_, view, *view_table));
      WEIR_TRY(check_placement(target_, view, view_table->oid));
      if (!registered_) WEIR_TRY(check_empty(view, *view_table));
    } else {
      WEIR_TRY(make_view_table(index));
    }
    if (!state_table) WEIR_TRY(target_.execute(create_state_table_sql(plan_, index, target_)));
    WEIR_TRY(place_state(target_, plan_, index));
    if (registered_ && !view_table) WEIR_TRY(target_.execute(view_sql(plan_, index, target_).rebuild()));
    if (!view_table || (view_table->owned && !view_table->described)) WEIR_TRY(describe(view));
    const std::vector<parameter> row{plan_.name, view.name, view.sink.schema, view.sink.table, state};
    return target_.execute("INSERT INTO weir.views (pipeline, view, sink_schema, sink_table, state_table) "
                           "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (pipeline, view) DO NOTHING",
                           row);
  }

  status check_empty(const view_plan& view, const existing_table& table) const {
    if (!table.has_rows) return {};
    return error{errc::sink_unfit,
                 fmt::format("table {} has rows that weir did not write as view {} of pipeline {}", table_of(view),
                             view.name, plan_.name),
                 fmt::format("TRUNCATE {}, or name another table in the sink", table_of(view))};
  }

  status make_view_table(std::size_t index) {
    const auto& view = plan_.views[index];
    const std::vector<parameter> schema{view.sink.schema};
    WEIR_ASSIGN(const query_result found, target_.query("SELECT has_schema_privilege(oid, 'CREATE'), "
                                                        "quote_ident(current_user), quote_ident(current_database()) "
                                                        "FROM (VALUES (1)) AS one LEFT JOIN pg_namespace "
                                                        "ON nspname = $1",
                                                        schema));
    const auto refused = [&](error e, const std::string& grant) {
      if (e.code == errc::permission_denied) e.hint = fmt::format("GRANT {} TO {}", grant, found.at(0, 1));
      return e;
    };
    const auto name = target_.identifier(view.sink.schema);
    if (found.is_null(0, 0))
      if (auto made = target_.execute("CREATE SCHEMA " + name); !made)
        return refused(std::move(made).error(), fmt::format("CREATE ON DATABASE {}", found.at(0, 2)));
    if (auto made = target_.execute(create_view_table_sql(plan_, index, target_)); !made)
      return refused(std::move(made).error(), fmt::format("USAGE, CREATE ON SCHEMA {}", name));
    if (lacks_primary_key(view)) // and so its rows could not be updated once somebody publishes it
      WEIR_TRY(target_.execute(fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL", table_of(view))));
    WEIR_TRY(place_table(target_, view));
    // A schema may decide for itself where its tables are.
    WEIR_ASSIGN(const auto table, find_table(target_, view.sink.schema, view.sink.table));
    return check_placement(target_, view, table->oid);
  }

  status describe(const view_plan& view) {
    const auto text =
        fmt::format("View {} of pipeline {}, kept by weir: read it, do not write it.", view.name, plan_.name);
    return target_.execute(fmt::format("COMMENT ON TABLE {} IS {}", table_of(view), target_.literal(text)));
  }

  std::string table_of(const view_plan& view) const { return target_.qualified(view.sink.schema, view.sink.table); }

  connection& target_;
  const pipeline_plan& plan_;
  bool registered_ = false;
  bool evolves_ = false; ///< the tables are those of a plan with other types
};

status drop_tables(connection& target, const std::string& pipeline, bool views) {
  const std::vector<parameter> name{pipeline};
  WEIR_ASSIGN(const query_result rows,
              target.query("SELECT state_table, sink_schema, sink_table FROM weir.views WHERE pipeline = $1", name));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (const auto& table : {std::string(rows.at(i, 0)), staged_table_name(std::string(rows.at(i, 0)))})
      WEIR_TRY(target.execute("DROP TABLE IF EXISTS " + target.qualified("weir", table)));
    if (views) WEIR_TRY(target.execute("DROP TABLE IF EXISTS " + target.qualified(rows.at(i, 1), rows.at(i, 2))));
  }
  return {};
}

} // namespace

status register_pipeline(connection& target, const pipeline_plan& plan, const std::string& definition) {
  return in_transaction(target, [&] { return registration(target, plan).run(definition); });
}

status unregister_pipeline(connection& target, const std::string& pipeline, bool views) {
  WEIR_ASSIGN(const query_result installed, target.query("SELECT to_regclass('weir.pipelines') IS NOT NULL"));
  if (installed.at(0, 0) != "t") return {};
  return in_transaction(target, [&]() -> status {
    WEIR_TRY(target.execute(lock_registration));
    WEIR_TRY(drop_tables(target, pipeline, views));
    const std::vector<parameter> name{pipeline};
    for (const auto* table :
         {"views", "nodes", "members", "frontier", "cuts", "holds", "events", "dead_letters", "lease", "pipelines"})
      WEIR_TRY(target.execute(fmt::format("DELETE FROM weir.{} WHERE pipeline = $1", table), name));
    return {};
  });
}

} // namespace weir::postgres
