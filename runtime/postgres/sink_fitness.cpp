#include "runtime/postgres/sink_fitness.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace weir::postgres {
namespace {

constexpr const char* find_sql =
    "SELECT c.oid, pg_has_role(c.relowner, 'USAGE'), has_schema_privilege(n.oid, 'USAGE') AND "
    "has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT') AND "
    "has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'), c.relkind = 'r', "
    "obj_description(c.oid, 'pg_class') IS NOT NULL, row_security_active(c.oid) AND NOT EXISTS (SELECT FROM pg_policy "
    "AS p WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd = '*' AND pg_get_expr(p.polqual, c.oid) = 'true' "
    "AND coalesce(pg_get_expr(p.polwithcheck, c.oid), 'true') = 'true' AND EXISTS (SELECT FROM unnest(p.polroles) AS "
    "role WHERE role = 0 OR pg_has_role(role, 'USAGE'))) "
    "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2";

constexpr const char* columns_sql =
    "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation = t.typcollation, a.attgenerated <> '' "
    "FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid "
    "WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

/// Unique indexes that ON CONFLICT can use: their columns sorted by name (or the expression) and whether NULLs
/// conflict.
constexpr const char* indexes_sql =
    "SELECT coalesce(pg_get_expr(i.indexprs, i.indrelid), (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY "
    "a.attname COLLATE \"C\") FROM pg_attribute AS a WHERE a.attrelid = i.indrelid AND a.attnum = "
    "ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))), i.indnullsnotdistinct "
    "FROM pg_index AS i WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate "
    "AND i.indpred IS NULL";

struct found_column {
  std::string name;
  std::string type;
  bool default_collation = true;
  bool generated = false;
};

result<std::vector<found_column>> read_columns(connection& target, const existing_table& table) {
  const std::vector<parameter> oid{table.oid};
  WEIR_ASSIGN(const query_result rows, target.query(columns_sql, oid));
  std::vector<found_column> columns;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    columns.push_back(
        {std::string(rows.at(i, 0)), std::string(rows.at(i, 1)), rows.at(i, 2) == "t", rows.at(i, 3) == "t"});
  return columns;
}

std::vector<std::string> column_differences(const view_plan& view, const std::vector<found_column>& found) {
  std::vector<std::string> differences;
  const auto named = [](const auto& list, const std::string& name) {
    return std::any_of(list.begin(), list.end(), [&](const auto& c) { return c.name == name; });
  };
  for (const auto& output : view.outputs)
    if (!named(found, output.name))
      differences.push_back(fmt::format("column {} {} is missing", output.name, to_sql(output.type)));
  for (const auto& column : found)
    if (!named(view.outputs, column.name))
      differences.push_back(fmt::format("column {} {} is not in the view", column.name, column.type));
  const bool same_names = differences.empty();
  for (std::size_t i = 0; same_names && i < found.size(); ++i) {
    const auto& output = view.outputs[i];
    if (output.name != found[i].name)
      differences.push_back(fmt::format("column {} is {}, the view has {} there", i + 1, found[i].name, output.name));
    else if (to_sql(output.type) != found[i].type)
      differences.push_back(
          fmt::format("column {} is {}, the view gives {}", found[i].name, found[i].type, to_sql(output.type)));
    else if (!found[i].default_collation)
      differences.push_back(fmt::format("column {} has a collation of its own", found[i].name));
    else if (found[i].generated)
      differences.push_back(fmt::format("column {} is generated", found[i].name));
  }
  return differences;
}

/// Empty: there is an index for ON CONFLICT over the keys.
result<std::string> key_difference(connection& target, const view_plan& view, const existing_table& table) {
  std::vector<std::string> keys;
  bool nullable = false;
  for (const auto& output : view.outputs) {
    if (!output.is_key) continue;
    keys.push_back(output.name);
    nullable = nullable || !output.not_null;
  }
  std::sort(keys.begin(), keys.end());
  const std::vector<parameter> quote_them{table.oid};
  std::string wanted;
  for (const auto& key : keys) {
    const std::vector<parameter> name{key};
    WEIR_ASSIGN(const query_result quoted, target.query("SELECT quote_ident($1)", name));
    wanted += (wanted.empty() ? "" : ", ") + std::string(quoted.at(0, 0));
  }
  const std::string needed = keys.empty() ? "true" : wanted;
  WEIR_ASSIGN(const query_result indexes, target.query(indexes_sql, quote_them));
  for (std::size_t i = 0; i < indexes.rows(); ++i)
    if (indexes.at(i, 0) == needed && (!nullable || indexes.at(i, 1) == "t")) return std::string{};
  if (keys.empty()) return std::string{"a unique index on ((true)) is missing"};
  return fmt::format("{} ({}) is missing", nullable ? "UNIQUE NULLS NOT DISTINCT" : "PRIMARY KEY", wanted);
}

} // namespace

result<std::optional<existing_table>> find_table(connection& target, const std::string& schema,
                                                 const std::string& table) {
  const std::vector<parameter> name{schema, table};
  WEIR_ASSIGN(const query_result row, target.query(find_sql, name));
  if (row.rows() == 0) return std::optional<existing_table>{};
  if (row.at(0, 3) != "t")
    return error{errc::sink_unfit, fmt::format("{}.{} in {} is not a plain table", schema, table, target.address()),
                 "name another table in the sink"};
  existing_table found{std::string(row.at(0, 0)), row.at(0, 1) == "t", row.at(0, 2) == "t", false,
                       row.at(0, 4) == "t",       row.at(0, 5) == "t"};
  if (found.writable) {
    WEIR_ASSIGN(const query_result any,
                target.query(fmt::format("SELECT EXISTS (SELECT 1 FROM {})", target.qualified(schema, table))));
    found.has_rows = any.at(0, 0) == "t";
  }
  return std::optional{found};
}

status check_types(connection& target, const view_plan& view) {
  for (const auto& output : view.outputs) {
    if (!is_passed_through(output.type.id)) continue;
    const auto type = to_sql(output.type);
    const std::vector<parameter> name{type};
    WEIR_ASSIGN(const query_result found, target.query("SELECT to_regtype($1) IS NULL", name));
    if (found.at(0, 0) != "t") continue;
    return error{errc::sink_unfit,
                 fmt::format("{} has no type {}, which column {} of view {} is of", target.address(), type, output.name,
                             view.name),
                 output.type.id == type_id::citext
                     ? fmt::format("CREATE EXTENSION citext SCHEMA {}", type.substr(0, type.rfind('.')))
                     : "make it there as it is in the databases of the nodes"};
  }
  return {};
}

status check_fitness(connection& target, const view_plan& view, const existing_table& table) {
  const auto name = target.qualified(view.sink.schema, view.sink.table);
  if (!table.writable) {
    WEIR_ASSIGN(const query_result role, target.query("SELECT quote_ident(current_user)"));
    return error{errc::permission_denied, fmt::format("view {} cannot be written into {}", view.name, name),
                 fmt::format("GRANT USAGE ON SCHEMA {0} TO {1}; GRANT SELECT, INSERT, UPDATE, DELETE ON {2} TO {1}",
                             target.identifier(view.sink.schema), role.at(0, 0), name)};
  }
  if (table.hides_rows) {
    WEIR_ASSIGN(const query_result role, target.query("SELECT quote_ident(current_user)"));
    return error{errc::permission_denied,
                 fmt::format("view {} cannot be written into {}: its row-level security applies to the writer too",
                             view.name, name),
                 fmt::format("CREATE POLICY weir ON {0} TO {1} USING (true) WITH CHECK (true); or ALTER ROLE {1} "
                             "BYPASSRLS",
                             name, role.at(0, 0))};
  }
  WEIR_ASSIGN(const std::vector<found_column> found, read_columns(target, table));
  auto differences = column_differences(view, found);
  if (differences.empty()) {
    WEIR_ASSIGN(const std::string key, key_difference(target, view, table));
    if (!key.empty()) differences.push_back(key);
  }
  if (differences.empty()) return {};
  return error{errc::sink_unfit,
               fmt::format("view {} does not fit into table {}: {}", view.name, name, fmt::join(differences, "; ")),
               fmt::format("DROP TABLE {} (weir makes it anew), or name another table in the sink", name)};
}

} // namespace weir::postgres
