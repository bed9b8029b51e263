#include "runtime/doctor/setup_sql.hpp"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/doctor/questions.hpp"
#include "runtime/postgres/discovery.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/raw_publication.hpp"

namespace weir::doctor {

namespace {

/// A body between dollars that do not occur in it.
std::string do_block(const std::string& body) {
  std::string tag = "$weir$";
  while (body.find(tag) != std::string::npos) tag.insert(tag.size() - 1, "_");
  return fmt::format("DO {0} BEGIN\n  {1}\nEND {0};\n", tag, body);
}

std::string unless(const std::string& condition, const std::string& statement) {
  return do_block(fmt::format("IF NOT EXISTS ({}) THEN\n    {}\n  END IF;", condition, statement));
}

/// An argument of a command of psql.
std::string psql_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c == '\'' ? '\'' : '\\';
    out += c;
  }
  return out + "'";
}

std::string heading(const postgres::connection& sql, const std::string& what) {
  return fmt::format("\n-- {}\n\\connect -reuse-previous=on {}\n", what, psql_quoted(postgres::place_of(sql)));
}

struct place_facts {
  bool citus = false;
  bool coordinator = false; ///< or no Citus: what is said here counts here
  std::string database;
};

result<place_facts> look(postgres::connection& sql) {
  WEIR_ASSIGN(const auto row,
              sql.query("SELECT to_regclass('pg_catalog.pg_dist_local_group') IS NOT NULL, current_database()"));
  place_facts facts{true_at(row, 0, 0), true, text_at(row, 0, 1)};
  if (!facts.citus) return facts;
  WEIR_ASSIGN(const auto group, sql.query("SELECT groupid FROM pg_catalog.pg_dist_local_group"));
  facts.citus = group.rows() > 0;
  facts.coordinator = !facts.citus || group.at(0, 0) == "0";
  return facts;
}

std::string role_sql(const postgres::connection& sql, const std::string& role, bool replicates) {
  const auto name = sql.identifier(role);
  return unless(fmt::format("SELECT FROM pg_roles WHERE rolname = {}", sql.literal(role)),
                fmt::format("CREATE ROLE {} LOGIN;", name)) +
         fmt::format("ALTER ROLE {} LOGIN{}; -- its password: \\password {}\n", name, replicates ? " REPLICATION" : "",
                     name);
}

constexpr const char* alone = "SET citus.enable_ddl_propagation TO off;\n";

/// Citus passes what is said on the coordinator on to its workers and to the shards, and fails where a role is on some
/// nodes only: so each node is given the role by itself, and rights once, on the coordinator.
std::string own_role_sql(const postgres::connection& sql, const std::string& role, bool replicates, bool citus) {
  const auto text = role_sql(sql, role, replicates);
  return citus ? alone + text + "RESET citus.enable_ddl_propagation;\n" : text;
}

std::string grants_sql(const postgres::connection& sql, const setup_request& request, const std::string& database) {
  const auto role = sql.identifier(request.role);
  auto text = fmt::format("GRANT CONNECT ON DATABASE {} TO {};\n", sql.identifier(database), role);
  std::set<std::string> schemas;
  std::set<std::string> tables;
  for (const auto& source : request.plan.sources) {
    schemas.insert(sql.identifier(source.schema));
    tables.insert(sql.qualified(source.schema, source.table));
  }
  if (!schemas.empty()) text += fmt::format("GRANT USAGE ON SCHEMA {} TO {};\n", fmt::join(schemas, ", "), role);
  if (!tables.empty()) text += fmt::format("GRANT SELECT ON {} TO {};\n", fmt::join(tables, ", "), role);
  return text;
}

/// With weir as its owner `weir drop` can remove it, too.
std::string owned_sql(const postgres::connection& sql, const setup_request& request) {
  return fmt::format("ALTER PUBLICATION {} OWNER TO {};\n",
                     sql.identifier(postgres::publication_name(request.plan.name)), sql.identifier(request.role));
}

std::string when_missing(const postgres::connection& sql, const setup_request& request, const std::string& create) {
  return unless(fmt::format("SELECT FROM pg_publication WHERE pubname = {}",
                            sql.literal(postgres::publication_name(request.plan.name))),
                create);
}

/// What the publication takes now: made if it is not there, else altered.
result<std::string> tables_publication(postgres::connection& sql, const node_spec& node, const setup_request& request) {
  WEIR_ASSIGN(const auto statements, postgres::publication_changes(sql, request.plan, node));
  std::string text;
  for (const auto& statement : statements)
    text += statement.starts_with("CREATE") ? when_missing(sql, request, statement + ";") : statement + ";\n";
  return text + owned_sql(sql, request);
}

result<std::string> raw_publication(postgres::connection& sql, const node_spec& node, const setup_request& request) {
  const auto name = postgres::publication_name(request.plan.name);
  const std::vector<postgres::parameter> parameters{name};
  WEIR_ASSIGN(const auto there, sql.query("SELECT 1 FROM pg_publication WHERE pubname = $1", parameters));
  std::string text = "-- shards, and the catalogs that tell whose they are\n";
  const bool other = there.rows() > 0 && !postgres::verify_raw_publication(sql, request.plan, node);
  if (other) text += fmt::format("DROP PUBLICATION {};\n", sql.identifier(name));
  text += when_missing(sql, request, postgres::create_raw_publication_sql(request.plan, sql)) + owned_sql(sql, request);
  return text + fmt::format("-- lets weir pass over Citus' own decoder, where that is switched on\n"
                            "GRANT SET ON PARAMETER dynamic_library_path TO {};\n",
                            sql.identifier(request.role));
}

} // namespace

result<std::string> node_setup_sql(postgres::connection& sql, const node_spec& node, const setup_request& request) {
  WEIR_ASSIGN(const auto here, look(sql));
  auto text = heading(sql, fmt::format("node {}: is read", node.name));
  text += own_role_sql(sql, request.role, true, here.citus);
  if (here.coordinator) text += grants_sql(sql, request, here.database);
  if (here.citus) text += alone;
  const bool raw = here.citus && request.capture == capture_mode::raw;
  WEIR_ASSIGN(const auto publication,
              raw ? raw_publication(sql, node, request) : tables_publication(sql, node, request));
  if (here.citus && !raw)
    text += fmt::format("-- lets weir see whether Citus' own decoder is used\nGRANT pg_read_all_settings TO {};\n",
                        sql.identifier(request.role));
  return text + publication + "-- optional, lets `weir doctor` see more: GRANT pg_monitor TO " +
         sql.identifier(request.role) + ";\n";
}

result<std::string> target_setup_sql(postgres::connection& sql, const setup_request& request) {
  WEIR_ASSIGN(const auto here, look(sql));
  const auto role = sql.identifier(request.role);
  auto text = heading(sql, "target: views are written here") + own_role_sql(sql, request.role, false, here.citus);
  text += fmt::format("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {};\n", sql.identifier(here.database), role);
  text += fmt::format("CREATE SCHEMA IF NOT EXISTS weir AUTHORIZATION {};\n", role);
  std::set<std::string> schemas;
  for (const auto& view : request.plan.views) schemas.insert(sql.identifier(view.sink.schema));
  for (const auto& schema : schemas)
    text +=
        fmt::format("CREATE SCHEMA IF NOT EXISTS {0} AUTHORIZATION {1};\nGRANT USAGE, CREATE ON SCHEMA {0} TO {1};\n",
                    schema, role);
  for (const auto& view : request.plan.views) {
    const std::vector<postgres::parameter> name{sql.qualified(view.sink.schema, view.sink.table)};
    WEIR_ASSIGN(const auto there, sql.query("SELECT to_regclass($1) IS NOT NULL", name));
    if (true_at(there, 0, 0))
      text += fmt::format("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {};\n", *name.front(), role);
  }
  return text;
}

} // namespace weir::doctor
