#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/expr/function.hpp"
#include "runtime/rows/column.hpp"
#include "runtime/rows/data_type.hpp"

namespace weir {

/// What an expression node does with its arguments.
enum class operation : std::uint8_t {
  column,  ///< input column `column_index`
  literal, ///< `literal_text` of `type`, or null
  cast,    ///< args[0] to `type`; where it has a modifier, rounded or cut to that
  add,
  subtract,
  multiply,
  divide,
  modulo,
  negate,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_and,
  logical_or,
  logical_not,
  is_null,
  is_not_null,
  in_list,   ///< args[0] = any of args[1..]
  case_when, ///< args: condition, value, condition, value, …, else
  coalesce,  ///< the first of args that is not null
  null_if,   ///< args[0] unless it equals args[1]; `type` may be a narrower one that args[0] was widened from
  greatest,  ///< of those of args that are not null
  least,
  is_distinct, ///< args[0] is distinct from args[1]
  is_true,
  is_false,
  call, ///< `function` of args
};

/// A typed expression over the columns of a batch, with PostgreSQL's semantics.
///
/// Invariant   built by the binder (dsl/): both sides of arithmetic and comparison have the same type id, casts are
///             explicit nodes, `between` and `not in` have been rewritten. Arithmetic yields its arguments' type;
///             comparison and logic yield boolean with three-valued logic. The values of case_when, coalesce, greatest
///             and least have one type id; a string may stand as text or varchar.
struct expression {
  operation op = operation::literal;
  weir::function function = weir::function::none; ///< of calls
  data_type type;
  std::int32_t column_index = -1;
  bool literal_is_null = false;
  std::string literal_text; ///< PostgreSQL's text form
  std::vector<expression> args;
  /// The display scale that every value of a numeric expression has, where it is known from declared types.
  std::optional<int> fixed_scale;
  bool nullable = true;

  friend bool operator==(const expression&, const expression&) = default;
};

/// Is it a cast that PostgreSQL adds by itself, where values of two types meet, or what its comparison makes of both?
bool is_widening(const expression& e) noexcept;

} // namespace weir
