#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/schema_tables.hpp"
#include "dsl/schema_types.hpp"
#include "dsl/sql_script.hpp"

namespace weir::dsl {

/// Runs the statements of schema files, one after the other, over the tables that there are.
class schema_reader {
public:
  explicit schema_reader(diagnostics& found) : found_(found) {}

  void run(const sql_statement& statement);
  std::vector<catalog_table> finish() { return tables_.finish(found_); }

private:
  using cursor = statement_cursor;

  // schema_statements.cpp: everything but the bodies of CREATE TABLE and ALTER TABLE
  void create(cursor& in);
  void create_extension(cursor& in);
  void create_type(cursor& in);
  void alter_type(cursor& in);
  void create_domain(cursor& in);
  void create_collation(cursor& in);
  void create_view(cursor& in, char kind);
  void create_index(cursor& in);
  void set_search_path(cursor& in);
  void select(cursor& in);
  void spread(cursor& in, table_kind kind);
  void drop_tables(cursor& in);

  // schema_create_table.cpp
  void create_table(cursor& in, char kind);
  bool table_element(cursor& in, schema_table& made);
  bool table_constraint(cursor& in, schema_table& made);
  void like(cursor& in, schema_table& made);
  bool column(cursor& in, schema_table& made);
  bool column_constraints(cursor& in, schema_table& made, const std::string& column);
  void inherit(cursor& in, schema_table& made);
  void partition_of(cursor& in, schema_table& made);
  /// PRIMARY KEY or UNIQUE with its columns; false if it is none.
  struct key {
    std::string name;
    std::vector<std::string> columns;
    bool primary = false;
  };
  std::optional<key> key_constraint(cursor& in, const schema_table& of);
  void add_key(const object_name& table, const key& k, bool partitions_too);
  std::vector<std::string> key_columns(cursor& in, const schema_table& of);

  // schema_alter_table.cpp
  void alter_table(cursor& in);
  void alter(cursor& in, const object_name& name, bool only);
  void alter_column(cursor& in, schema_table& t, bool only);
  void add_column(cursor& in, schema_table& t);
  void drop_column(cursor& in, schema_table& t);
  void replica_identity_of(cursor& in, schema_table& t);
  void rename(cursor& in, schema_table& t);

  // names
  object_name qualified_name(cursor& in);
  object_name resolve(const std::optional<std::string>& schema, const std::string& name);
  schema_table* table_at(cursor& in, bool may_lack);
  std::optional<object_name> name_from_text(const std::string& text);
  bool check_column(const schema_table& t, const std::string& column, span where);
  void report(code c, span where, std::string message, std::string hint = {});
  void unreadable(const cursor& in, std::string_view expected);

  schema_tables tables_;
  schema_types types_;
  std::vector<std::string> path_{"public"};
  std::vector<object_name> odd_collations_; ///< those that are not deterministic
  column_collation read_collation(cursor& in);
  diagnostics& found_;
};

} // namespace weir::dsl
