#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "dsl/source_scope.hpp"
#include "dsl/syntax.hpp"
#include "runtime/expr/expression.hpp"

namespace weir::dsl {

/// Rows that a query reads: those of a source, or some of them with other columns, computed row by row.
struct relation {
  std::size_t source = 0; ///< a scope's place
  std::string called;     ///< in the query that reads it: an alias, or its name
  /// What expressions over it are bound to. Of a source itself, its scope; else its columns are those of a query.
  source_scope scope;
  bool is_source = false;
  std::vector<expression> columns; ///< of a query, by place in scope: over the columns of the source
  std::vector<expression> filters; ///< over the columns of the source, all of them true

  /// An expression that was bound to scope, over the columns of the source.
  expression over_source(expression e) const;
};

/// Marks the columns of the source that an expression reads.
void mark_used(const expression& e, bound_source& source);

} // namespace weir::dsl
