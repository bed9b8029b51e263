#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/publication_sql.hpp"

namespace weir::postgres {

namespace {

/// One table of a publication.
struct published_table {
  std::string schema;
  std::string name;
  std::vector<std::string> columns; ///< sorted; empty: all
  bool filtered = false;            ///< has a row filter, which weir never gives

  friend auto operator<=>(const published_table&, const published_table&) = default;
};

std::string place(const connection& sql, const node_spec& node) {
  return fmt::format("node {} ({})", node.name, sql.address());
}

/// The columns a table's stream must carry. An UPDATE or DELETE of the table fails, for everyone, while a publication's
/// column list lacks a column of its replica identity: so those are in it, and a FULL identity gets no list at all.
result<std::vector<std::string>> published_columns(const catalog_table& table, const std::set<std::string>& needed,
                                                   const std::string& where) {
  std::set<std::string> columns;
  for (const auto& name : needed) {
    const auto column =
        std::find_if(table.columns.begin(), table.columns.end(), [&](const auto& c) { return c.name == name; });
    if (column == table.columns.end())
      return error{errc::column_missing,
                   fmt::format("{}: table {}.{} has no column {}", where, table.schema, table.name, name)};
    if (column->generated)
      return error{errc::unsupported,
                   fmt::format("{}: column {} of {}.{} is generated, and generated columns are not replicated", where,
                               name, table.schema, table.name),
                   "use the expression it is generated from instead"};
    columns.insert(name);
  }
  if (table.identity == replica_identity::full) return std::vector<std::string>{};
  for (const auto& c : table.columns)
    if (c.in_identity) columns.insert(c.name);
  // A list of no columns cannot be written; any one column then stands for the row (count(*) needs no more).
  if (columns.empty())
    for (const auto& c : table.columns)
      if (!c.generated && columns.empty()) columns.insert(c.name);
  return std::vector<std::string>{columns.begin(), columns.end()};
}

/// Workers do not have the coordinator's own tables.
bool is_elsewhere(const source_plan& source, const node_spec& node) {
  return source.kind == table_kind::coordinator && node.group.value_or(0) != 0;
}

result<std::vector<published_table>> wanted_tables(connection& sql, const pipeline_plan& plan, const node_spec& node) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> needed;
  for (const auto& source : plan.sources) {
    if (is_elsewhere(source, node)) continue;
    auto& columns = needed[{source.schema, source.table}];
    for (const auto& c : source.columns) columns.insert(c.name);
  }
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& [name, columns] : needed) names.push_back(name);
  WEIR_ASSIGN(const auto catalog, read_catalog(sql, node.name, names));
  std::vector<published_table> tables;
  for (const auto& [name, columns] : needed) {
    const auto* table = catalog.find(name.first, name.second);
    if (table == nullptr)
      return error{errc::table_missing,
                   fmt::format("{}: there is no table {}.{}", place(sql, node), name.first, name.second)};
    WEIR_ASSIGN(auto list, published_columns(*table, columns, place(sql, node)));
    tables.push_back({name.first, name.second, std::move(list)});
  }
  return tables;
}

/// What the publication holds now; empty if it is not there.
struct current_publication {
  bool same_options = false; ///< publishes all four kinds of change, through the root of partitions
  bool all_tables = false;
  bool schemas = false;
  std::vector<published_table> tables;
};

result<std::optional<current_publication>> read_publication(connection& sql, const std::string& name) {
  const std::vector<parameter> parameters{name};
  WEIR_ASSIGN(const auto head,
              sql.query("SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate AND pubviaroot, puballtables, "
                        "EXISTS (SELECT FROM pg_publication_namespace WHERE pnpubid = p.oid) "
                        "FROM pg_publication p WHERE pubname = $1",
                        parameters));
  if (head.rows() == 0) return std::optional<current_publication>{};
  current_publication now{head.at(0, 0) == "t", head.at(0, 1) == "t", head.at(0, 2) == "t", {}};
  WEIR_ASSIGN(const auto rows,
              sql.query("SELECT n.nspname, c.relname, r.prqual IS NOT NULL, a.attname FROM pg_publication p "
                        "JOIN pg_publication_rel r ON r.prpubid = p.oid JOIN pg_class c ON c.oid = r.prrelid "
                        "JOIN pg_namespace n ON n.oid = c.relnamespace "
                        "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (r.prattrs) "
                        "WHERE p.pubname = $1 ORDER BY n.nspname, c.relname",
                        parameters));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const bool same =
        !now.tables.empty() && now.tables.back().schema == rows.at(i, 0) && now.tables.back().name == rows.at(i, 1);
    if (!same) now.tables.push_back({std::string{rows.at(i, 0)}, std::string{rows.at(i, 1)}, {}, rows.at(i, 2) == "t"});
    if (!rows.is_null(i, 3)) now.tables.back().columns.emplace_back(rows.at(i, 3));
  }
  for (auto& table : now.tables) std::sort(table.columns.begin(), table.columns.end());
  std::sort(now.tables.begin(), now.tables.end());
  return std::optional{std::move(now)};
}

constexpr const char* publish_options =
    "publish = 'insert, update, delete, truncate', publish_via_partition_root = true";

std::string table_list(const connection& sql, const std::vector<published_table>& tables) {
  std::string list;
  for (const auto& table : tables) {
    list += fmt::format("{}TABLE {}", list.empty() ? "" : ", ", sql.qualified(table.schema, table.name));
    std::string columns;
    for (const auto& c : table.columns) columns += (columns.empty() ? "" : ", ") + sql.identifier(c);
    if (!columns.empty()) list += " (" + columns + ")";
  }
  return list;
}

/// Citus' list of the parts of each distributed transaction. Only a superuser can publish it; whoever has added it, it
/// stays: the stream then tells at once which parts belong together.
bool is_participants(const published_table& t) { return t.schema == "pg_catalog" && t.name == "pg_dist_transaction"; }

/// The statements that make `now` what is wanted; none if it is already.
result<std::vector<std::string>> changes(const connection& sql, const std::string& name,
                                         const std::optional<current_publication>& now,
                                         std::vector<published_table> wanted) {
  const std::string quoted = sql.identifier(name);
  const auto create = fmt::format("CREATE PUBLICATION {}{}{} WITH ({})", quoted, wanted.empty() ? "" : " FOR ",
                                  table_list(sql, wanted), publish_options);
  if (!now) return std::vector{create};
  if (now->all_tables)
    return error{errc::sql_failed,
                 fmt::format("{}: publication {} is FOR ALL TABLES, not weir's own", sql.address(), name),
                 fmt::format("DROP PUBLICATION {}, or give the pipeline another name", quoted)};
  const bool holds_others = now->schemas || !std::all_of(now->tables.begin(), now->tables.end(), is_participants);
  if (wanted.empty() && holds_others) return std::vector{fmt::format("DROP PUBLICATION {}", quoted), create};
  std::copy_if(now->tables.begin(), now->tables.end(), std::back_inserter(wanted), is_participants);
  std::sort(wanted.begin(), wanted.end());
  std::vector<std::string> statements;
  if (now->schemas || now->tables != wanted)
    statements.push_back(fmt::format("ALTER PUBLICATION {} SET {}", quoted, table_list(sql, wanted)));
  if (!now->same_options) statements.push_back(fmt::format("ALTER PUBLICATION {} SET ({})", quoted, publish_options));
  return statements;
}

/// Citus would repeat the statement on the other nodes, where weir makes its publication itself, perhaps right now.
status on_this_node_alone(connection& sql) {
  return sql.execute("SELECT set_config('citus.enable_ddl_propagation', 'off', false) "
                     "WHERE to_regclass('pg_catalog.pg_dist_node') IS NOT NULL");
}

status run_in_turn(connection& sql, const std::string& name, const std::vector<published_table>& wanted,
                   std::vector<std::string>& statements) {
  const std::vector<parameter> parameters{name};
  WEIR_TRY(on_this_node_alone(sql));
  WEIR_TRY(sql.execute("SELECT pg_advisory_xact_lock(hashtextextended('weir publication ' || $1, 0))", parameters));
  WEIR_ASSIGN(const auto now, read_publication(sql, name));
  WEIR_ASSIGN(statements, changes(sql, name, now, wanted));
  for (const auto& statement : statements) WEIR_TRY(sql.execute(statement));
  return {};
}

/// Which right is it that is missing? The server's sentence is in its own language, and names one object at a time.
std::string missing_privileges(connection& sql, const std::string& name, const std::vector<published_table>& tables) {
  std::string cures;
  const auto add = [&](const std::string& cure) { cures += (cures.empty() ? "" : "; ") + cure; };
  const auto database = sql.query("SELECT has_database_privilege(current_database(), 'CREATE'), "
                                  "quote_ident(current_database()), quote_ident(current_user)");
  if (!database) return cures;
  const std::string role{database->at(0, 2)};
  if (database->at(0, 0) != "t") add(fmt::format("GRANT CREATE ON DATABASE {} TO {}", database->at(0, 1), role));
  const std::vector<parameter> publication{name};
  const auto owner = sql.query("SELECT 1 FROM pg_publication WHERE pubname = $1 AND NOT "
                               "pg_has_role(current_user, pubowner, 'USAGE')",
                               publication);
  if (owner && owner->rows() > 0) add(fmt::format("ALTER PUBLICATION {} OWNER TO {}", sql.identifier(name), role));
  for (const auto& table : tables) {
    const std::vector<parameter> parameters{table.schema, table.name};
    const auto rows =
        sql.query("SELECT quote_ident(pg_get_userbyid(c.relowner)) FROM pg_class c JOIN pg_namespace n ON "
                  "n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 AND NOT "
                  "pg_has_role(current_user, c.relowner, 'USAGE')",
                  parameters);
    if (rows && rows->rows() > 0)
      add(fmt::format("GRANT {} TO {} (the owner of {} publishes it)", rows->at(0, 0), role,
                      sql.qualified(table.schema, table.name)));
  }
  return cures;
}

} // namespace

status verify_publication(connection& sql, const pipeline_plan& plan, const node_spec& node) {
  const std::string name = publication_name(plan.name);
  const auto lost = [&](const std::string& what) {
    return error{errc::schema_changed,
                 fmt::format("{}: {}; changes may have been missed since", place(sql, node), what),
                 "run `weir drop` on the definition and start it again, which loads its views anew"};
  };
  WEIR_ASSIGN(const auto now, read_publication(sql, name));
  if (!now) return lost(fmt::format("publication {} is gone", name));
  if (!now->same_options)
    return lost(fmt::format("publication {} does not publish all kinds of changes any more", name));
  for (const auto& source : plan.sources) {
    if (is_elsewhere(source, node)) continue;
    const auto at = std::find_if(now->tables.begin(), now->tables.end(), [&](const published_table& t) {
      return t.schema == source.schema && t.name == source.table;
    });
    if (at == now->tables.end())
      return lost(fmt::format("table {}.{} is not in publication {} any more (it was taken out, renamed, or dropped)",
                              source.schema, source.table, name));
    if (at->filtered) return lost(fmt::format("publication {} filters the rows of {}.{}", name, at->schema, at->name));
    for (const auto& c : source.columns)
      if (!at->columns.empty() && !std::binary_search(at->columns.begin(), at->columns.end(), c.name))
        return lost(fmt::format("column {} of {}.{} is not in publication {}", c.name, at->schema, at->name, name));
  }
  return {};
}

status ensure_publication(connection& sql, const pipeline_plan& plan, const node_spec& node) {
  const std::string name = publication_name(plan.name);
  WEIR_ASSIGN(const auto wanted, wanted_tables(sql, plan, node));
  // Two runtimes may do this at once: one waits for the other, and then finds nothing to do.
  WEIR_TRY(sql.execute("BEGIN"));
  std::vector<std::string> statements;
  auto outcome = run_in_turn(sql, name, wanted, statements);
  if (outcome) return sql.execute("COMMIT");
  const auto rolled_back = sql.execute("ROLLBACK"); // if this fails too, the first error says why
  if (outcome.error().code == errc::permission_denied && rolled_back) {
    outcome.error().message = fmt::format("node {}: {}", node.name, outcome.error().message);
    outcome.error().hint = missing_privileges(sql, name, wanted);
    for (const auto& statement : statements)
      outcome.error().hint +=
          fmt::format("{}{}", outcome.error().hint.empty() ? "" : "; or let a superuser run: ", statement);
  }
  return outcome;
}

result<std::vector<std::string>> publication_changes(connection& sql, const pipeline_plan& plan,
                                                     const node_spec& node) {
  const std::string name = publication_name(plan.name);
  WEIR_ASSIGN(auto wanted, wanted_tables(sql, plan, node));
  WEIR_ASSIGN(const auto now, read_publication(sql, name));
  return changes(sql, name, now, std::move(wanted));
}

result<std::string> create_publication_sql(connection& sql, const pipeline_plan& plan, const node_spec& node) {
  WEIR_ASSIGN(auto wanted, wanted_tables(sql, plan, node));
  WEIR_ASSIGN(auto statements, changes(sql, publication_name(plan.name), std::nullopt, std::move(wanted)));
  return std::move(statements.front());
}

status drop_publication(connection& sql, const std::string& publication) {
  WEIR_TRY(on_this_node_alone(sql));
  return sql.execute("DROP PUBLICATION IF EXISTS " + sql.identifier(publication));
}

} // namespace weir::postgres
