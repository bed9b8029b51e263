#pragma once

#include "dsl/grammar_expression.hpp"
#include "dsl/lookahead.hpp"

/// Queries: select, what it reads, and what is made of several. Precedence: intersect binds tighter than union and
/// except.
namespace weir::dsl::grammar {

struct query;
struct joined_tables;

template <class Text>
struct word : p::seq<Text, word_end> {};
template <class Text>
struct word_ws : p::seq<Text, word_end, ws> {};

// select list

struct alias : p::sor<p::seq<kw_as, p::must<label>>, identifier> {};
struct star_item : p::seq<p::opt<identifier, mark<'.'>>, star_mark, ws> {};
struct select_item : p::sor<star_item, p::seq<expression, p::opt<alias>>> {
  static constexpr const char* expected = "an expression";
};
struct select_list : p::seq<select_item, p::star<comma, p::must<select_item>>> {
  static constexpr const char* expected = "a select list";
};

// from

struct column_names : p::seq<open_paren, p::must<label>, p::star<comma, p::must<label>>, p::must<close_paren>> {};
struct table_alias : p::seq<p::sor<p::seq<kw_as, p::must<label>>, identifier>, p::opt<column_names>> {};
/// Is the parenthesis here that of a query? It is one of tables if the first query in it is only their first.
struct query_in_parentheses {
  using rule_t = query_in_parentheses;
  using subs_t = p::empty_list;
  template <class ParseInput>
  static bool match(ParseInput& in) {
    return encloses_query({in.current(), in.size()});
  }
};
struct nested_query : p::seq<open_mark, ws, query, p::must<close_paren>> {};
struct lateral_word : word<TAO_PEGTL_ISTRING("lateral")> {};
struct table_query
    : p::seq<p::opt<lateral_word, ws>, query_in_parentheses, p::must<nested_query>, p::opt<table_alias>> {};
struct table_group : p::seq<open_paren, p::must<joined_tables>, p::must<close_paren>> {};
struct named_table : p::seq<identifier, p::opt<refuse<no_table_in_view, p::one<'.'>>>, p::opt<table_alias>> {};
struct table_primary : p::sor<table_query, table_group, named_table> {
  static constexpr const char* expected = "the name of a source";
};

struct natural_word : word<TAO_PEGTL_ISTRING("natural")> {};
struct inner_word : word<TAO_PEGTL_ISTRING("inner")> {};
struct left_word : word<TAO_PEGTL_ISTRING("left")> {};
struct right_word : word<TAO_PEGTL_ISTRING("right")> {};
struct full_word : word<TAO_PEGTL_ISTRING("full")> {};
struct cross_word : word<TAO_PEGTL_ISTRING("cross")> {};
struct join_word : word<TAO_PEGTL_ISTRING("join")> {
  static constexpr const char* expected = "'join'";
};
struct outer_word : word_ws<TAO_PEGTL_ISTRING("outer")> {};
struct join_words
    : p::seq<p::opt<natural_word, ws>,
             p::sor<p::seq<join_word, ws>,
                    p::if_must<p::seq<p::sor<p::seq<p::sor<left_word, right_word, full_word>, ws, p::opt<outer_word>>,
                                             p::seq<p::sor<inner_word, cross_word>, ws>>>,
                               join_word, ws>>> {};
struct on_part : p::if_must<kw_on, expression> {};
struct using_part
    : p::if_must<word_ws<TAO_PEGTL_ISTRING("using")>, open_paren, label, p::star<comma, p::must<label>>, close_paren> {
};
struct join_part : p::seq<join_words, p::must<table_primary>, p::opt<p::sor<on_part, using_part>>> {};
/// Every nesting of tables passes here: the reader counts the depth.
struct joined_tables : p::seq<table_primary, p::star<join_part>> {
  static constexpr const char* expected = "the name of a source";
};
struct from_list : p::seq<joined_tables, p::star<comma, p::must<joined_tables>>> {
  static constexpr const char* expected = "the name of a source";
};

// select

struct distinct_word : word<TAO_PEGTL_ISTRING("distinct")> {};
struct all_word : word<TAO_PEGTL_ISTRING("all")> {};
struct distinct_on : p::if_must<kw_on, open_paren, expression, p::star<comma, p::must<expression>>, close_paren> {};
struct select_quantifier : p::sor<p::seq<distinct_word, ws, p::opt<distinct_on>>, p::seq<all_word, ws>> {};
struct where_part : p::if_must<kw_where, expression> {};
struct refused_grouping
    : p::sor<refuse<no_grouping_sets, words<TAO_PEGTL_ISTRING("rollup"), TAO_PEGTL_ISTRING("cube")>, ws, p::one<'('>>,
             refuse<no_grouping_sets, words<TAO_PEGTL_ISTRING("grouping")>, ws, words<TAO_PEGTL_ISTRING("sets")>>> {};
struct group_key : p::sor<refused_grouping, expression> {
  static constexpr const char* expected = "an expression";
};
struct group_part : p::if_must<kw_group, kw_by, group_key, p::star<comma, p::must<group_key>>> {};
struct having_word : word<TAO_PEGTL_ISTRING("having")> {};
struct having_part : p::if_must<p::seq<having_word, ws>, expression> {};
struct select_word : word<TAO_PEGTL_ISTRING("select")> {};
struct select_core : p::if_must<p::seq<select_word, ws>, p::opt<select_quantifier>, select_list, kw_from, from_list,
                                p::opt<where_part>, p::opt<group_part>, p::opt<having_part>,
                                p::opt<refuse<no_window, words<TAO_PEGTL_ISTRING("window")>>>> {};

// several queries

struct query_primary : p::sor<select_core, nested_query> {
  static constexpr const char* expected = "'select'";
};
struct union_word : word<TAO_PEGTL_ISTRING("union")> {};
struct intersect_word : word<TAO_PEGTL_ISTRING("intersect")> {};
struct except_word : word<TAO_PEGTL_ISTRING("except")> {};
struct set_quantifier : p::sor<p::seq<all_word, ws>, word_ws<TAO_PEGTL_ISTRING("distinct")>> {};
struct intersection
    : p::seq<query_primary, p::star<intersect_word, ws, p::opt<set_quantifier>, p::must<query_primary>>> {
  static constexpr const char* expected = "'select'";
};
struct set_expression
    : p::seq<intersection,
             p::star<p::sor<union_word, except_word>, ws, p::opt<set_quantifier>, p::must<intersection>>> {
  static constexpr const char* expected = "'select'";
};

struct descending_word : word<TAO_PEGTL_ISTRING("desc")> {};
struct nulls_word : word_ws<TAO_PEGTL_ISTRING("nulls")> {};
struct first_word : word<TAO_PEGTL_ISTRING("first")> {};
struct last_word : word<TAO_PEGTL_ISTRING("last")> {
  static constexpr const char* expected = "'first' or 'last'";
};
struct nulls_place : p::sor<first_word, last_word> {
  static constexpr const char* expected = "'first' or 'last'";
};
struct order_item : p::seq<expression, p::opt<p::sor<p::seq<descending_word, ws>, word_ws<TAO_PEGTL_ISTRING("asc")>>>,
                           p::opt<nulls_word, p::must<nulls_place>, ws>> {
  static constexpr const char* expected = "an expression";
};
struct order_word : word<TAO_PEGTL_ISTRING("order")> {};
struct order_part : p::if_must<p::seq<order_word, ws>, kw_by, order_item, p::star<comma, p::must<order_item>>> {};
struct limit_word : word<TAO_PEGTL_ISTRING("limit")> {};
struct limit_part : p::if_must<p::seq<limit_word, ws>, p::sor<p::seq<all_word, ws>, expression>> {
  static constexpr const char* expected = "a number of rows";
};
struct rows_word : p::sor<word_ws<TAO_PEGTL_ISTRING("rows")>, word_ws<TAO_PEGTL_ISTRING("row")>> {
  static constexpr const char* expected = "'rows'";
};
struct offset_word : word<TAO_PEGTL_ISTRING("offset")> {};
struct offset_part : p::if_must<p::seq<offset_word, ws>, expression, p::opt<rows_word>> {};
struct fetch_word : word<TAO_PEGTL_ISTRING("fetch")> {};
struct only_word : word_ws<TAO_PEGTL_ISTRING("only")> {
  static constexpr const char* expected = "'only'";
};
struct fetch_count : p::seq<number> {};
struct fetch_part : p::if_must<p::seq<fetch_word, ws>,
                               p::sor<word_ws<TAO_PEGTL_ISTRING("first")>, word_ws<TAO_PEGTL_ISTRING("next")>>,
                               p::opt<fetch_count>, rows_word, only_word> {};
struct range_of_rows : p::sor<limit_part, offset_part, fetch_part> {};

struct recursive_word : word<TAO_PEGTL_ISTRING("recursive")> {};
struct materialized_words : p::seq<p::opt<not_word>, word_ws<TAO_PEGTL_ISTRING("materialized")>> {};
struct common_table
    : p::seq<identifier, p::opt<column_names>, p::must<kw_as>, p::opt<materialized_words>, p::must<nested_query>> {
  static constexpr const char* expected = "a name";
};
struct with_part
    : p::if_must<kw_with, p::opt<recursive_word, ws>, common_table, p::star<comma, p::must<common_table>>> {};

/// Every nesting of queries passes here: the reader counts the depth.
struct query : p::seq<p::opt<with_part>, set_expression, p::opt<order_part>, p::star<range_of_rows>> {
  static constexpr const char* expected = "'select'";
};

} // namespace weir::dsl::grammar

namespace tao::pegtl {
template <class Name>
struct analyze_traits<Name, weir::dsl::grammar::query_in_parentheses> : analyze_opt_traits<> {};
} // namespace tao::pegtl
