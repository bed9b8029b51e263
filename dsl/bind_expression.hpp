#pragma once

#include <functional>
#include <optional>
#include <string>

#include "dsl/source_scope.hpp"
#include "dsl/syntax.hpp"
#include "runtime/expr/calendar_field.hpp"
#include "runtime/expr/expression.hpp"

namespace weir::dsl {

/// An expression with its type, or a string or null whose type its neighbour decides.
struct operand {
  expression value;
  bool untyped = false;
  span where;
  bool bytewise = false; ///< a text under an explicit collate "C": ordered and folded by its bytes
};

/// Binds expressions over one source: names to columns, operators to PostgreSQL's choice of types, casts made explicit.
///
/// Every function returns empty after an error; it has been reported then.
class expression_binder {
public:
  expression_binder(source_scope& scope, std::string qualifier, diagnostics& found)
      : scope_(scope), qualifier_(std::move(qualifier)), found_(found) {}

  /// What an expression is as a whole, before it is bound by its parts; empty if these decide. An empty operand: it is
  /// wrong, and was reported.
  using resolver = std::function<std::optional<std::optional<operand>>(const syntax_expression&)>;
  void resolve_first(resolver whole) { whole_ = std::move(whole); }

  /// A value; a string without type is text.
  std::optional<expression> bind_value(const syntax_expression& e);
  /// A value for a column of this type: as INSERT and UPDATE cast it.
  std::optional<expression> bind_assigned(const syntax_expression& e, data_type to);
  /// A condition.
  std::optional<expression> bind_condition(const syntax_expression& e);

private:
  std::optional<operand> bind(const syntax_expression& e);
  std::optional<operand> bind_column(const syntax_expression& e);
  bool is_qualifier(const std::string& text) const;
  std::optional<std::size_t> place_of(const syntax_expression& e);
  std::optional<operand> bind_typed_string(const syntax_expression& e);
  std::optional<operand> bind_cast(const syntax_expression& e);
  std::optional<operand> bind_call(const syntax_expression& e);
  std::optional<operand> bind_sign(const syntax_expression& e);
  std::optional<operand> bind_binary(const syntax_expression& e);
  std::optional<operand> bind_in(const syntax_expression& e);
  std::optional<operand> bind_between(const syntax_expression& e);
  std::optional<operand> bind_like(const syntax_expression& e);
  std::optional<operand> bind_truth(const syntax_expression& e);
  std::optional<operand> bind_row(const syntax_expression& e);
  std::optional<operand> compare_rows(const syntax_expression& e, const std::string& op);
  std::optional<operand> rows_in_list(const syntax_expression& e);
  std::optional<operand> bind_junction(operation op, const std::vector<syntax_expression>& all, bool negated,
                                       span where);
  std::optional<operand> bind_distinct(const syntax_expression& e);

  std::optional<operand> bind_case(const syntax_expression& e);
  std::optional<expression> bind_when(const std::optional<operand>& subject, const syntax_expression& when,
                                      bool failed);
  std::optional<operand> bind_coalesce(const syntax_expression& e, std::vector<operand> args);
  std::optional<operand> bind_extreme(operation op, const syntax_expression& e, std::vector<operand> args);
  std::optional<operand> bind_null_if(const syntax_expression& e, std::vector<operand> args);
  std::optional<data_type> common_type(const std::vector<const operand*>& values, const char* of);
  std::optional<std::vector<expression>> bind_values(std::vector<operand> values, const char* of, bool last_decides);

  /// lower() or upper() as the database has them; `what`: for messages.
  std::optional<operand> in_case(function f, operand text, const std::string& what, span where);
  bool has_database_letters(const operand& text, const std::string& what);
  /// Of two texts.
  std::optional<operand> text_call(function f, type_id result, operand left, operand right, span where);
  std::optional<operand> ilike(operand left, operand right, span where);
  std::optional<operand> concatenate(operand left, operand right, span where);
  /// An operator that binds as || does.
  std::optional<operand> bind_operator(const std::string& op, operand left, operand right, span where);
  std::optional<operand> bind_regex(const std::string& op, operand left, operand right, span where);
  std::optional<operand> bind_similar(const syntax_expression& e);
  /// The text on the left side, and what is written on the right: of `like` and its kin.
  bool check_texts(std::string_view op, const operand& left, const operand& right);
  std::optional<std::string> escape_of(const syntax_expression& e);
  std::optional<expression> regex_pattern(const operand& written, std::string pattern, bool fold_case, bool bytewise);

  std::optional<operand> json_operator(const std::string& op, operand left, operand right, span where);
  std::optional<expression> json_step(const std::string& op, const operand& left, operand right);
  std::optional<expression> constant_path(const operand& left, operand right);
  std::optional<operand> json_function(const syntax_expression& e, std::vector<operand> args);
  std::optional<operand> compare_jsonb(operation op, operand left, operand right, span where);
  /// Reports that jsonb is not for this, and is false, if a side is one.
  bool check_no_jsonb(const operand& left, const operand& right, const char* what, span where);

  std::optional<operand> bind_array(const syntax_expression& e);
  std::optional<operand> bind_subscript(const syntax_expression& e);
  std::optional<operand> bind_quantified(const syntax_expression& e);
  std::optional<operand> any_of_constants(operand left, const operand& array, span where);
  std::optional<operand> any_of_array(operand left, operand array, span where);
  std::optional<operand> array_operator(const std::string& op, operand left, operand right, span where);
  std::optional<operand> array_function(const syntax_expression& e, std::vector<operand> args);

  std::optional<std::pair<operand, operand>> both_as_citext(operand left, operand right);
  std::optional<operand> citext_like(operand left, operand right, span where);
  bool check_not_of_citext(const std::string& function, const std::vector<operand>& args, span where);

  std::optional<operand> compare_passed_through(operation op, operand left, operand right, span where);
  /// The value as one of a type that is passed through; a string is read as one, if weir can tell how PostgreSQL writes
  /// it.
  std::optional<expression> coerce_passed_through(operand from, const data_type& to);
  std::optional<operand> cast_passed_through(operand from, const data_type& to, span where);
  std::optional<operand> bind_function(const syntax_expression& e, std::vector<operand> args);
  std::optional<operand> bind_concat(const syntax_expression& e, std::vector<operand> args);
  std::optional<operand> bind_number_function(const syntax_expression& e, function f, operand arg);
  std::optional<operand> bind_modulo(const syntax_expression& e, std::vector<operand> args);
  std::nullopt_t no_such_arguments(const syntax_expression& e, const std::vector<operand>& args);

  std::optional<operand> bind_collate(const syntax_expression& e);
  std::optional<operand> temporal_arithmetic(operation op, operand left, operand right, span where);
  std::optional<operand> temporal_call(function f, type_id type, operand left, type_id right_type, operand right,
                                       span where);
  bool check_zoned_shift(const operand& interval);
  std::optional<operand> bind_date_trunc(const syntax_expression& e, std::vector<operand> args);
  std::optional<operand> bind_extract(const syntax_expression& e, std::vector<operand> args);
  std::optional<operand> bind_at_zone(const syntax_expression& e, std::vector<operand> args);
  std::optional<calendar_field> field_of(const operand& arg);
  bool check_zone(operand& zone);
  std::optional<operand> arithmetic(operation op, operand left, operand right, span where);
  std::optional<operand> compare(operation op, operand left, operand right, span where);
  std::optional<operand> in_constants(operand left, std::vector<operand> items, span where);
  std::optional<operand> connect(operation op, std::optional<operand> left, std::optional<operand> right, span where);
  /// The type two things are compared in.
  std::optional<type_id> comparison_type(const operand& left, const operand& right, bool in_list, span where);
  bool comparable(operation op, type_id type, const operand& left, const operand& right, span where);
  /// Are its texts equal only if their bytes are?
  bool equal_by_bytes(const operand& side);

  std::optional<data_type> type_of(const syntax_expression& e);
  std::optional<data_type> type_of_arrays(const syntax_expression& e);
  std::optional<std::int32_t> modifier_of(const syntax_expression& e, type_id type);
  static expression modified(expression value, data_type type);
  bool check_cast(type_id from, type_id to, span where);
  std::optional<expression> coerce(operand from, type_id to);
  std::optional<expression> condition(operand from);
  std::nullopt_t report(code c, span where, std::string message, std::string hint = {});

  source_scope& scope_;
  std::string qualifier_;
  diagnostics& found_;
  resolver whole_;
};

/// Is it one of citext, and not a string beside one?
bool is_citext(const operand& o) noexcept;
/// A value of citext as PostgreSQL takes it where a text is needed; all others as they are.
operand as_text(operand from);

/// Does an aggregate's call stand in the expression?
bool holds_aggregate(const syntax_expression& e);
/// Is it the call of an aggregate that weir has?
std::optional<aggregate_function> aggregate_named(const syntax_expression& call);

/// Reports a call that is no aggregate of weir: misspelt, or not there yet.
void report_unknown_function(const syntax_expression& call, diagnostics& found);

/// The column that the expression reads whose collation is not the database's, or "".
std::string own_collation(const expression& e, const source_scope& scope);

/// What lower() and upper() make of letters; null if that is not known.
std::shared_ptr<const letter_cases> letters_of(const source_scope& scope);

/// Does the expression read a column whose collation is not deterministic? Its name, or "".
std::string nondeterministic_column(const expression& e, const source_scope& scope);

} // namespace weir::dsl
