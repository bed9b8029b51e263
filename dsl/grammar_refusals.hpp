#pragma once

#include "dsl/lexical.hpp"

/// What PostgreSQL has and the language has not, or not yet: it is refused by name.
namespace weir::dsl::grammar {

/// One of several words; each is matched as a whole, since some begin like others.
template <class... Texts>
struct words : p::sor<p::seq<Texts, word_end>...> {};

#define WEIR_REFUSED(rule, text)                                                                                       \
  struct rule : raised {                                                                                               \
    static constexpr const char* refusal = text;                                                                       \
  }
WEIR_REFUSED(no_subquery, "a subquery here; write x in (select …)");
WEIR_REFUSED(no_star, "'*' in the select list; write the columns");
WEIR_REFUSED(no_grouping_sets, "rollup, cube and grouping sets");
WEIR_REFUSED(no_window, "window functions");
WEIR_REFUSED(no_table_in_view, "tables in a view; declare a source for the table and read that");
WEIR_REFUSED(no_interval_fields, "fields behind an interval; write its unit inside the quotes: interval '1 day'");
WEIR_REFUSED(no_symmetric, "between symmetric");
WEIR_REFUSED(no_operator, "this operator");
WEIR_REFUSED(no_quantified, "any and all of this operator; there are = any (…) and <> all (…)");
WEIR_REFUSED(no_nested_array, "arrays of arrays");
WEIR_REFUSED(no_array_bounds, "sizes and dimensions of array types; write integer[]");
WEIR_REFUSED(no_slice, "slices of arrays; write single elements: a[1]");
WEIR_REFUSED(no_now, "the current date and time; a view's content must not depend on when it is computed");
WEIR_REFUSED(no_special_string, "strings with a prefix (e'…', u&'…', b'…', x'…')");
WEIR_REFUSED(no_parameter, "parameters like $1");
WEIR_REFUSED(no_insert, "this statement; a program declares, it does not change data");
#undef WEIR_REFUSED

/// `a < b < c`, which PostgreSQL refuses as well.
struct comparison_chain : raised {};
struct unknown_statement : raised {};
struct unknown_cluster_item : raised {};
struct unknown_supervise_item : raised {};

} // namespace weir::dsl::grammar
