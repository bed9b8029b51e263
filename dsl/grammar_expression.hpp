#pragma once

#include "dsl/grammar_refusals.hpp"

/// Expressions. Precedence is PostgreSQL's; lowest first: or, and, not, is, comparison, in, between and like, || and
/// all other operators, + -, * / %, at time zone, collate, sign, ::, subscripts.
namespace weir::dsl::grammar {

struct expression;
struct inner_operand;
struct query_in_parentheses;
struct nested_query;

struct type_word : plain_word {};
struct type_modifier : p::seq<digits> {};
struct type_modifiers
    : p::seq<p::one<'('>, ws, type_modifier, ws, p::opt<p::one<','>, ws, type_modifier, ws>, p::one<')'>, ws> {};
struct long_type_word : p::seq<p::sor<p::seq<p::at<words<TAO_PEGTL_ISTRING("double")>>, type_word, ws,
                                             p::at<words<TAO_PEGTL_ISTRING("precision")>>, type_word>,
                                      p::seq<p::at<words<TAO_PEGTL_ISTRING("character")>>, type_word, ws,
                                             p::at<words<TAO_PEGTL_ISTRING("varying")>>, type_word>>,
                               ws> {};
struct short_type_word : p::seq<p::not_at<reserved>, type_word, ws> {};
struct type_zone : p::seq<p::at<p::sor<kw_with, kw_without>>, type_word, ws, p::at<kw_time>, type_word, ws,
                          p::at<kw_zone>, type_word, ws> {};
struct plain_type : p::seq<p::sor<long_type_word, short_type_word>, p::opt<type_modifiers>, p::opt<type_zone>> {};
/// Kept in the tree, as what makes a type one of arrays.
struct array_brackets : p::seq<p::one<'['>, ws, p::one<']'>> {};
struct array_type_part : p::seq<p::sor<p::seq<array_brackets, ws>, refuse<no_array_bounds, p::one<'['>>>,
                                p::opt<refuse<no_array_bounds, p::one<'['>>>> {};
struct type_name : p::seq<plain_type, p::opt<array_type_part>> {
  static constexpr const char* expected = "a type";
};

struct true_word : words<TAO_PEGTL_ISTRING("true")> {};
struct false_word : words<TAO_PEGTL_ISTRING("false")> {};
struct null_word : words<TAO_PEGTL_ISTRING("null")> {};
struct constant : p::seq<p::sor<true_word, false_word, null_word>, ws> {};

struct typed_string : p::seq<plain_type, string_literal> {};
struct interval_fields : words<TAO_PEGTL_ISTRING("year"), TAO_PEGTL_ISTRING("month"), TAO_PEGTL_ISTRING("day"),
                               TAO_PEGTL_ISTRING("hour"), TAO_PEGTL_ISTRING("minute"), TAO_PEGTL_ISTRING("second")> {};
struct interval_string : p::seq<p::at<words<TAO_PEGTL_ISTRING("interval")>, ws, p::one<'\''>>, typed_string,
                                p::opt<refuse<no_interval_fields, interval_fields>>> {};

struct star_mark : p::one<'*'> {};
struct distinct_argument : words<TAO_PEGTL_ISTRING("distinct")> {};
struct argument_list : p::seq<p::opt<distinct_argument, ws>,
                              p::sor<p::seq<star_mark, ws>, p::opt<expression, p::star<comma, p::must<expression>>>>> {
};
/// `filter` is no reserved word.
struct filter_mark : p::seq<words<TAO_PEGTL_ISTRING("filter")>, ws, open_paren> {};
struct filter_part : p::if_must<filter_mark, kw_where, expression, close_paren> {};
struct call_rest : p::seq<open_paren, argument_list, p::must<close_paren>, p::opt<filter_part>,
                          p::opt<refuse<no_window, words<TAO_PEGTL_ISTRING("over")>>>> {};
/// `left` and `right` begin joins, too.
struct function_word
    : p::seq<p::at<words<TAO_PEGTL_ISTRING("left"), TAO_PEGTL_ISTRING("right")>, ws, p::one<'('>>, plain_word, ws> {};
struct reference : p::seq<p::sor<function_word, identifier>,
                          p::star<mark<'.'>, p::sor<refuse<no_star, p::one<'*'>>, p::must<label>>>, p::opt<call_rest>> {
};

/// A query in parentheses: as a value, behind `exists` and behind `in`.
struct scalar_query : p::seq<query_in_parentheses, p::must<nested_query>> {};
struct exists_call : p::seq<words<TAO_PEGTL_ISTRING("exists")>, ws, p::at<p::one<'('>>, p::must<nested_query>> {};
/// An expression, or a row of several.
struct parenthesised
    : p::seq<open_paren, p::must<expression>, p::star<comma, p::must<expression>>, p::must<close_paren>> {};
struct row_call : p::seq<words<TAO_PEGTL_ISTRING("row")>, ws, p::at<p::one<'('>>, p::must<parenthesised>> {};

/// Kept in the tree, so that subscripts and arrays know where they end.
struct close_bracket_mark : p::one<']'> {};
struct close_bracket : p::seq<close_bracket_mark, ws> {
  static constexpr const char* expected = "']'";
};
struct open_bracket : mark<'['> {
  static constexpr const char* expected = "'['";
};
struct no_slice_here : p::opt<refuse<no_slice, p::one<':'>>> {};
struct subscript : p::if_must<open_bracket, no_slice_here, expression, no_slice_here, close_bracket> {};
/// What PostgreSQL subscripts without parentheses: a column, or something in parentheses.
struct subscripted_expression : p::seq<p::sor<reference, scalar_query, parenthesised>, p::star<subscript>> {};

struct array_items : p::opt<p::not_at<p::one<']'>>, expression, p::star<comma, p::must<expression>>> {};
struct array_constructor
    : p::if_must<p::seq<words<TAO_PEGTL_ISTRING("array")>, ws>, p::opt<refuse<no_subquery, p::one<'('>>>, open_bracket,
                 array_items, close_bracket> {};

struct when_part : p::if_must<kw_when, expression, kw_then, expression> {
  static constexpr const char* expected = "'when'";
};
struct else_part : p::if_must<kw_else, expression> {};
struct end_mark : words<TAO_PEGTL_ISTRING("end")> {};
struct case_end : p::seq<end_mark, ws> {
  static constexpr const char* expected = "'end'";
};
struct case_expression : p::if_must<kw_case, p::opt<p::not_at<kw_when>, expression>, when_part, p::star<when_part>,
                                    p::opt<else_part>, case_end> {};

struct cast_call : p::if_must<kw_cast, open_paren, expression, kw_as, type_name, close_paren> {};

/// Calls with words between their arguments: substring(x from 1 for 2), trim(both 'x' from y), extract(year from x).
struct from_mark : words<TAO_PEGTL_ISTRING("from")> {};
struct for_mark : words<TAO_PEGTL_ISTRING("for")> {};
struct side_mark : words<TAO_PEGTL_ISTRING("both"), TAO_PEGTL_ISTRING("leading"), TAO_PEGTL_ISTRING("trailing")> {};
struct special_name : p::seq<plain_word, ws> {};
struct special_separator : p::sor<comma, p::seq<p::sor<from_mark, for_mark>, ws>> {};
struct special_arguments : p::seq<p::opt<side_mark, ws>, p::opt<from_mark, ws>, expression,
                                  p::star<special_separator, p::must<expression>>> {
  static constexpr const char* expected = "an expression";
};
struct special_call
    : p::seq<p::at<words<TAO_PEGTL_ISTRING("substring"), TAO_PEGTL_ISTRING("trim"), TAO_PEGTL_ISTRING("extract")>, ws,
                   p::one<'('>>,
             special_name, p::must<open_paren, special_arguments, close_paren>> {};
/// position(x in y): here `in` is no operator.
struct position_call : p::seq<p::at<words<TAO_PEGTL_ISTRING("position")>, ws, p::one<'('>>, special_name,
                              p::must<open_paren, inner_operand, kw_in, inner_operand, close_paren>> {};

struct refused_primary
    : p::sor<refuse<no_quantified, words<TAO_PEGTL_ISTRING("any"), TAO_PEGTL_ISTRING("some"), TAO_PEGTL_ISTRING("all")>,
                    ws, p::one<'('>>,
             refuse<no_nested_array, p::one<'['>>,
             refuse<no_now, words<TAO_PEGTL_ISTRING("current_date"), TAO_PEGTL_ISTRING("current_time"),
                                  TAO_PEGTL_ISTRING("current_timestamp"), TAO_PEGTL_ISTRING("localtime"),
                                  TAO_PEGTL_ISTRING("localtimestamp")>>,
             refuse<no_special_string, p::one<'e', 'E', 'b', 'B', 'x', 'X', 'n', 'N'>, p::one<'\''>>,
             refuse<no_special_string, p::one<'u', 'U'>, p::one<'&'>>, refuse<no_parameter, p::one<'$'>>> {};

struct primary
    : p::sor<number, string_literal, refused_primary, constant, case_expression, cast_call, special_call, position_call,
             exists_call, row_call, interval_string, typed_string, array_constructor, subscripted_expression> {
  static constexpr const char* expected = "an expression";
};

struct cast_mark : p::seq<p::string<':', ':'>, ws> {};
struct cast_expression : p::seq<primary, p::star<cast_mark, p::must<type_name>>> {};
struct sign : p::one<'+', '-'> {};
struct sign_mark : p::seq<sign, ws> {};
struct signed_expression : p::seq<p::star<sign_mark>, cast_expression> {
  static constexpr const char* expected = "an expression";
};
struct collate_part : p::if_must<kw_collate, label> {};
struct collate_expression : p::seq<signed_expression, p::star<collate_part>> {
  static constexpr const char* expected = "an expression";
};
struct zone_words : p::seq<words<TAO_PEGTL_ISTRING("at")>, ws, kw_time, kw_zone> {};
struct zone_part : p::seq<zone_words, p::must<collate_expression>> {};
struct zone_expression : p::seq<collate_expression, p::star<zone_part>> {
  static constexpr const char* expected = "an expression";
};
struct product_operator : p::one<'*', '/', '%'> {};
struct product_expression : p::seq<zone_expression, p::star<p::seq<product_operator, ws>, p::must<zone_expression>>> {
  static constexpr const char* expected = "an expression";
};
struct sum_operator : p::seq<p::one<'+', '-'>, p::not_at<p::one<'>'>>> {};
struct sum_expression : p::seq<product_expression, p::star<p::seq<sum_operator, ws>, p::must<product_expression>>> {
  static constexpr const char* expected = "an expression";
};
/// || and all operators without a level of their own, each as long as PostgreSQL reads it.
struct joining_operator : operator_token<operator_use::joins> {};
struct refused_operator : refuse<no_operator, operator_token<operator_use::unknown>> {};
struct joining_expression
    : p::seq<sum_expression, p::star<p::seq<joining_operator, ws>, p::must<sum_expression>>, p::opt<refused_operator>> {
  static constexpr const char* expected = "an expression";
};
/// As `expression`, where an operator that binds no tighter ends it: the reader counts its depth as well.
struct inner_operand : p::seq<joining_expression> {
  static constexpr const char* expected = "an expression";
};

struct not_mark : words<TAO_PEGTL_ISTRING("not")> {};
struct not_word : p::seq<not_mark, ws> {};
struct in_items : p::seq<open_paren, p::must<expression>, p::star<comma, p::must<expression>>, p::must<close_paren>> {};
struct in_part : p::if_must<kw_in, p::sor<scalar_query, in_items>> {
  static constexpr const char* expected = "a list";
};
struct between_part : p::if_must<kw_between, p::opt<refuse<no_symmetric, words<TAO_PEGTL_ISTRING("symmetric")>>>,
                                 joining_expression, kw_and, joining_expression> {};
struct escape_part : p::if_must<p::seq<words<TAO_PEGTL_ISTRING("escape")>, ws>, joining_expression> {};
struct like_part : p::if_must<kw_like, joining_expression, p::opt<escape_part>> {};
struct ilike_part : p::if_must<kw_ilike, joining_expression, p::opt<escape_part>> {};
struct similar_part
    : p::if_must<p::seq<words<TAO_PEGTL_ISTRING("similar")>, ws>, kw_to, joining_expression, p::opt<escape_part>> {};
struct range_part : p::seq<p::opt<not_word>, p::sor<in_part, between_part, like_part, ilike_part, similar_part>> {};
struct range_expression : p::seq<joining_expression, p::opt<range_part>> {
  static constexpr const char* expected = "an expression";
};

struct comparison_operator : p::sor<p::string<'<', '>'>, p::string<'!', '='>, p::string<'<', '='>, p::string<'>', '='>,
                                    p::one<'='>, p::one<'<'>, p::one<'>'>> {};
/// `= any (array)`: `some` is `any`.
struct any_word : words<TAO_PEGTL_ISTRING("any"), TAO_PEGTL_ISTRING("some")> {};
struct every_word : words<TAO_PEGTL_ISTRING("all")> {};
struct quantified_part
    : p::if_must<p::seq<p::sor<any_word, every_word>, ws>, open_paren,
                 p::sor<refuse<no_subquery, p::sor<kw_select, kw_with>>, p::must<expression>>, close_paren> {};
struct no_chain : p::opt<p::at<comparison_operator>, p::raise<comparison_chain>> {};
struct comparison
    : p::seq<range_expression,
             p::opt<p::seq<comparison_operator, ws>, p::sor<quantified_part, p::must<range_expression>>, no_chain>> {};
struct unknown_word : words<TAO_PEGTL_ISTRING("unknown")> {};
struct isnull_word : words<TAO_PEGTL_ISTRING("isnull")> {};
struct notnull_word : words<TAO_PEGTL_ISTRING("notnull")> {};
struct distinct_part : p::if_must<kw_distinct, kw_from, comparison> {};
struct is_target : p::sor<p::seq<p::sor<null_word, true_word, false_word, unknown_word>, ws>, distinct_part> {
  static constexpr const char* expected = "'null', 'true', 'false', 'unknown' or 'distinct from'";
};
struct is_part : p::if_must<kw_is, p::opt<not_word>, is_target> {};
struct postfix_part : p::seq<p::sor<isnull_word, notnull_word>, ws> {};
struct is_expression : p::seq<comparison, p::star<p::sor<is_part, postfix_part>>> {};
struct not_expression : p::seq<p::star<not_word>, is_expression> {
  static constexpr const char* expected = "an expression";
};
struct and_expression : p::seq<not_expression, p::star<kw_and, p::must<not_expression>>> {
  static constexpr const char* expected = "an expression";
};
struct or_expression : p::seq<and_expression, p::star<kw_or, p::must<and_expression>>> {};
/// Every nesting passes here: the reader counts the depth.
struct expression : p::seq<or_expression> {
  static constexpr const char* expected = "an expression";
};

} // namespace weir::dsl::grammar
