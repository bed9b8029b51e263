#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/bound.hpp"
#include "dsl/diagnostic.hpp"
#include "dsl/syntax.hpp"
#include "runtime/cluster/catalog.hpp"

namespace weir::dsl {

/// A source as the nodes know it: what its columns are, and which cannot be used, and why.
struct source_scope {
  bound_source bound;
  std::vector<std::optional<diagnostic>> faults; ///< one a column: said when the column is used, at that place
  std::vector<const catalog_table*> tables;      ///< one a node
  std::vector<std::string> nodes;
  name table;
  std::vector<std::string> qualifiers = {};       ///< of a join: one a column, the name of its table
  std::vector<bool> hidden = {};                  ///< of a join: found with its table's name alone
  std::shared_ptr<const source_scope> outer = {}; ///< in a subquery: what the query around it reads

  std::vector<std::string> column_names() const;
  /// Does it have a column that names = [qualifier,] column may mean?
  bool has(const std::vector<name>& names) const;
};

/// Looks a source up on every node. Empty if its table is missing somewhere, or is no table, with an error.
std::optional<source_scope> find_source(const source_declaration& source, const cluster_catalog& catalogs,
                                        diagnostics& found);

/// The old row of every UPDATE and DELETE must hold the columns that views use: else an error with the cure.
void check_replica_identity(const source_scope& source, diagnostics& found);

} // namespace weir::dsl
