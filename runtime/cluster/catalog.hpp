#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/letter_cases.hpp"
#include "runtime/cluster/table_kind.hpp"

namespace weir {

/// What an UPDATE or DELETE of a table tells about the old row (pg_class.relreplident).
enum class replica_identity : std::uint8_t { primary_key, full, index, nothing };

/// By what texts of a column are compared and their letters made small or capital.
struct column_collation {
  std::string name = {};     ///< "": the database's
  bool deterministic = true; ///< are texts equal only if their bytes are?

  bool is_own() const noexcept { return !name.empty(); }
  friend bool operator==(const column_collation&, const column_collation&) = default;
};

struct catalog_column {
  std::string name;
  std::uint32_t type_oid = 0; ///< of a domain its base type's, and no typmod
  std::int32_t typmod = -1;
  std::string type_name; ///< format_type(oid, typmod), for messages
  bool not_null = false;
  bool in_identity = false; ///< sent with every old tuple
  bool generated = false;   ///< generated columns are not replicated before PostgreSQL 18
  column_collation collation = {};
  std::string sql_type = {};  ///< the type with its schema and modifier, as SQL names it on every node: "public.mood"
  bool equal_by_text = false; ///< are two values of the type equal only if their texts are?
  std::shared_ptr<const std::vector<std::string>> labels = {}; ///< of an enum, in their order
  bool is_citext = false;
  std::shared_ptr<const letter_cases> cases = {}; ///< see give_letters
};

struct catalog_table {
  std::string schema;
  std::string name;
  char kind = 'r'; ///< pg_class.relkind
  replica_identity identity = replica_identity::primary_key;
  std::vector<catalog_column> columns;
  std::vector<std::string> primary_key;
  table_kind spread = table_kind::plain;
};

/// The tables of one node, as read from its catalogs.
struct node_catalog {
  std::string node;
  std::vector<catalog_table> tables;

  const catalog_table* find(std::string_view schema, std::string_view table) const {
    for (const auto& t : tables)
      if (t.schema == schema && t.name == table) return &t;
    return nullptr;
  }
};

/// The catalogs of all nodes of a cluster.
struct cluster_catalog {
  std::string cluster;
  std::vector<node_catalog> nodes;
};

/// Tells all columns what lower() and upper() of their databases make of letters. Where nobody has, or they do not take
/// letters one by one, no view can ask for it, and citext has no equality.
inline void give_letters(node_catalog& catalog, const std::shared_ptr<const letter_cases>& letters) {
  for (auto& table : catalog.tables)
    for (auto& column : table.columns) column.cases = letters;
}

/// Is a column of some table of citext?
inline bool has_citext(const cluster_catalog& catalogs) {
  for (const auto& node : catalogs.nodes)
    for (const auto& table : node.tables)
      for (const auto& column : table.columns)
        if (column.is_citext) return true;
  return false;
}

} // namespace weir
