#pragma once

#include <functional>
#include <optional>

#include "dsl/bind_expression.hpp"
#include "dsl/bound.hpp"
#include "dsl/relation.hpp"

namespace weir::dsl {

/// Binds what is said of groups: aggregates, and expressions over keys and aggregates. What these expressions read are
/// columns of a group: its keys, then its aggregates, which are added to the view as they are found.
class group_binder {
public:
  /// `out`: its keys are all there. `keys_failed`: some key is wrong, and was reported: what may be it is not.
  group_binder(const relation& from, const source_scope& scope, bound_view& out, bool keys_failed, diagnostics& found);

  /// The place among the view's aggregates of a call; one that is there already is not added.
  std::optional<std::size_t> aggregate(const syntax_expression& call);
  std::optional<expression> value(const syntax_expression& e);
  std::optional<expression> condition(const syntax_expression& e);

private:
  using bound_operand = std::optional<operand>;

  /// What an expression is as a whole: an aggregate, or a key. Empty if it is neither: then it is bound by its parts.
  std::optional<bound_operand> whole(const syntax_expression& e);
  std::optional<std::size_t> key_of(const syntax_expression& e);
  static expression column_of(std::size_t place, const data_type& type, bool nullable);
  std::optional<expression> bind(const syntax_expression& e, bool as_condition);
  std::optional<expression> argument_of(const syntax_expression& call, aggregate_function f);
  bool filter(const syntax_expression& call, bound_aggregate& a);
  void warn_of_division(const expression& e, span where);
  bool may_be_zero(const expression& divisor) const;
  std::nullopt_t report(code c, span where, std::string message, std::string hint = {});

  const relation& from_;
  source_scope scope_;       ///< of the rows
  source_scope group_scope_; ///< of the groups
  bound_view& out_;
  bool keys_failed_;
  diagnostics& found_;
};

} // namespace weir::dsl
