#include "runtime/postgres/citus_catalogs.hpp"

#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "runtime/postgres/raw_publication.hpp"

namespace weir::postgres {
namespace {

template <class Number>
Number number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// shard_name() gives "schema.name", or the name alone for schema public.
constexpr const char* shard_table =
    "(SELECT parts[array_upper(parts, 1)] FROM parse_ident(shard_name(s.logicalrelid, s.shardid)) AS parts)";

std::string name_list(const connection& sql, const std::vector<std::pair<std::string, std::string>>& tables) {
  std::string list;
  for (const auto& [schema, table] : tables)
    list += fmt::format("{}({}, {})", list.empty() ? "" : ", ", sql.literal(schema), sql.literal(table));
  return list;
}

result<bool> has_citus(connection& sql) {
  WEIR_ASSIGN(const auto found, sql.query("SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL"));
  return found.at(0, 0) == "t";
}

error cannot_follow(const connection& sql, std::string_view schema, std::string_view table, std::string_view what,
                    std::string hint) {
  return {errc::unsupported, fmt::format("{}: table {}.{} is {}", sql.address(), schema, table, what), std::move(hint)};
}

std::vector<std::pair<std::string, std::string>> tables_of(const pipeline_plan& plan) {
  std::vector<std::pair<std::string, std::string>> tables;
  for (const auto& s : plan.sources) tables.emplace_back(s.schema, s.table);
  return tables;
}

/// Citus does not carry REPLICA IDENTITY FULL to every shard of a partitioned table that had it before it was
/// distributed; old rows then come without the values that were promised. What counts are the tables that have rows:
/// those of roots lose it when they move, and need it for nothing (capture/binding.hpp).
status check_identities(connection& sql, const std::string& wanted) {
  WEIR_ASSIGN(
      const auto rows,
      sql.query(fmt::format(
          "WITH roots AS (SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = "
          "c.relnamespace WHERE c.relreplident = 'f' AND (n.nspname, c.relname) IN ({})), tables AS (SELECT r.nspname, "
          "r.relname, coalesce(t.relid, r.oid) AS relid FROM roots r LEFT JOIN LATERAL pg_partition_tree(r.oid) t ON "
          "true), shards AS (SELECT t.nspname, t.relname, tn.nspname AS shard_schema, {} AS name FROM tables t JOIN "
          "pg_class tc ON tc.oid = t.relid JOIN pg_namespace tn ON tn.oid = tc.relnamespace JOIN "
          "pg_catalog.pg_dist_shard s ON s.logicalrelid = t.relid) SELECT h.nspname, h.relname, sc.relname FROM shards "
          "h JOIN pg_class sc ON sc.oid = to_regclass(format('%I.%I', h.shard_schema, h.name)) WHERE sc.relreplident "
          "<> 'f' AND sc.relkind = 'r' ORDER BY sc.relname LIMIT 1",
          wanted, shard_table)));
  if (rows.rows() == 0) return {};
  const auto table = sql.qualified(rows.at(0, 0), rows.at(0, 1));
  return error{
      errc::replica_identity,
      fmt::format("{}: shard {} does not have the REPLICA IDENTITY FULL that table {} has", sql.address(),
                  rows.at(0, 2), table),
      fmt::format("on the coordinator, and for each partition too: ALTER TABLE {} REPLICA IDENTITY FULL", table)};
}

std::size_t source_named(const pipeline_plan& plan, std::string_view schema, std::string_view table) {
  std::size_t i = 0;
  while (plan.sources[i].schema != schema || plan.sources[i].table != table) ++i;
  return i;
}

} // namespace

result<std::map<std::pair<std::string, std::string>, table_kind>>
read_table_kinds(connection& sql, const std::vector<std::pair<std::string, std::string>>& tables) {
  std::map<std::pair<std::string, std::string>, table_kind> kinds;
  if (tables.empty()) return kinds;
  WEIR_ASSIGN(const bool citus, has_citus(sql));
  const std::string from = citus ? "LEFT JOIN pg_catalog.pg_dist_partition d ON d.logicalrelid = c.oid" : "";
  const std::string columns = citus ? "d.partmethod, d.repmodel, d.colocationid" : "NULL, NULL, NULL";
  WEIR_ASSIGN(const auto rows, sql.query(fmt::format(
                                   "SELECT n.nspname, c.relname, coalesce(a.amname, ''), {} FROM pg_class c "
                                   "JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam "
                                   "{} WHERE (n.nspname, c.relname) IN ({})",
                                   columns, from, name_list(sql, tables))));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto schema = rows.at(i, 0);
    const auto table = rows.at(i, 1);
    if (rows.at(i, 2) == "columnar")
      return cannot_follow(
          sql, schema, table, "columnar: its changes are not in the replication stream",
          fmt::format("SELECT alter_table_set_access_method({}, 'heap')", sql.literal(sql.qualified(schema, table))));
    auto kind = citus ? table_kind::coordinator : table_kind::plain;
    if (!rows.is_null(i, 3)) {
      const auto method = rows.at(i, 3);
      if (method != "h" && method != "n")
        return cannot_follow(sql, schema, table, method == "a" ? "distributed by append" : "distributed by range",
                             "weir follows tables that are distributed by hash; see alter_distributed_table()");
      if (method == "h")
        kind = table_kind::distributed;
      else if (rows.at(i, 4) == "t")
        kind = table_kind::reference;
      else
        kind = rows.at(i, 5) == "0" ? table_kind::citus_local : table_kind::single_shard;
    }
    kinds.emplace(std::pair{std::string(schema), std::string(table)}, kind);
  }
  return kinds;
}

result<ownership> read_ownership(connection& sql, const pipeline_plan& plan) {
  WEIR_ASSIGN(const auto group, sql.query("SELECT groupid FROM pg_catalog.pg_dist_local_group"));
  if (group.rows() == 0)
    return error{errc::unsupported,
                 fmt::format("{}: pg_dist_local_group is empty: no node of a Citus cluster", sql.address()),
                 "name the coordinator of the cluster"};
  ownership out(number<group_id>(group.at(0, 0)));
  const auto wanted = name_list(sql, tables_of(plan));
  WEIR_ASSIGN(
      const auto shards,
      sql.query(fmt::format(
          "SELECT shardid, nspname, relname, shardminvalue, shardmaxvalue, name, "
          "coalesce(to_regclass(format('%I.%I', nspname, name))::oid, 0) FROM (SELECT s.*, n.nspname, c.relname, {} "
          "AS name FROM pg_catalog.pg_dist_shard s JOIN pg_class c ON c.oid = s.logicalrelid JOIN pg_namespace n "
          "ON n.oid = c.relnamespace WHERE (n.nspname, c.relname) IN ({})) AS shards",
          shard_table, wanted)));
  for (std::size_t i = 0; i < shards.rows(); ++i) {
    shard s{number<shard_id>(shards.at(i, 0)),
            source_named(plan, shards.at(i, 1), shards.at(i, 2)),
            {},
            number<std::uint32_t>(shards.at(i, 6)),
            std::string(shards.at(i, 5))};
    if (!shards.is_null(i, 3)) s.range = {number<std::int32_t>(shards.at(i, 3)), number<std::int32_t>(shards.at(i, 4))};
    out.put(std::move(s));
  }
  WEIR_TRY(check_identities(sql, wanted));
  WEIR_ASSIGN(
      const auto placements,
      sql.query(fmt::format("SELECT p.placementid, p.shardid, p.groupid FROM pg_catalog.pg_dist_placement p "
                            "JOIN pg_catalog.pg_dist_shard s USING (shardid) JOIN pg_class c ON c.oid = "
                            "s.logicalrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.shardstate = 1 "
                            "AND (n.nspname, c.relname) IN ({})",
                            wanted)));
  for (std::size_t i = 0; i < placements.rows(); ++i)
    out.put(number<std::int64_t>(placements.at(i, 0)),
            placement{number<shard_id>(placements.at(i, 1)), number<group_id>(placements.at(i, 2))});
  WEIR_ASSIGN(const auto partitions, read_partitions(sql, plan));
  for (const auto& p : partitions) out.partitions.emplace(p.oid, p.file);
  return out;
}

result<std::vector<partition>> read_partitions(connection& sql, const pipeline_plan& plan) {
  std::vector<std::pair<std::string, std::string>> tables;
  for (const auto& s : plan.sources)
    if (s.partitioned) tables.emplace_back(s.schema, s.table);
  std::vector<partition> leaves;
  if (tables.empty()) return leaves;
  // What a row's xmin is to say is who made it: a row type is not changed when its table is.
  WEIR_ASSIGN(
      const auto rows,
      sql.query(fmt::format("SELECT c.oid, c.relfilenode, t.xmin = i.xmin, r.relreplident = 'f' AND "
                            "(c.relreplident = 'i' OR c.relreplident = 'd' AND EXISTS (SELECT FROM pg_index k WHERE "
                            "k.indrelid = c.oid AND k.indisprimary)), c.relname FROM pg_class r JOIN pg_namespace n ON "
                            "n.oid = r.relnamespace CROSS JOIN LATERAL pg_partition_tree(r.oid) AS leaf JOIN "
                            "pg_class c ON c.oid = leaf.relid JOIN pg_type t ON t.oid = c.reltype JOIN "
                            "pg_inherits i ON i.inhrelid = c.oid WHERE leaf.isleaf AND c.oid <> r.oid AND "
                            "(n.nspname, r.relname) IN ({})",
                            name_list(sql, tables))));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    if (rows.at(i, 3) == "t") // its old rows would come with the key alone, marked as whole
      return error{
          errc::source_reshaped,
          fmt::format("{}: partition {} has not the REPLICA IDENTITY FULL of its table", sql.address(), rows.at(i, 4)),
          "ALTER TABLE … REPLICA IDENTITY FULL, of the partition; the views are read anew"};
    leaves.push_back(
        {number<std::uint32_t>(rows.at(i, 0)), number<std::uint32_t>(rows.at(i, 1)), rows.at(i, 2) == "t"});
  }
  return leaves;
}

status refresh_tables(connection& sql, ownership_tracker& of) {
  WEIR_ASSIGN(
      const auto rows,
      sql.query(fmt::format("SELECT shardid, name, coalesce(to_regclass(format('%I.%I', nspname, name))::oid, 0) "
                            "FROM (SELECT s.shardid, n.nspname, {} AS name FROM pg_catalog.pg_dist_shard s JOIN "
                            "pg_class c ON c.oid = s.logicalrelid JOIN pg_namespace n ON n.oid = c.relnamespace) "
                            "AS shards",
                            shard_table)));
  for (std::size_t i = 0; i < rows.rows(); ++i)
    of.remember_table(number<shard_id>(rows.at(i, 0)), rows.at(i, 1), number<std::uint32_t>(rows.at(i, 2)));
  return {};
}

status choose_stock_decoder(connection& replication, connection& sql) {
  // pg_dist_shard names its table as a regclass: with the schema only if that is not in the path.
  WEIR_TRY(replication.execute("SET search_path = ''"));
  WEIR_ASSIGN(const bool wrapped, decoder_is_wrapped(sql));
  if (!wrapped) return {};
  auto chosen = replication.execute("SET dynamic_library_path = '$libdir'");
  if (!chosen && chosen.error().code == errc::permission_denied)
    chosen.error().hint = "GRANT SET ON PARAMETER dynamic_library_path TO the role, as a superuser on every node";
  return chosen;
}

} // namespace weir::postgres
