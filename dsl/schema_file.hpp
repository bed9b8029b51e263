#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dsl/diagnostic.hpp"
#include "dsl/source_text.hpp"
#include "runtime/cluster/catalog.hpp"

namespace weir::dsl {

/// A schema file may be a whole dump; more bytes than this are refused unread.
inline constexpr std::size_t max_schema_bytes = std::size_t{64} << 20;

/// The tables that SQL scripts make, as the catalogs of a server would have them after running the scripts in order.
struct schema {
  std::vector<catalog_table> tables;
  diagnostics found;

  /// What a node would tell of these tables, if its letters were Unicode's: that is in no file.
  node_catalog catalog_of(const std::string& node,
                          const std::vector<std::pair<std::string, std::string>>& wanted) const;
};

/// Reads the files of `text` from number `first` on: what `pg_dump --schema-only` writes, and what people write by
/// hand. Statements that make no difference to a catalog_table are passed over, whatever they are.
///
/// Law      after pg_dump, the tables are those that read_catalog finds on the server; numbers of types that are not
///          PostgreSQL's own are made up (tests/property asks a server)
/// Errors   W0103, W0520 to W0526
/// Cost     O(text), and for each column that a statement names the columns of its table
schema read_schema(const source_text& text, std::size_t first = 0);

} // namespace weir::dsl
