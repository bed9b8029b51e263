#pragma once

#include "dsl/grammar_expression.hpp"

/// Queries: select and what it is made of.
namespace weir::dsl::grammar {

struct alias : p::sor<p::seq<kw_as, p::must<label>>, identifier> {};
struct select_item : p::sor<refuse<no_star, p::one<'*'>>, p::seq<expression, p::opt<alias>>> {
  static constexpr const char* expected = "an expression";
};
struct select_list : p::seq<select_item, p::star<comma, p::must<select_item>>> {
  static constexpr const char* expected = "a select list";
};
struct source_alias : p::sor<p::seq<kw_as, p::must<label>>, identifier> {};
struct refused_from
    : p::sor<refuse<no_join, p::one<','>>,
             refuse<no_join, words<TAO_PEGTL_ISTRING("join"), TAO_PEGTL_ISTRING("inner"), TAO_PEGTL_ISTRING("left"),
                                   TAO_PEGTL_ISTRING("right"), TAO_PEGTL_ISTRING("full"), TAO_PEGTL_ISTRING("cross"),
                                   TAO_PEGTL_ISTRING("natural")>>> {};
struct from_source : p::seq<p::sor<refuse<no_subquery, p::one<'('>>, p::must<identifier>>,
                            p::opt<refuse<no_table_in_view, p::one<'.'>>>, p::opt<source_alias>, p::opt<refused_from>> {
  static constexpr const char* expected = "the name of a source";
};
struct where_part : p::if_must<kw_where, expression> {};
struct group_part : p::if_must<kw_group, kw_by, expression, p::star<comma, p::must<expression>>> {};
struct refused_tail
    : p::sor<
          refuse<no_having, words<TAO_PEGTL_ISTRING("having")>>, refuse<no_order, words<TAO_PEGTL_ISTRING("order")>>,
          refuse<no_limit, words<TAO_PEGTL_ISTRING("limit"), TAO_PEGTL_ISTRING("offset"), TAO_PEGTL_ISTRING("fetch")>>,
          refuse<no_set_operation,
                 words<TAO_PEGTL_ISTRING("union"), TAO_PEGTL_ISTRING("intersect"), TAO_PEGTL_ISTRING("except")>>,
          refuse<no_window, words<TAO_PEGTL_ISTRING("window")>>> {};
struct select_statement
    : p::sor<refuse<no_with, kw_with>,
             p::if_must<kw_select, p::opt<refuse<no_distinct, words<TAO_PEGTL_ISTRING("distinct")>>>, select_list,
                        kw_from, from_source, p::opt<where_part>, p::opt<group_part>, p::opt<refused_tail>>> {
  static constexpr const char* expected = "'select'";
};

} // namespace weir::dsl::grammar
