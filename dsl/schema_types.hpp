#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/sql_script.hpp"
#include "runtime/cluster/catalog.hpp"

namespace weir::dsl {

/// The type of a column as a schema file writes it, and as the catalogs would have it.
struct schema_type {
  std::uint32_t oid = 0;
  std::int32_t typmod = -1;
  std::string name;           ///< format_type(oid, typmod) under search_path pg_catalog
  column_collation collation; ///< of a domain, as in catalog_column
  bool not_null = false;      ///< serial
  std::string sql_type = {};  ///< as in catalog_column
  bool equal_by_text = false; ///< as in catalog_column
  std::shared_ptr<const std::vector<std::string>> labels = {}; ///< as in catalog_column
  bool is_citext = false;                                      ///< as in catalog_column
};

/// Makes the column one of values of the type.
void give_type(catalog_column& column, const schema_type& type);

/// The types that a schema file can name: PostgreSQL's own, and those that it makes.
class schema_types {
public:
  /// A range, a composite type …: weir knows it by name only. Its number is made up, and larger than any of
  /// PostgreSQL's.
  void add(const std::string& schema, const std::string& name);
  void add_enum(const std::string& schema, const std::string& name, std::vector<std::string> labels);
  /// The labels of an enum, which all its columns share; null if there is no such type.
  std::vector<std::string>* labels_of(const std::optional<std::string>& schema, const std::string& name,
                                      const std::vector<std::string>& path);
  /// Its values are those of `base`, without a modifier.
  void add_domain(const std::string& schema, const std::string& name, schema_type base);
  /// The file makes an extension: types that nobody knows may be its types. The one of citext is known.
  void add_extension(const std::string& name, const std::string& schema);

  /// Reads a type with its modifiers. Where it cannot be read the cursor is at the culprit.
  ///
  /// Input    `path`: the schemas that a bare name is looked for in, after pg_catalog
  /// Output   empty if there is no such type
  std::optional<schema_type> read(statement_cursor& in, const std::vector<std::string>& path) const;

  /// Names for "did you mean".
  std::vector<std::string> names() const;

private:
  struct made {
    std::uint32_t oid = 0;
    std::shared_ptr<std::vector<std::string>> labels; ///< of an enum
    std::optional<schema_type> base;                  ///< of a domain
    bool is_citext = false;
  };
  std::optional<schema_type> find(const std::optional<std::string>& schema, const std::string& name,
                                  const std::vector<std::string>& path) const;

  std::map<std::pair<std::string, std::string>, made> made_;
  std::uint32_t next_oid_ = 1'000'000;
  bool has_extensions_ = false;
};

} // namespace weir::dsl
