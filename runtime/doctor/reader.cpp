#include "runtime/doctor/reader.hpp"

#include <fmt/format.h>

#include "runtime/doctor/questions.hpp"
#include "runtime/plan/letters.hpp"
#include "runtime/plan/zones.hpp"
#include "runtime/postgres/letter_check.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/sink_fitness.hpp"
#include "runtime/postgres/target_ddl.hpp"
#include "runtime/postgres/zone_check.hpp"

namespace weir::doctor {

namespace {

const postgres::connect_options as_doctor{.application_name = "weir doctor"};

void ask_replication(const node_spec& node, node_facts& facts) {
  auto options = as_doctor;
  options.replication = true;
  auto replication = postgres::connection::open(node.conninfo, options);
  if (!replication) {
    facts.replication_refused = std::move(replication).error();
    return;
  }
  auto identity = postgres::identify(*replication);
  if (identity)
    facts.system_id = std::move(identity->system_id);
  else
    facts.replication_refused = std::move(identity).error();
}

error as_sink_error(const std::string& sentence, const std::string& cure) { return {errc::sink_unfit, sentence, cure}; }

/// May the role make the table, and its schema if there is none?
status may_make_table(postgres::connection& sql, const sink_plan& sink, const server_facts& server) {
  const std::vector<postgres::parameter> name{sink.schema};
  WEIR_ASSIGN(const auto row,
              sql.query("SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = $1", name));
  const auto schema = sql.identifier(sink.schema);
  if (row.rows() == 0 && !server.may_create_in_database)
    return as_sink_error(fmt::format("role {} may not make schema {}", server.quoted_role, schema),
                         fmt::format("CREATE SCHEMA {} AUTHORIZATION {};", schema, server.quoted_role));
  if (row.rows() > 0 && !true_at(row, 0, 0))
    return as_sink_error(fmt::format("role {} may not make tables in schema {}", server.quoted_role, schema),
                         fmt::format("GRANT USAGE, CREATE ON SCHEMA {} TO {};", schema, server.quoted_role));
  return {};
}

status check_sink(postgres::connection& sql, const view_plan& view, const target_facts& facts) {
  WEIR_TRY(postgres::check_types(sql, view));
  WEIR_ASSIGN(const auto table, postgres::find_table(sql, view.sink.schema, view.sink.table));
  if (!table) return may_make_table(sql, view.sink, facts.server);
  WEIR_TRY(postgres::check_fitness(sql, view, *table));
  const auto name = sql.qualified(view.sink.schema, view.sink.table);
  if (table->has_rows && !facts.registered)
    return as_sink_error(fmt::format("table {} has rows that weir did not write", name),
                         fmt::format("TRUNCATE {}; -- or name another table in the sink", name));
  return {};
}

status ask_schema(postgres::connection& sql, target_facts& facts) {
  facts.wanted_version = postgres::schema_version;
  WEIR_ASSIGN(const auto row,
              sql.query("SELECT coalesce(substring(obj_description(oid, 'pg_namespace') FROM '^weir, schema version "
                        "([0-9]+)'), '0'), pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'weir'"));
  facts.schema_there = row.rows() > 0;
  if (!facts.schema_there) return {};
  facts.schema_version = number_at<int>(row, 0, 0);
  facts.owns_schema = true_at(row, 0, 1);
  return {};
}

status ask_registration(postgres::connection& sql, const pipeline_plan& plan, bool bound, target_facts& facts) {
  if (facts.schema_version == 0) return {};
  const std::vector<postgres::parameter> name{plan.name};
  WEIR_ASSIGN(const auto row, sql.query("SELECT fingerprint FROM weir.pipelines WHERE pipeline = $1", name));
  facts.registered = row.rows() > 0;
  const auto least =
      plan.supervise.on_schema_change == on_schema_change::evolve ? plan_likeness::other_types : plan_likeness::same;
  facts.same_definition = !facts.registered || !bound || compare_fingerprint(row.at(0, 0), plan) <= least;
  WEIR_ASSIGN(const auto lease,
              sql.query("SELECT holder FROM weir.lease WHERE pipeline = $1 AND holder IS NOT NULL AND "
                        "renewed + expiry > clock_timestamp()",
                        name));
  if (lease.rows() > 0) facts.holder = text_at(lease, 0, 0);
  return {};
}

status ask_zones(postgres::connection& sql, const pipeline_plan& plan, server_facts& facts) {
  facts.zones = zones_of(plan);
  WEIR_ASSIGN(facts.zone_difference, postgres::zone_difference(sql, plan));
  return {};
}

status ask_letters(postgres::connection& sql, const pipeline_plan& plan, server_facts& facts) {
  facts.uses_letters = cases_of(plan) != nullptr;
  WEIR_ASSIGN(facts.letter_difference, postgres::letter_difference(sql, plan));
  return {};
}

} // namespace

result<node_facts> read_node(const pipeline_plan& plan, const node_spec& node, const known_nodes& before) {
  WEIR_ASSIGN(auto sql, postgres::connection::open(node.conninfo, as_doctor));
  node_facts facts;
  facts.slot = postgres::slot_name(plan.name, node.name);
  if (const auto known = before.find(node.name); known != before.end()) {
    facts.known = true;
    facts.expected_system_id = known->second;
  }
  WEIR_TRY(ask_server(sql, facts.server));
  WEIR_TRY(ask_log(sql, facts.log));
  const auto note = [&](status asked) {
    if (!asked) facts.unread.push_back(std::move(asked).error());
  };
  note(ask_zones(sql, plan, facts.server));
  note(ask_letters(sql, plan, facts.server));
  note(ask_slots(sql, facts));
  note(ask_waiting(sql, facts));
  note(ask_sources(sql, plan, node.group, facts));
  note(ask_publication(sql, plan, node, facts));
  note(ask_citus(sql, plan, node, facts));
  ask_replication(node, facts);
  return facts;
}

result<target_facts> read_target(const pipeline_plan& plan, bool bound) {
  WEIR_ASSIGN(auto sql, postgres::connection::open(plan.target.conninfo, as_doctor));
  target_facts facts;
  WEIR_TRY(ask_server(sql, facts.server));
  const auto note = [&](status asked) {
    if (!asked) facts.unread.push_back(std::move(asked).error());
  };
  note(ask_zones(sql, plan, facts.server));
  note(ask_letters(sql, plan, facts.server));
  note(ask_schema(sql, facts));
  note(ask_registration(sql, plan, bound, facts));
  for (const auto& view : plan.views) {
    sink_facts sink{view.name, sql.qualified(view.sink.schema, view.sink.table), std::nullopt};
    if (auto fit = check_sink(sql, view, facts); !fit) sink.unfit = std::move(fit).error();
    facts.sinks.push_back(std::move(sink));
  }
  return facts;
}

known_nodes read_known_nodes(const pipeline_plan& plan) {
  known_nodes known;
  auto sql = postgres::connection::open(plan.target.conninfo, as_doctor);
  if (!sql) return known;
  const std::vector<postgres::parameter> name{plan.name};
  const auto rows = sql->query("SELECT node, system_id FROM weir.frontier WHERE pipeline = $1", name);
  for (std::size_t i = 0; rows && i < rows->rows(); ++i) known.emplace(text_at(*rows, i, 0), text_at(*rows, i, 1));
  return known;
}

} // namespace weir::doctor
