#include "runtime/postgres/raw_publication.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/transaction.hpp"

namespace weir::postgres {

namespace {

/// Whose shard a row is, and which parts a distributed transaction has, comes with the rows.
constexpr std::array<std::string_view, 5> catalogs{"pg_dist_placement", "pg_dist_shard", "pg_dist_transaction",
                                                   "pg_dist_node", "pg_dist_partition"};

constexpr std::string_view publish_options =
    "publish = 'insert, update, delete, truncate', publish_via_partition_root = true";

std::set<std::string> schemas_of(const pipeline_plan& plan) {
  std::set<std::string> schemas;
  for (const auto& source : plan.sources) schemas.insert(source.schema);
  return schemas;
}

std::string objects_of(const pipeline_plan& plan, const sql_quoter& quote) {
  std::string list;
  for (const auto& schema : schemas_of(plan))
    list += (list.empty() ? "TABLES IN SCHEMA " : ", ") + quote.identifier(schema);
  for (const auto catalog : catalogs)
    list += fmt::format("{}pg_catalog.{}", catalog == catalogs.front() ? (list.empty() ? "TABLE " : ", TABLE ") : ", ",
                        catalog);
  return list;
}

/// What a publication holds now.
struct current_publication {
  bool same_options = false; ///< publishes all four kinds of change, through the root of partitions
  bool all_tables = false;
  bool narrowed = false; ///< some catalog has a column list or a row filter
  std::set<std::string> schemas;
  std::set<std::string> catalogs; ///< tables of pg_catalog
  bool other_tables = false;
};

result<std::optional<current_publication>> read_publication(connection& sql, const std::string& name) {
  const std::vector<parameter> parameters{name};
  WEIR_ASSIGN(const auto head,
              sql.query("SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate AND pubviaroot, puballtables "
                        "FROM pg_publication WHERE pubname = $1",
                        parameters));
  if (head.rows() == 0) return std::optional<current_publication>{};
  current_publication now;
  now.same_options = head.at(0, 0) == "t";
  now.all_tables = head.at(0, 1) == "t";
  WEIR_ASSIGN(const auto schemas,
              sql.query("SELECT n.nspname FROM pg_publication p JOIN pg_publication_namespace s ON s.pnpubid = p.oid "
                        "JOIN pg_namespace n ON n.oid = s.pnnspid WHERE p.pubname = $1",
                        parameters));
  for (std::size_t i = 0; i < schemas.rows(); ++i) now.schemas.emplace(schemas.at(i, 0));
  WEIR_ASSIGN(const auto tables,
              sql.query("SELECT n.nspname = 'pg_catalog', c.relname, r.prqual IS NOT NULL OR r.prattrs IS NOT NULL "
                        "FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid "
                        "JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
                        "WHERE p.pubname = $1",
                        parameters));
  for (std::size_t i = 0; i < tables.rows(); ++i) {
    if (tables.at(i, 0) != "t") {
      now.other_tables = true;
      continue;
    }
    now.catalogs.emplace(tables.at(i, 1));
    now.narrowed = now.narrowed || tables.at(i, 2) == "t";
  }
  return std::optional{std::move(now)};
}

/// What is missing for raw capture, in words; empty if nothing is.
std::string missing(const std::optional<current_publication>& now, const pipeline_plan& plan) {
  if (!now) return "is not there";
  if (now->all_tables) return "is FOR ALL TABLES";
  if (!now->same_options) return "does not publish all kinds of changes through the roots of partitions";
  if (now->narrowed) return "holds only some rows or columns of Citus' catalogs";
  for (const auto& schema : schemas_of(plan))
    if (!now->schemas.contains(schema)) return fmt::format("does not hold the tables of schema {}", schema);
  for (const auto catalog : catalogs)
    if (!now->catalogs.contains(std::string(catalog))) return fmt::format("does not hold pg_catalog.{}", catalog);
  return {};
}

bool is_exact(const current_publication& now, const pipeline_plan& plan) {
  return missing(now, plan).empty() && now.schemas == schemas_of(plan) && !now.other_tables &&
         now.catalogs.size() == catalogs.size();
}

std::string place(const connection& sql, const node_spec& node) {
  return fmt::format("node {} ({})", node.name, sql.address());
}

struct facts {
  bool citus = false;
  bool superuser = false;
};

result<facts> look(connection& sql) {
  std::string all_there;
  for (const auto catalog : catalogs)
    all_there += fmt::format("to_regclass('pg_catalog.{}') IS NOT NULL AND ", catalog);
  WEIR_ASSIGN(const auto row,
              sql.query(fmt::format("SELECT {}true, rolsuper FROM pg_roles WHERE rolname = current_user", all_there)));
  if (row.rows() == 0) return facts{};
  return facts{row.at(0, 0) == "t", row.at(0, 1) == "t"};
}

status alter_to_fit(connection& sql, const pipeline_plan& plan, const std::string& name) {
  WEIR_TRY(sql.execute("SET LOCAL citus.enable_ddl_propagation TO off"));
  // Two runtimes may do this at once: one waits for the other, and then finds nothing to do.
  const std::vector<parameter> parameters{name};
  WEIR_TRY(sql.execute("SELECT pg_advisory_xact_lock(hashtextextended('weir publication ' || $1, 0))", parameters));
  WEIR_ASSIGN(const auto now, read_publication(sql, name));
  if (now && is_exact(*now, plan)) return {};
  if (!now) return sql.execute(raw_publication_sql(plan, sql));
  const auto quoted = sql.identifier(name);
  if (now->all_tables)
    return error{errc::sql_failed,
                 fmt::format("{}: publication {} is FOR ALL TABLES, not weir's own", sql.address(), name),
                 fmt::format("DROP PUBLICATION {}, or give the pipeline another name", quoted)};
  WEIR_TRY(sql.execute(fmt::format("ALTER PUBLICATION {} SET {}", quoted, objects_of(plan, sql))));
  return sql.execute(fmt::format("ALTER PUBLICATION {} SET ({})", quoted, publish_options));
}

} // namespace

std::string create_raw_publication_sql(const pipeline_plan& plan, const sql_quoter& quote) {
  return fmt::format("CREATE PUBLICATION {} FOR {}\n  WITH ({});", quote.identifier(publication_name(plan.name)),
                     objects_of(plan, quote), publish_options);
}

std::string raw_publication_sql(const pipeline_plan& plan, const sql_quoter& quote) {
  return "SET citus.enable_ddl_propagation TO off;\n" + create_raw_publication_sql(plan, quote);
}

status ensure_raw_publication(connection& sql, const pipeline_plan& plan, const node_spec& node) {
  WEIR_ASSIGN(const auto here, look(sql));
  if (!here.citus)
    return error{errc::unsupported,
                 place(sql, node) + ": the server has no Citus catalogs, there are no shards to read",
                 "capture logical, in the cluster block"};
  const auto name = publication_name(plan.name);
  if (here.superuser) return in_transaction(sql, [&] { return alter_to_fit(sql, plan, name); });
  WEIR_ASSIGN(const auto now, read_publication(sql, name));
  const auto lacks = missing(now, plan);
  if (lacks.empty()) return {};
  const auto old = now ? fmt::format("DROP PUBLICATION {};\n", sql.identifier(name)) : "";
  return error{errc::permission_denied,
               fmt::format("{}: publication {} {}; only a superuser can change that", place(sql, node), name, lacks),
               fmt::format("let one run on this node what `weir setup --print-sql FILE` prints for it, or:\n{}{}", old,
                           raw_publication_sql(plan, sql))};
}

status verify_raw_publication(connection& sql, const pipeline_plan& plan, const node_spec& node) {
  const auto name = publication_name(plan.name);
  WEIR_ASSIGN(const auto now, read_publication(sql, name));
  const auto lacks = missing(now, plan);
  if (lacks.empty()) return {};
  return error{errc::schema_changed,
               fmt::format("{}: publication {} {}; changes may have been missed", place(sql, node), name, lacks),
               "run `weir drop` on the definition and start it again, which loads its views anew"};
}

result<bool> raw_capture_possible(connection& sql, const pipeline_plan& plan) {
  WEIR_ASSIGN(const auto here, look(sql));
  if (!here.citus) return false;
  if (here.superuser) return true;
  WEIR_ASSIGN(const auto now, read_publication(sql, publication_name(plan.name)));
  if (!missing(now, plan).empty()) return false;
  WEIR_ASSIGN(const bool wrapped, decoder_is_wrapped(sql));
  if (!wrapped) return true;
  WEIR_ASSIGN(const auto may, sql.query("SELECT has_parameter_privilege('dynamic_library_path', 'SET')"));
  return may.at(0, 0) == "t";
}

result<bool> decoder_is_wrapped(connection& sql) {
  // Citus changes the path when its setting is switched on, and leaves it so until the server restarts; who may not
  // read the path has only the setting to go by.
  WEIR_ASSIGN(
      const auto row,
      sql.query("SELECT CASE WHEN to_regclass('pg_catalog.pg_dist_partition') IS NULL THEN false "
                "WHEN pg_has_role('pg_read_all_settings', 'USAGE') "
                "THEN current_setting('dynamic_library_path') LIKE '%citus_decoders%' "
                "ELSE has_parameter_privilege('dynamic_library_path', 'SET') "
                "OR coalesce(nullif(current_setting('citus.enable_change_data_capture', true), ''), 'off')::bool "
                "END"));
  return row.at(0, 0) == "t";
}

} // namespace weir::postgres
