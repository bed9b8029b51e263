#include "runtime/postgres/citus_translation.hpp"

#include <charconv>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/table_remake.hpp"

namespace weir::postgres {
namespace {

std::string place(const connection& sql, const node_spec& node) {
  return fmt::format("node {} ({})", node.name, sql.address());
}

/// What Citus knows of the sources and of their partitions, for WITH. `here`: the tables of shards on this node.
///
/// shard_name() gives "schema.name", or the name alone for schema public.
std::string known_tables(const connection& sql, const pipeline_plan& plan) {
  std::string wanted;
  std::set<std::pair<std::string, std::string>> named;
  for (const auto& s : plan.sources)
    if (named.emplace(s.schema, s.table).second)
      wanted += fmt::format("{}({}, {})", wanted.empty() ? "" : ", ", sql.literal(s.schema), sql.literal(s.table));
  return fmt::format(
      "tables AS MATERIALIZED (SELECT d.logicalrelid::oid AS oid, d.*, l.relnamespace, l.relname, "
      "n.nspname FROM pg_class r JOIN pg_namespace rn ON rn.oid = r.relnamespace LEFT JOIN LATERAL "
      "pg_partition_tree(r.oid) t ON true JOIN pg_catalog.pg_dist_partition d ON d.logicalrelid = coalesce(t.relid, "
      "r.oid) JOIN pg_class l ON l.oid = d.logicalrelid JOIN pg_namespace n ON n.oid = l.relnamespace WHERE "
      "(rn.nspname, r.relname) IN ({})), "
      "shards AS MATERIALIZED (SELECT s.shardid, tables.* FROM pg_catalog.pg_dist_shard s JOIN tables USING "
      "(logicalrelid)), "
      "placed AS MATERIALIZED (SELECT p.placementid, p.shardid, p.groupid FROM pg_catalog.pg_dist_placement p JOIN "
      "shards USING (shardid) WHERE p.shardstate = 1), "
      "here AS MATERIALIZED (SELECT shards.*, to_regclass(format('%I.%I', nspname, (SELECT parts[array_upper(parts, "
      "1)] FROM parse_ident(shard_name(logicalrelid, shardid)) AS parts)))::oid AS shard FROM shards JOIN placed USING "
      "(shardid) WHERE groupid = (SELECT groupid FROM pg_catalog.pg_dist_local_group))",
      wanted);
}

error unfit(const connection& sql, const node_spec& node, const std::string& what, std::string cure) {
  return {errc::unsupported, fmt::format("{}: {}", place(sql, node), what), std::move(cure)};
}

/// Is the decoder Citus', for everybody who may move a shard?
status check_decoder(connection& sql, const node_spec& node) {
  WEIR_ASSIGN(
      const auto setting,
      sql.query("SELECT setting, source, pg_has_role('pg_read_all_settings', 'USAGE'), CASE WHEN "
                "pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('dynamic_library_path') END, "
                "quote_ident(current_user) FROM pg_settings WHERE name = 'citus.enable_change_data_capture'"));
  const auto on = "ALTER SYSTEM SET citus.enable_change_data_capture = 'on'; SELECT pg_reload_conf(); -- on every node";
  if (setting.rows() == 0)
    return unfit(sql, node, "it has no setting citus.enable_change_data_capture: Citus 11.3 and later have it",
                 "capture raw, in the cluster block");
  if (setting.at(0, 0) != "on") return unfit(sql, node, "citus.enable_change_data_capture is off", on);
  const auto source = setting.at(0, 1);
  if (source == "client" || source == "session" || source == "user" || source == "database user")
    return unfit(sql, node, "citus.enable_change_data_capture is switched on for weir alone, not for who moves shards",
                 on);
  WEIR_ASSIGN(const auto overrides,
              sql.query("SELECT coalesce('role ' || rolname, 'all roles') || coalesce(' in database ' || datname, '') "
                        "FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = setrole LEFT JOIN pg_database d ON "
                        "d.oid = setdatabase WHERE (datname IS NULL OR datname = current_database()) AND EXISTS "
                        "(SELECT FROM unnest(setconfig) AS c WHERE c ~* "
                        "'^citus\\.enable_change_data_capture=(off|of|false|fals|fal|fa|f|no|n|0)$') ORDER BY 1"));
  if (overrides.rows() > 0)
    return unfit(sql, node,
                 fmt::format("citus.enable_change_data_capture is switched off for {}: copies of shards that such a "
                             "session moves come as new rows",
                             overrides.at(0, 0)),
                 "ALTER ROLE … RESET citus.enable_change_data_capture");
  if (setting.at(0, 2) != "t")
    return unfit(sql, node,
                 fmt::format("role {} may not see dynamic_library_path, and so not whether Citus' decoder is used",
                             setting.at(0, 4)),
                 fmt::format("GRANT pg_read_all_settings TO {}", setting.at(0, 4)));
  if (setting.at(0, 3).find("citus_decoders") == std::string_view::npos)
    return unfit(
        sql, node,
        fmt::format("dynamic_library_path is '{}', so that Citus' decoder is not found, whatever its setting says",
                    setting.at(0, 3)),
        "ALTER SYSTEM SET dynamic_library_path = '$libdir/citus_decoders:$libdir'; then restart the server");
  return {};
}

/// Does each change come exactly once?
status check_placements(connection& sql, const pipeline_plan& plan, const node_spec& node) {
  WEIR_ASSIGN(const auto rows,
              sql.query(fmt::format(
                  "WITH {}, counted AS (SELECT oid, shardid, partmethod = 'n' AND repmodel = 't' AS reference, "
                  "count(placementid) AS n, count(*) FILTER (WHERE groupid = 0) AS at_coordinator FROM shards LEFT "
                  "JOIN placed USING (shardid) GROUP BY 1, 2, 3) SELECT format('%I.%I', nspname, relname), reference, "
                  "max(n) FROM counted JOIN tables USING (oid) WHERE CASE WHEN reference THEN at_coordinator = 0 ELSE "
                  "n > 1 END GROUP BY 1, 2 ORDER BY 1",
                  known_tables(sql, plan))));
  if (rows.rows() == 0) return {};
  if (rows.at(0, 1) == "t")
    return unfit(
        sql, node,
        fmt::format("reference table {} has no placement on the coordinator: nobody sends its changes", rows.at(0, 0)),
        reference_placement_cure);
  WEIR_ASSIGN(const auto cure, remake_sql(sql, std::string(rows.at(0, 0)), remake_aim::second_placements));
  return unfit(sql, node,
               fmt::format("shards of {} have {} placements: each change would come {} times", rows.at(0, 0),
                           rows.at(0, 2), rows.at(0, 2)),
               "capture raw; or " + cure);
}

status first_of(const connection& sql, const node_spec& node, const std::vector<misfit>& found) {
  if (found.empty()) return {};
  return unfit(sql, node, fmt::format("{} {}", found.front().table, found.front().what), found.front().cure);
}

std::map<std::uint32_t, std::uint32_t> files_of(std::string_view text) {
  std::map<std::uint32_t, std::uint32_t> files;
  const auto* at = text.data();
  const auto* end = at + text.size();
  const auto number = [&] {
    std::uint32_t value = 0;
    at = std::from_chars(at, end, value).ptr;
    if (at != end) ++at;
    return value;
  };
  while (at != end) {
    const auto oid = number();
    files.emplace(oid, number());
  }
  return files;
}

} // namespace

result<std::vector<misfit>> shard_like_tables(connection& sql, const pipeline_plan& plan) {
  WEIR_ASSIGN(const auto rows,
              sql.query(fmt::format(
                  "WITH {} SELECT format('%I.%I', cn.nspname, c.relname), format('%I.%I', min(shards.nspname), "
                  "min(shards.relname)), min(format('%I', c.relname || '_')) FROM pg_class c JOIN pg_namespace cn ON "
                  "cn.oid = c.relnamespace JOIN shards ON "
                  "shards.shardid::text = substring(c.relname FROM '_([0-9]+)$') WHERE c.relkind IN ('r', 'p') AND "
                  "cn.nspname NOT IN ('pg_catalog', 'information_schema') AND NOT (c.relnamespace = "
                  "shards.relnamespace AND c.relname = (SELECT parts[array_upper(parts, 1)] FROM "
                  "parse_ident(shard_name(shards.logicalrelid, shards.shardid)) AS parts)) GROUP BY 1 ORDER BY 1",
                  known_tables(sql, plan))));
  std::vector<misfit> found;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    found.push_back({std::string(rows.at(i, 0)),
                     fmt::format("is taken by Citus' decoder for a shard of {}, by its name", rows.at(i, 1)),
                     fmt::format("ALTER TABLE {} RENAME TO {};", rows.at(i, 0), rows.at(i, 2))});
  return found;
}

result<std::vector<misfit>> tables_with_dropped_columns(connection& sql, const pipeline_plan& plan) {
  WEIR_ASSIGN(const auto rows,
              sql.query(fmt::format(
                  "WITH {}, looked AS (SELECT nspname, relname, oid AS at FROM tables UNION ALL SELECT nspname, "
                  "relname, shard FROM here) SELECT DISTINCT format('%I.%I', nspname, relname) FROM looked WHERE "
                  "EXISTS (SELECT FROM pg_attribute WHERE attrelid = looked.at AND attisdropped) ORDER BY 1",
                  known_tables(sql, plan))));
  std::vector<misfit> found;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const std::string table(rows.at(i, 0));
    WEIR_ASSIGN(auto cure, remake_sql(sql, table, remake_aim::dropped_columns));
    found.push_back({table, "has dropped columns: Citus' decoder hangs or crashes on its rows", std::move(cure)});
  }
  return found;
}

result<std::vector<misfit>> misshapen_shards(connection& sql, const pipeline_plan& plan) {
  const auto columns = [](const char* of) {
    return fmt::format("(SELECT array_agg(format('%s %s %s', attname, atttypid, atttypmod) ORDER BY attnum) FROM "
                       "pg_attribute WHERE attrelid = {} AND attnum > 0 AND NOT attisdropped)",
                       of);
  };
  // What a shard lacks at its end comes as NULL, and no view is told of it but those that read it.
  WEIR_ASSIGN(const auto rows,
              sql.query(fmt::format(
                  "WITH {}, shapes AS (SELECT nspname, relname, shard::regclass::text AS name, {} AS have, {} AS want "
                  "FROM here WHERE shard IS NOT NULL) SELECT format('%I.%I', nspname, relname), name FROM shapes WHERE "
                  "have <> want[1:coalesce(array_length(have, 1), 0)] ORDER BY 2",
                  known_tables(sql, plan), columns("shard"), columns("oid"))));
  std::vector<misfit> found;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    found.push_back({std::string(rows.at(i, 1)),
                     fmt::format("has not the columns of {}: Citus' decoder would take them for others", rows.at(i, 0)),
                     "capture raw; or make the shard's columns those of its table, in its order"});
  return found;
}

status check_translation(connection& sql, const pipeline_plan& plan, const node_spec& node) {
  WEIR_TRY(check_decoder(sql, node));
  WEIR_TRY(check_placements(sql, plan, node));
  WEIR_ASSIGN(auto holed, tables_with_dropped_columns(sql, plan));
  for (auto& f : holed) f.cure = f.cure.empty() ? "capture raw" : "capture raw; or " + f.cure;
  WEIR_TRY(first_of(sql, node, holed));
  WEIR_ASSIGN(const auto alike, shard_like_tables(sql, plan));
  WEIR_TRY(first_of(sql, node, alike));
  WEIR_ASSIGN(const auto misshapen, misshapen_shards(sql, plan));
  return first_of(sql, node, misshapen);
}

result<translation> read_translation(connection& sql, const pipeline_plan& plan) {
  WEIR_ASSIGN(
      const auto row,
      sql.query(fmt::format(
          "WITH {} SELECT concat_ws(';', (SELECT string_agg(concat_ws(' ', oid, partmethod, repmodel, colocationid), "
          "',' ORDER BY oid) FROM tables), (SELECT string_agg(concat_ws(' ', shardid, oid), ',' ORDER BY shardid) FROM "
          "shards), (SELECT string_agg(r.oid::text, ',' ORDER BY r.oid) FROM pg_publication_rel r JOIN pg_publication "
          "p ON p.oid = r.prpubid WHERE p.pubname = {})), (SELECT string_agg(concat_ws(' ', placementid, shardid, "
          "groupid), ',' ORDER BY placementid) FROM placed), (SELECT string_agg(concat_ws(' ', shard, "
          "coalesce(pg_relation_filenode(shard), 0)), ',') FROM here WHERE shard IS NOT NULL)",
          known_tables(sql, plan), sql.literal(publication_name(plan.name)))));
  return translation{std::string(row.at(0, 0)), row.is_null(0, 1) ? "" : std::string(row.at(0, 1)),
                     row.is_null(0, 2) ? std::map<std::uint32_t, std::uint32_t>{} : files_of(row.at(0, 2))};
}

result<translation_look> look_at_translation(connection& sql, const pipeline_plan& plan) {
  // A transaction that has added shards keeps its lock until it is over; only when it is prepared can others know of
  // them. First the lock, then the catalogs, each at a snapshot of its own: what was let go of is seen.
  WEIR_ASSIGN(const auto doubt,
              sql.query("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'relation' AND pid IS NULL AND mode = "
                        "'RowExclusiveLock' AND relation = 'pg_catalog.pg_dist_shard'::regclass AND database = (SELECT "
                        "oid FROM pg_database WHERE datname = current_database()))"));
  WEIR_ASSIGN(auto now, read_translation(sql, plan));
  return translation_look{doubt.at(0, 0) == "t", std::move(now)};
}

} // namespace weir::postgres
