#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dsl/diagnostic.hpp"
#include "runtime/cluster/catalog.hpp"

namespace weir::dsl {

/// Schema and name of a relation, an index or a type.
using object_name = std::pair<std::string, std::string>;

/// A table that a schema file has made, with what decides its replica identity.
struct schema_table {
  catalog_table table;
  std::optional<object_name> partition_of;
  object_name identity_index; ///< where the identity is an index
  span identity_where = {};
  bool incomplete = false; ///< not all of its columns are known

  catalog_column* find(const std::string& column);
  std::vector<std::string> column_names() const;
};

/// The tables of a schema file, and the indexes that a replica identity can name.
class schema_tables {
public:
  schema_table* find(const object_name& name);
  schema_table& add(schema_table made);
  void drop(const object_name& name);
  void rename(const object_name& from, const object_name& to);
  std::vector<std::string> names() const;

  void add_index(const object_name& name, const object_name& table, std::vector<std::string> columns);
  /// Null if it is nowhere made.
  const std::vector<std::string>* index_columns(const object_name& name) const;
  /// Of the table, and where it is partitioned of its partitions.
  void set_primary_key(const object_name& table, const std::string& index, const std::vector<std::string>& columns,
                       bool partitions_too);
  void set_not_null(schema_table& table, const std::string& column, bool value, bool partitions_too);
  void attach(const object_name& parent, const object_name& partition);
  void rename_column(schema_table& table, const std::string& from, const std::string& to);

  /// Says of each column whether it is in old rows.
  /// Errors   W0525 a replica identity by an index that is nowhere made
  std::vector<catalog_table> finish(diagnostics& found);

private:
  struct index {
    object_name table;
    std::vector<std::string> columns;
  };
  template <class Do>
  void for_partitions(const object_name& of, Do what);

  std::deque<schema_table> tables_;
  std::map<object_name, index> indexes_;
};

} // namespace weir::dsl
