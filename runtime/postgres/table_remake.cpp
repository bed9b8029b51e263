#include "runtime/postgres/table_remake.hpp"

#include <cstdint>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

namespace weir::postgres {
namespace {

/// `tied`: foreign keys go to and from colocated tables; they and the table are made anew together.
/// The keys that go and come back are those which Citus cannot take along: all of a table that is not distributed by
/// hash, else each from a table to itself.
constexpr const char* table_sql = R"(
WITH it AS (SELECT d.logicalrelid::oid AS oid, d.* FROM pg_catalog.pg_dist_partition d
    WHERE d.logicalrelid = coalesce(pg_partition_root(to_regclass($1)), to_regclass($1))),
  siblings AS (SELECT c.oid FROM it JOIN pg_catalog.pg_dist_partition d USING (colocationid)
    JOIN pg_class c ON c.oid = d.logicalrelid WHERE colocationid > 0 AND c.oid <> it.oid AND NOT c.relispartition),
  ties AS (SELECT FROM pg_constraint, it WHERE contype = 'f' AND (conrelid = it.oid AND confrelid IN
    (TABLE siblings) OR confrelid = it.oid AND conrelid IN (TABLE siblings))),
  asked AS (SELECT $2::bool OR EXISTS (TABLE ties) AS together),
  loose AS (SELECT c.oid, conrelid::regclass AS at, conname FROM pg_constraint c, it, asked
    WHERE contype = 'f' AND conparentid = 0 AND CASE WHEN partmethod = 'h' THEN conrelid = confrelid AND
    (conrelid = it.oid OR together AND conrelid IN (TABLE siblings)) ELSE it.oid IN (conrelid, confrelid) END)
SELECT quote_literal(it.oid::regclass), partmethod, repmodel = 't', colocationid,
       quote_literal((SELECT min(oid::regclass::text) FROM siblings)), together,
       (SELECT count(*) FROM pg_catalog.pg_dist_shard s WHERE s.logicalrelid = it.logicalrelid),
       (SELECT string_agg(format('ALTER TABLE %s DROP CONSTRAINT %I; ', at, conname), '' ORDER BY oid) FROM loose),
       (SELECT string_agg(format(' ALTER TABLE %s ADD CONSTRAINT %I %s;', at, conname, pg_get_constraintdef(oid)), ''
         ORDER BY oid) FROM loose),
       (SELECT quote_literal(quote_ident(nspname)) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
         WHERE c.oid = it.oid)
FROM it, asked)";

/// Names are literals.
struct remade_table {
  std::string name;
  char method = 'h';
  bool reference = false;
  std::string colocation;
  std::string sibling; ///< a colocated table; "" if there is none
  bool together = false;
  std::int64_t shards = 0;
  std::string keys_off, keys_on; ///< statements
  std::string schema;
};

remade_table table_of(const query_result& row) {
  const auto text = [&](std::size_t column) {
    return row.is_null(0, column) ? std::string() : std::string(row.at(0, column));
  };
  return {text(0),        row.at(0, 1).front(),        text(2) == "t", text(3), text(4),
          text(5) == "t", std::atoll(text(6).c_str()), text(7),        text(8), text(9)};
}

std::string hash_sql(const remade_table& t) {
  const auto alter = [&](const std::string& how) {
    return fmt::format("SELECT alter_distributed_table({}, {});", t.name, how);
  };
  if (t.sibling.empty()) return alter("colocate_with => 'none'");
  if (!t.together) return alter("colocate_with => 'none'") + " " + alter("colocate_with => " + t.sibling);
  const auto shards = [&](std::int64_t n) {
    return alter(fmt::format("shard_count => {}, cascade_to_colocated => true", n));
  };
  return shards(t.shards + 1) + " " + shards(t.shards);
}

/// Of a table that has one shard, or a copy on each node, and stands in no distributed schema.
std::string undivided_sql(const remade_table& t) {
  const auto undistribute = fmt::format("SELECT undistribute_table({});", t.name);
  if (t.reference) return fmt::format("{} SELECT create_reference_table({});", undistribute, t.name);
  if (t.colocation == "0") return fmt::format("{} SELECT citus_add_local_table_to_metadata({});", undistribute, t.name);
  return fmt::format("{} SELECT create_distributed_table({}, NULL, colocate_with => {});", undistribute, t.name,
                     t.sibling.empty() ? "'none'" : t.sibling);
}

/// Citus distributes a schema's tables only all together, with the keys between them. Citus 12 and later.
result<bool> in_distributed_schema(connection& sql, const remade_table& t) {
  if (t.method != 'n' || t.reference || t.colocation == "0") return false;
  const std::vector<parameter> colocation{t.colocation};
  WEIR_ASSIGN(const auto found,
              sql.query("SELECT 1 FROM pg_catalog.pg_dist_schema WHERE colocationid = $1::int", colocation));
  return found.rows() > 0;
}

} // namespace

result<std::string> remake_sql(connection& sql, const std::string& table, remake_aim aim) {
  const bool single = aim == remake_aim::second_placements;
  const std::vector<parameter> asked{table, single ? "t" : "f"};
  WEIR_ASSIGN(const auto row, sql.query(table_sql, asked));
  if (row.rows() == 0) return std::string();
  const auto t = table_of(row);
  if (t.method != 'h' && t.method != 'n') return std::string();
  WEIR_ASSIGN(const bool by_schema, in_distributed_schema(sql, t));
  const auto statements =
      by_schema ? fmt::format("SELECT citus_schema_undistribute({0}); SELECT citus_schema_distribute({0});", t.schema)
                : t.keys_off + (t.method == 'h' ? hash_sql(t) : undivided_sql(t)) + t.keys_on;
  return fmt::format("{}{} -- on the coordinator, one by one; comments on the table are lost",
                     single ? "SET citus.shard_replication_factor = 1; " : "", statements);
}

} // namespace weir::postgres
