#include <algorithm>

#include <fmt/format.h>

#include "runtime/doctor/questions.hpp"
#include "runtime/postgres/node_admin.hpp"

namespace weir::doctor {

namespace {

constexpr const char* source_sql = R"(
SELECT quote_ident($1), format('%I.%I', $1::text, $2::text), c.oid IS NOT NULL, c.relkind, c.relreplident,
       c.relreplident = 'f' OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND
         (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident)),
       has_table_privilege(c.oid, 'SELECT') OR NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND
         a.attname = ANY ({}) AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')),
       has_schema_privilege(n.oid, 'USAGE'), coalesce(row_security_active(c.oid), false), am.amname = 'columnar'
FROM (VALUES (1)) AS one LEFT JOIN pg_namespace n ON n.nspname = $1
LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $2 LEFT JOIN pg_am am ON am.oid = c.relam)";

replica_identity identity_of(std::string_view code) {
  if (code == "f") return replica_identity::full;
  if (code == "i") return replica_identity::index;
  return code == "n" ? replica_identity::nothing : replica_identity::primary_key;
}

/// The columns that some view reads of the source; where they are not known, a name that no column has.
std::string columns_of(const postgres::connection& sql, const source_plan& source) {
  std::string list;
  for (const auto& c : source.columns) list += (list.empty() ? "" : ", ") + sql.literal(c.name);
  return fmt::format("ARRAY[{}]::text[]", list);
}

result<source_facts> ask_source(postgres::connection& sql, const source_plan& source) {
  const std::vector<postgres::parameter> name{source.schema, source.table};
  WEIR_ASSIGN(const auto row, sql.query(fmt::format(fmt::runtime(source_sql), columns_of(sql, source)), name));
  source_facts t;
  t.schema = source.schema;
  t.table = source.table;
  t.sql_schema = text_at(row, 0, 0);
  t.sql_name = text_at(row, 0, 1);
  t.there = true_at(row, 0, 2);
  if (!t.there) return t;
  t.kind = row.at(0, 3).front();
  t.identity = identity_of(row.at(0, 4));
  t.has_identity = true_at(row, 0, 5);
  t.may_select = true_at(row, 0, 6);
  t.may_use_schema = true_at(row, 0, 7);
  t.row_security = true_at(row, 0, 8);
  t.columnar = true_at(row, 0, 9);
  return t;
}

/// The rights that making or altering the publication takes, and are missing.
result<std::string> missing_rights(postgres::connection& sql, const pipeline_plan& plan, const node_facts& facts) {
  std::string grants;
  const auto add = [&](const std::string& grant) { grants += (grants.empty() ? "" : " ") + grant; };
  const auto& role = facts.server.quoted_role;
  if (!facts.publication.there && !facts.server.may_create_in_database)
    add(fmt::format("GRANT CREATE ON DATABASE {} TO {};", facts.server.quoted_database, role));
  const std::vector<postgres::parameter> publication{facts.publication.name};
  WEIR_ASSIGN(const auto owned, sql.query("SELECT quote_ident(pubname) FROM pg_publication WHERE pubname = $1 AND NOT "
                                          "pg_has_role(pubowner, 'USAGE')",
                                          publication));
  if (owned.rows() > 0) add(fmt::format("ALTER PUBLICATION {} OWNER TO {};", owned.at(0, 0), role));
  for (const auto& source : plan.sources) {
    const std::vector<postgres::parameter> name{source.schema, source.table};
    WEIR_ASSIGN(
        const auto owner,
        sql.query("SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class c JOIN pg_namespace n ON n.oid = "
                  "relnamespace WHERE nspname = $1 AND relname = $2 AND NOT pg_has_role(relowner, 'USAGE')",
                  name));
    if (owner.rows() == 0) continue;
    const auto grant = fmt::format("GRANT {} TO {};", owner.at(0, 0), role);
    if (grants.find(grant) == std::string::npos) add(grant);
  }
  return grants;
}

} // namespace

status ask_sources(postgres::connection& sql, const pipeline_plan& plan, std::optional<std::int32_t> group,
                   node_facts& facts) {
  for (const auto& source : plan.sources) {
    // Workers do not have the coordinator's own tables.
    if (source.kind == table_kind::coordinator && group.value_or(0) != 0) continue;
    WEIR_ASSIGN(auto found, ask_source(sql, source));
    facts.sources.push_back(std::move(found));
  }
  return {};
}

status ask_publication(postgres::connection& sql, const pipeline_plan& plan, const node_spec& node, node_facts& facts) {
  auto& p = facts.publication;
  p.name = postgres::publication_name(plan.name);
  const std::vector<postgres::parameter> name{p.name};
  WEIR_ASSIGN(const auto there, sql.query("SELECT 1 FROM pg_publication WHERE pubname = $1", name));
  p.there = there.rows() > 0;
  if (auto complete = postgres::verify_publication(sql, plan, node); !complete)
    p.incomplete = std::move(complete).error();
  if (!p.incomplete) return {};
  WEIR_ASSIGN(const auto missing, missing_rights(sql, plan, facts));
  p.may_make = facts.server.superuser || missing.empty();
  p.cure = fmt::format("{} -- or let a superuser run what `weir setup --print-sql FILE` prints", missing);
  return {};
}

} // namespace weir::doctor
