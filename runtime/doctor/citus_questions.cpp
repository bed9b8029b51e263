#include <fmt/format.h>

#include "runtime/doctor/questions.hpp"
#include "runtime/postgres/citus_translation.hpp"
#include "runtime/postgres/raw_publication.hpp"
#include "runtime/postgres/table_remake.hpp"

namespace weir::doctor {

namespace {

/// Columns by name through JSON: which there are differs between versions of Citus.
constexpr const char* membership_sql = R"(
SELECT l.groupid, coalesce((SELECT extversion FROM pg_extension WHERE extname = 'citus'), 'unknown'),
       n.groupid IS NOT NULL, coalesce((to_jsonb(n) ->> 'metadatasynced')::bool, true),
       coalesce(nullif(current_setting('citus.enable_change_data_capture', true), ''), 'off')::bool,
       CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('dynamic_library_path') END,
       has_parameter_privilege('dynamic_library_path', 'SET')
FROM pg_catalog.pg_dist_local_group l
LEFT JOIN pg_catalog.pg_dist_node n ON n.groupid = l.groupid AND n.noderole::text = 'primary' LIMIT 1)";

constexpr const char* overrides_sql = R"(
SELECT coalesce('role ' || rolname, 'all roles') || coalesce(' in database ' || datname, ''),
       format('ALTER ROLE %s%s RESET citus.enable_change_data_capture;', coalesce(quote_ident(rolname), 'ALL'),
              ' IN DATABASE ' || quote_ident(datname))
FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = setrole LEFT JOIN pg_database d ON d.oid = setdatabase
WHERE (datname IS NULL OR datname = current_database()) AND EXISTS (SELECT FROM unnest(setconfig) AS c
  WHERE c ~* '^citus\.enable_change_data_capture=(off|false|no|0)$') ORDER BY 1)";

constexpr const char* table_sql = R"(
SELECT p.partmethod, p.repmodel,
       coalesce((SELECT max(n) FROM (SELECT count(*) AS n FROM pg_catalog.pg_dist_shard s JOIN
         pg_catalog.pg_dist_placement USING (shardid) WHERE s.logicalrelid = p.logicalrelid GROUP BY shardid) AS x), 0),
       NOT EXISTS (SELECT FROM pg_catalog.pg_dist_shard s WHERE s.logicalrelid = p.logicalrelid AND NOT EXISTS (SELECT
         FROM pg_catalog.pg_dist_placement m WHERE m.shardid = s.shardid AND m.groupid = 0))
FROM pg_catalog.pg_dist_partition p WHERE p.logicalrelid = to_regclass($1))";

/// Ordinary tables of the sources' schemas that are not shards; Citus hides its own. What Citus distributes is altered
/// on the coordinator, and so named there alone.
constexpr const char* bystanders_sql = R"(
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am am ON am.oid = c.relam
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname IN ({})
AND NOT EXISTS (SELECT FROM pg_catalog.pg_dist_shard s JOIN pg_class l ON l.oid = s.logicalrelid
  WHERE c.relname = l.relname || '_' || s.shardid AND c.relnamespace = l.relnamespace)
AND NOT EXISTS (SELECT FROM pg_catalog.pg_dist_partition d, pg_catalog.pg_dist_local_group g
  WHERE d.logicalrelid = c.oid AND g.groupid <> 0) AND )";

constexpr const char* without_identity = "am.amname IS DISTINCT FROM 'columnar' AND (c.relreplident = 'n' OR "
                                         "c.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_index i WHERE "
                                         "i.indrelid = c.oid AND i.indisprimary))";
constexpr const char* columnar = "am.amname = 'columnar'";

status ask_tables(postgres::connection& sql, node_facts& facts) {
  for (auto& t : facts.sources) {
    if (!t.there) continue;
    const std::vector<postgres::parameter> name{t.sql_name};
    WEIR_ASSIGN(const auto row, sql.query(table_sql, name));
    if (row.rows() == 0) continue;
    t.citus_kind = row.at(0, 0).front();
    t.citus_replication = row.at(0, 1).front();
    t.most_placements = number_at<std::int64_t>(row, 0, 2);
    t.on_coordinator = true_at(row, 0, 3);
    if (t.most_placements < 2 || t.citus_replication == 't') continue;
    WEIR_ASSIGN(t.one_placement, postgres::remake_sql(sql, t.sql_name, postgres::remake_aim::second_placements));
  }
  return {};
}

status ask_bystanders(postgres::connection& sql, const pipeline_plan& plan, citus_facts& c) {
  std::string schemas;
  for (const auto& source : plan.sources) schemas += (schemas.empty() ? "" : ", ") + sql.literal(source.schema);
  if (schemas.empty()) return {};
  const auto ask = [&](const char* condition) {
    return sql.query("SELECT format('%I.%I', n.nspname, c.relname)" +
                     fmt::format(fmt::runtime(bystanders_sql), schemas) + condition + " ORDER BY 1");
  };
  WEIR_ASSIGN(const auto at_risk, ask(without_identity));
  c.without_identity = texts_of(at_risk);
  WEIR_ASSIGN(const auto columns, ask(columnar));
  c.columnar = texts_of(columns);
  WEIR_ASSIGN(const auto alike, postgres::shard_like_tables(sql, plan));
  for (const auto& found : alike) {
    c.shard_like.push_back(found.table);
    c.shard_like_cures.push_back(found.cure);
  }
  WEIR_ASSIGN(const auto holed, postgres::tables_with_dropped_columns(sql, plan));
  for (const auto& found : holed) {
    c.holed.push_back(found.table);
    c.holed_cures.push_back(found.cure);
  }
  WEIR_ASSIGN(const auto misshapen, postgres::misshapen_shards(sql, plan));
  for (const auto& found : misshapen) c.misshapen.push_back(found.table);
  return {};
}

} // namespace

status ask_citus(postgres::connection& sql, const pipeline_plan& plan, const node_spec& node, node_facts& facts) {
  WEIR_ASSIGN(const auto there, sql.query("SELECT to_regclass('pg_catalog.pg_dist_local_group') IS NOT NULL AND "
                                          "to_regclass('pg_catalog.pg_dist_node') IS NOT NULL"));
  if (!true_at(there, 0, 0)) return {};
  WEIR_ASSIGN(const auto row, sql.query(membership_sql));
  if (row.rows() == 0) return {};
  citus_facts c;
  c.group = number_at<std::int64_t>(row, 0, 0);
  c.version = text_at(row, 0, 1);
  c.listed = true_at(row, 0, 2);
  c.metadata_synced = true_at(row, 0, 3);
  c.change_data_capture = true_at(row, 0, 4);
  if (!row.is_null(0, 5)) c.loaded_from = text_at(row, 0, 5);
  c.may_unwrap = true_at(row, 0, 6);
  WEIR_ASSIGN(const auto overrides, sql.query(overrides_sql));
  c.overrides = texts_of(overrides);
  c.override_cures = texts_of(overrides, 1);
  WEIR_ASSIGN(c.wrapped, postgres::decoder_is_wrapped(sql));
  WEIR_ASSIGN(c.raw_possible, postgres::raw_capture_possible(sql, plan));
  c.raw_published = postgres::verify_raw_publication(sql, plan, node).has_value();
  c.raw_publication_sql = postgres::raw_publication_sql(plan, sql);
  WEIR_TRY(ask_tables(sql, facts));
  WEIR_TRY(ask_bystanders(sql, plan, c));
  facts.citus = std::move(c);
  return {};
}

} // namespace weir::doctor
