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

struct catalog_column {
  std::string name;
  std::uint32_t type_oid = 0; ///< of a domain its base type's, and no typmod
  std::int32_t typmod = -1;
  std::string type_name; ///< format_type(oid, typmod), for messages
  bool not_null = false;
  bool in_identity = false;   ///< sent with every old tuple
  bool generated = false;     ///< generated columns are not replicated before PostgreSQL 18
  std::string collation = {}; ///< "" or its name if it is nondeterministic; of citext, if it is not the database's
  std::string sql_type = {};  ///< the type with its schema and modifier, as SQL names it on every node: "public.mood"
  bool equal_by_text = false; ///< are two values of the type equal only if their texts are?
  std::shared_ptr<const std::vector<std::string>> labels = {}; ///< of an enum, in their order
  bool is_citext = false;
  std::shared_ptr<const letter_cases> cases = {}; ///< of citext; null if lower() is not what takes letter by letter
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

} // namespace weir
