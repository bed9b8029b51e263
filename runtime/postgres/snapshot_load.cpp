#include "runtime/postgres/snapshot_load.hpp"

#include <utility>

#include <fmt/format.h>

#include "runtime/postgres/array_text.hpp"
#include "runtime/postgres/copy_reader.hpp"

namespace weir::postgres {
namespace {

/// Catalogs are read at the snapshot, pg_relation_filenode() tells the file of now. Citus hides shards from pg_class.
constexpr const char* show_shards = "SET LOCAL citus.override_table_visibility = off";
constexpr const char* other_files =
    "WITH RECURSIVE read AS (SELECT c.oid FROM unnest($1::text[], $2::text[]) AS t(schema, name) JOIN pg_namespace AS "
    "n "
    "ON n.nspname = t.schema JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name UNION ALL SELECT "
    "i.inhrelid FROM read JOIN pg_inherits AS i ON i.inhparent = read.oid) SELECT format('%I.%I', n.nspname, "
    "c.relname) "
    "FROM read JOIN pg_class AS c ON c.oid = read.oid JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind "
    "= 'r' AND c.relfilenode IS DISTINCT FROM pg_relation_filenode(c.oid) LIMIT 1";

} // namespace

status import_snapshot(connection& sql, const std::string& snapshot) {
  WEIR_TRY(sql.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  auto imported = sql.execute("SET TRANSACTION SNAPSHOT " + sql.literal(snapshot));
  // A policy that hides rows is to be an error, not a view that lacks them; and a load takes as long as it takes.
  if (imported)
    return sql.execute("SET LOCAL row_security = off; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; "
                       "SET LOCAL idle_in_transaction_session_timeout = 0");
  WEIR_TRY(sql.execute("ROLLBACK"));
  // A snapshot goes with the connection that exported it: no fault of any row, as its SQLSTATE (22023) would have it.
  if (kind_of(imported.error().code) == failure_kind::poison) {
    imported.error().code = errc::connection_lost;
    imported.error().hint = "the connection that made the slot was lost or used: make the slot again";
  }
  return imported;
}

status check_files(connection& sql, const pipeline_plan& plan, const std::optional<ownership>& owned) {
  array_text schemas, names;
  const auto add = [&](const std::string& schema, const std::string& name) {
    schemas.append_quoted(schema);
    names.append_quoted(name);
  };
  for (std::size_t i = 0; i < plan.sources.size(); ++i) {
    const auto& source = plan.sources[i];
    const auto shards = owned ? tables_of(source, i, *owned) : shard_tables{};
    if (!shards) add(source.schema, source.table);
    for (const auto& shard : shards.value_or(std::vector<std::string>{})) add(source.schema, shard);
  }
  const std::vector<parameter> tables{schemas.take(), names.take()};
  WEIR_TRY(sql.execute(show_shards));
  WEIR_ASSIGN(const auto changed, sql.query(other_files, tables));
  if (changed.rows() == 0) return {};
  return error{errc::ownership_unclear,
               fmt::format("table {} was rewritten or truncated while it was read", changed.at(0, 0)),
               "it is read again"};
}

status copy_out(connection& sql, const std::string& select, const std::vector<data_type>& types,
                std::size_t batch_bytes, const batch_consumer& consume) {
  WEIR_ASSIGN(auto rows, copy_reader::start(sql, select, types, batch_bytes));
  for (;;) {
    status outcome;
    if (auto next = rows.next(); !next)
      outcome = std::move(next).error();
    else if (*next)
      outcome = consume(**std::move(next));
    else
      return {};
    if (outcome) continue;
    rows.abandon();
    return outcome;
  }
}

} // namespace weir::postgres
