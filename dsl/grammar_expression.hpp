#pragma once

#include "dsl/grammar_refusals.hpp"

/// Expressions. Precedence is PostgreSQL's; lowest first: or, and, not, is, comparison, in and between, + -, * / %,
/// sign, ::.
namespace weir::dsl::grammar {

struct expression;
struct sum_expression;
struct range_expression;

struct type_word : plain_word {};
struct type_modifier : p::seq<p::one<'('>, ws, digits, ws, p::opt<p::one<','>, ws, digits, ws>, p::one<')'>> {};
struct type_modifiers : p::seq<type_modifier, ws> {};
struct long_type_word : p::seq<p::sor<p::seq<p::at<words<TAO_PEGTL_ISTRING("double")>>, type_word, ws,
                                             p::at<words<TAO_PEGTL_ISTRING("precision")>>, type_word>,
                                      p::seq<p::at<words<TAO_PEGTL_ISTRING("character")>>, type_word, ws,
                                             p::at<words<TAO_PEGTL_ISTRING("varying")>>, type_word>>,
                               ws> {};
struct short_type_word : p::seq<p::not_at<reserved>, type_word, ws> {};
struct type_zone : p::seq<p::at<p::sor<kw_with, kw_without>>, type_word, ws, p::at<kw_time>, type_word, ws,
                          p::at<kw_zone>, type_word, ws> {};
struct type_name : p::seq<p::sor<long_type_word, short_type_word>, p::opt<type_modifiers>, p::opt<type_zone>> {
  static constexpr const char* expected = "a type";
};

struct true_word : words<TAO_PEGTL_ISTRING("true")> {};
struct false_word : words<TAO_PEGTL_ISTRING("false")> {};
struct null_word : words<TAO_PEGTL_ISTRING("null")> {};
struct constant : p::seq<p::sor<true_word, false_word, null_word>, ws> {};

struct typed_string : p::seq<type_name, string_literal> {};

struct star_mark : p::one<'*'> {};
struct argument_list : p::seq<p::opt<refuse<no_distinct, words<TAO_PEGTL_ISTRING("distinct")>>>,
                              p::sor<p::seq<star_mark, ws>, p::opt<expression, p::star<comma, p::must<expression>>>>> {
};
struct call_rest : p::seq<open_paren, argument_list, p::must<close_paren>,
                          p::opt<p::sor<refuse<no_filter_clause, words<TAO_PEGTL_ISTRING("filter")>, ws, p::one<'('>>,
                                        refuse<no_window, words<TAO_PEGTL_ISTRING("over")>>>>> {};
struct reference
    : p::seq<identifier, p::star<mark<'.'>, p::sor<refuse<no_star, p::one<'*'>>, p::must<label>>>, p::opt<call_rest>> {
};

struct parenthesised
    : p::seq<open_paren, p::sor<refuse<no_subquery, p::sor<kw_select, kw_with>>, p::must<expression, close_paren>>> {};

struct refused_primary
    : p::sor<refuse<no_case, words<TAO_PEGTL_ISTRING("case")>>, refuse<no_cast_call, words<TAO_PEGTL_ISTRING("cast")>>,
             refuse<no_subquery, words<TAO_PEGTL_ISTRING("exists")>, ws, p::one<'('>>,
             refuse<no_array, words<TAO_PEGTL_ISTRING("array")>>,
             refuse<no_now, words<TAO_PEGTL_ISTRING("current_date"), TAO_PEGTL_ISTRING("current_time"),
                                  TAO_PEGTL_ISTRING("current_timestamp"), TAO_PEGTL_ISTRING("localtime"),
                                  TAO_PEGTL_ISTRING("localtimestamp")>>,
             refuse<no_special_string, p::one<'e', 'E', 'b', 'B', 'x', 'X', 'n', 'N'>, p::one<'\''>>,
             refuse<no_special_string, p::one<'u', 'U'>, p::one<'&'>>, refuse<no_parameter, p::one<'$'>>> {};

struct primary : p::sor<number, string_literal, refused_primary, constant, typed_string, reference, parenthesised> {
  static constexpr const char* expected = "an expression";
};

struct cast_mark : p::seq<p::string<':', ':'>, ws> {};
struct cast_expression : p::seq<primary, p::star<cast_mark, p::must<type_name>>> {};
struct sign : p::one<'+', '-'> {};
struct sign_mark : p::seq<sign, ws> {};
struct signed_expression : p::seq<p::star<sign_mark>, cast_expression> {
  static constexpr const char* expected = "an expression";
};
struct product_operator : p::one<'*', '/', '%'> {};
struct product_expression
    : p::seq<signed_expression, p::star<p::seq<product_operator, ws>, p::must<signed_expression>>> {
  static constexpr const char* expected = "an expression";
};
struct sum_operator : p::seq<p::one<'+', '-'>, p::not_at<p::one<'>'>>> {};
struct refused_operator : p::sor<p::seq<p::not_at<p::string<'!', '='>>,
                                        refuse<no_operator, p::one<'|', '~', '@', '#', '^', '&', '?', '!', '`'>>>,
                                 refuse<no_operator, p::string<'-', '>'>>, refuse<no_array, p::one<'['>>> {};
struct sum_expression : p::seq<product_expression, p::star<p::seq<sum_operator, ws>, p::must<product_expression>>,
                               p::opt<refused_operator>> {
  static constexpr const char* expected = "an expression";
};

struct not_mark : words<TAO_PEGTL_ISTRING("not")> {};
struct not_word : p::seq<not_mark, ws> {};
struct in_part
    : p::if_must<
          kw_in, open_paren,
          p::sor<refuse<no_subquery, kw_select>, p::seq<p::must<expression>, p::star<comma, p::must<expression>>>>,
          close_paren> {
  static constexpr const char* expected = "a list";
};
struct between_part : p::if_must<kw_between, p::opt<refuse<no_symmetric, words<TAO_PEGTL_ISTRING("symmetric")>>>,
                                 sum_expression, kw_and, sum_expression> {};
struct refused_range
    : refuse<no_like, words<TAO_PEGTL_ISTRING("like"), TAO_PEGTL_ISTRING("ilike"), TAO_PEGTL_ISTRING("similar")>> {};
struct range_part : p::seq<p::opt<not_word>, p::sor<in_part, between_part, refused_range>> {};
struct range_expression : p::seq<sum_expression, p::opt<range_part>> {
  static constexpr const char* expected = "an expression";
};

struct comparison_operator : p::sor<p::string<'<', '>'>, p::string<'!', '='>, p::string<'<', '='>, p::string<'>', '='>,
                                    p::one<'='>, p::one<'<'>, p::one<'>'>> {};
struct comparison : p::seq<range_expression, p::opt<p::seq<comparison_operator, ws>, p::must<range_expression>,
                                                    p::opt<p::at<comparison_operator>, p::raise<comparison_chain>>>> {};
struct is_target
    : p::sor<p::seq<null_word, ws>, refuse<no_is, words<TAO_PEGTL_ISTRING("true"), TAO_PEGTL_ISTRING("false"),
                                                        TAO_PEGTL_ISTRING("unknown"), TAO_PEGTL_ISTRING("distinct")>>> {
  static constexpr const char* expected = "'null'";
};
struct is_part : p::if_must<kw_is, p::opt<not_word>, is_target> {};
struct is_expression
    : p::seq<comparison, p::star<is_part>,
             p::opt<refuse<no_isnull, words<TAO_PEGTL_ISTRING("isnull"), TAO_PEGTL_ISTRING("notnull")>>>> {};
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
