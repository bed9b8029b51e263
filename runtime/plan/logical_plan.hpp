#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "runtime/expr/expression.hpp"
#include "runtime/rows/data_type.hpp"

namespace weir {

enum class logical_kind : std::uint8_t {
  scan,    ///< the rows of a source, or of another view
  filter,  ///< values: the condition
  project, ///< values: one a column
  join,    ///< values: the condition, if there is one
  group,   ///< values: keys, then arguments of aggregates
  unite,   ///< union, intersect and except
  top,     ///< values: what is ordered by
};

struct logical_column {
  std::string name;
  data_type type;
  bool nullable = true;
};

/// An operator of a query, as bound: names are places, types are known. Queries that the runtime has operators for
/// become a view_plan; this is what the others are.
struct logical_operator {
  logical_kind kind = logical_kind::scan;
  std::string name;               ///< "revenue.join"
  std::string does;               ///< for people
  std::vector<expression> values; ///< over the columns of the inputs, one after the other
  std::vector<logical_column> columns;
  std::vector<std::shared_ptr<const logical_operator>> inputs; ///< of a table that is read twice, twice the same
  bool runs = true;                                            ///< does the runtime have it?
};

/// A view that was bound, and that the runtime cannot keep.
struct logical_view {
  std::string name;
  std::shared_ptr<const logical_operator> root;
  std::string table; ///< where it would be written, "" if nowhere
};

const char* to_string(logical_kind kind) noexcept;

/// The operators as a tree, the last one first; what is shared is shown once.
std::string to_text(const logical_view& view);
nlohmann::json to_json(const logical_view& view);

} // namespace weir
