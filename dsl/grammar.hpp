#pragma once

#include "dsl/lexical.hpp"

/// The language, from expressions up to the program. Precedence is PostgreSQL's; lowest first: or, and, not, is,
/// comparison, in and between, + -, * / %, sign, ::.
namespace weir::dsl::grammar {

/// One of several words; each is matched as a whole, since some begin like others.
template <class... Texts>
struct words : p::sor<p::seq<Texts, word_end>...> {};

// what is refused by name

#define WEIR_REFUSED(rule, text)                                                                                       \
  struct rule : raised {                                                                                               \
    static constexpr const char* refusal = text;                                                                       \
  }
WEIR_REFUSED(no_subquery, "subqueries");
WEIR_REFUSED(no_join, "joins");
WEIR_REFUSED(no_star, "'*' in the select list; write the columns");
WEIR_REFUSED(no_distinct, "distinct");
WEIR_REFUSED(no_having, "having");
WEIR_REFUSED(no_order, "order by; a view is a table, order it where it is read");
WEIR_REFUSED(no_limit, "limit, offset and fetch");
WEIR_REFUSED(no_set_operation, "union, intersect and except");
WEIR_REFUSED(no_window, "window functions");
WEIR_REFUSED(no_filter_clause, "filter (where …) behind an aggregate");
WEIR_REFUSED(no_with, "with (common table expressions)");
WEIR_REFUSED(no_table_in_view, "tables in a view; declare a source for the table and read that");
WEIR_REFUSED(no_case, "case");
WEIR_REFUSED(no_cast_call, "cast(… as …); a literal can be written '…'::type");
WEIR_REFUSED(no_like, "like, ilike and similar to");
WEIR_REFUSED(no_symmetric, "between symmetric");
WEIR_REFUSED(no_is, "is true, is false, is unknown, is distinct from; there are is null and is not null");
WEIR_REFUSED(no_isnull, "isnull and notnull; write is null and is not null");
WEIR_REFUSED(no_operator, "this operator");
WEIR_REFUSED(no_array, "arrays");
WEIR_REFUSED(no_now, "the current date and time; a view's content must not depend on when it is computed");
WEIR_REFUSED(no_special_string, "strings with a prefix (e'…', u&'…', b'…', x'…')");
WEIR_REFUSED(no_parameter, "parameters like $1");
WEIR_REFUSED(no_test, "test blocks");
WEIR_REFUSED(no_insert, "this statement; a program declares, it does not change data");
#undef WEIR_REFUSED

/// `a < b < c`, which PostgreSQL refuses as well.
struct comparison_chain : raised {};
struct unknown_statement : raised {};
struct unknown_cluster_item : raised {};
struct unknown_supervise_item : raised {};

// expressions

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

// select

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

// statements

struct table_reference : p::seq<identifier, p::must<dot, label, dot, label>> {
  static constexpr const char* expected = "a table, written CLUSTER.SCHEMA.TABLE";
};

struct pipeline_statement : p::if_must<kw_pipeline, identifier, semicolon> {};

struct coordinator_item : p::if_must<kw_coordinator, conninfo, semicolon> {};
struct node_item : p::sor<conninfo, p::seq<node_name, p::must<conninfo>>> {
  static constexpr const char* expected = "a connection string in double quotes";
};
struct nodes_item : p::if_must<kw_nodes, node_item, p::star<comma, p::must<node_item>>, semicolon> {};
struct transaction_word : words<TAO_PEGTL_ISTRING("transaction")> {};
struct node_word : words<TAO_PEGTL_ISTRING("node")> {};
struct consistency_choice : p::seq<p::at<words<TAO_PEGTL_ISTRING("transaction"), TAO_PEGTL_ISTRING("node")>>,
                                   p::sor<transaction_word, node_word>, ws> {
  static constexpr const char* expected = "'transaction' or 'node'";
};
struct consistency_item : p::if_must<kw_consistency, consistency_choice, semicolon> {};
struct pattern : p::seq<string_literal> {
  static constexpr const char* expected = "a regular expression in single quotes";
};
struct transaction_item : p::if_must<kw_transaction, kw_name, pattern, semicolon> {};
struct raw_word : words<TAO_PEGTL_ISTRING("raw")> {};
struct logical_word : words<TAO_PEGTL_ISTRING("logical")> {};
struct capture_choice : p::seq<p::sor<raw_word, logical_word>, ws> {
  static constexpr const char* expected = "'raw' or 'logical'";
};
struct capture_item : p::if_must<kw_capture, capture_choice, semicolon> {};
struct cluster_item : p::sor<coordinator_item, nodes_item, consistency_item, capture_item, transaction_item,
                             p::raise<unknown_cluster_item>> {};

/// Passes over what could not be read (recovery.hpp), so that the next error is found as well.
template <bool InBlock>
struct recover {
  using rule_t = recover;
  using subs_t = p::empty_list;
  template <p::apply_mode, p::rewind_mode, template <typename...> class, template <typename...> class,
            typename ParseInput, typename Reader, typename... States>
  static bool match(ParseInput& in, Reader& reader, States&&...) {
    const std::size_t length = reader.recover({in.current(), in.size()}, InBlock);
    in.bump(length);
    return length > 0;
  }
};

template <class Item>
struct block : p::seq<open_brace,
                      p::star<p::not_at<p::sor<p::one<'}'>, p::eof>>,
                              p::sor<p::try_catch<Item>, p::seq<recover<true>, p::opt<leading_space>>>>,
                      p::must<close_brace>> {};

struct cluster_body : p::sor<semicolon, block<cluster_item>> {
  static constexpr const char* expected = "';' or '{'";
};
struct cluster_statement : p::if_must<kw_cluster, identifier, cluster_body> {};

struct source_statement : p::if_must<kw_source, identifier, kw_from, table_reference, semicolon> {};
struct view_statement : p::if_must<kw_view, identifier, kw_as, select_statement, semicolon> {};
struct every_part : p::if_must<kw_every, duration> {};
struct table_or_source : p::seq<identifier, p::opt<p::if_must<dot, label, dot, label>>> {
  static constexpr const char* expected = "a source, or a table written CLUSTER.SCHEMA.TABLE";
};
struct colocate_part : p::if_must<kw_colocate, kw_with, table_or_source> {};
struct distributed_part : p::if_must<kw_distributed, kw_by, open_paren, label, close_paren, p::opt<colocate_part>> {};
struct reference_word : words<TAO_PEGTL_ISTRING("reference")> {};
struct sink_statement
    : p::if_must<kw_sink, identifier, kw_into, table_reference,
                 p::opt<p::sor<distributed_part, p::seq<reference_word, ws>>>, p::opt<every_part>, semicolon> {};

struct backoff_part : p::if_must<comma, kw_backoff, duration, kw_to, duration> {};
struct retry_item : p::if_must<kw_retry, whole, p::opt<backoff_part>, semicolon> {};
struct isolate_word : words<TAO_PEGTL_ISTRING("isolate")> {};
struct wait_word : words<TAO_PEGTL_ISTRING("wait")> {};
struct policy : p::seq<p::sor<isolate_word, wait_word>, ws> {
  static constexpr const char* expected = "'isolate' or 'wait'";
};
struct reload_word : words<TAO_PEGTL_ISTRING("reload")> {};
struct stop_word : words<TAO_PEGTL_ISTRING("stop")> {};
struct loss_policy : p::seq<p::sor<reload_word, stop_word>, ws> {
  static constexpr const char* expected = "'reload' or 'stop'";
};
struct evolve_word : words<TAO_PEGTL_ISTRING("evolve")> {};
struct change_policy : p::seq<p::sor<evolve_word, stop_word>, ws> {
  static constexpr const char* expected = "'evolve' or 'stop'";
};
struct worker_failure_part : p::if_must<kw_worker, kw_failure, policy> {};
struct slot_lost_part : p::if_must<kw_slot, kw_lost, loss_policy> {};
struct schema_change_part : p::if_must<kw_schema, kw_change, change_policy> {};
struct occasion : p::sor<worker_failure_part, slot_lost_part, schema_change_part> {
  static constexpr const char* expected = "'worker failure', 'slot lost' or 'schema change'";
};
struct on_item : p::if_must<kw_on, occasion, semicolon> {};
struct supervise_item : p::sor<retry_item, on_item, p::raise<unknown_supervise_item>> {};
struct supervise_body : p::sor<block<supervise_item>> {
  static constexpr const char* expected = "'{'";
};
struct supervise_word : words<TAO_PEGTL_ISTRING("supervise")> {};
struct supervise_statement : p::seq<supervise_word, ws, p::must<supervise_body>> {};

struct refused_statement
    : p::sor<refuse<no_test, words<TAO_PEGTL_ISTRING("test")>>,
             refuse<no_insert,
                    words<TAO_PEGTL_ISTRING("insert"), TAO_PEGTL_ISTRING("update"), TAO_PEGTL_ISTRING("delete"),
                          TAO_PEGTL_ISTRING("alter"), TAO_PEGTL_ISTRING("drop"), TAO_PEGTL_ISTRING("select")>>> {};
struct statement
    : p::sor<semicolon, pipeline_statement, cluster_statement, source_statement, view_statement, sink_statement,
             supervise_statement, p::seq<p::not_at<p::string<'/', '*'>>, refused_statement>,
             p::seq<p::not_at<p::string<'/', '*'>>, p::raise<unknown_statement>>> {};

struct byte_order_mark : p::string<'\xef', '\xbb', '\xbf'> {};
struct program
    : p::seq<p::opt<byte_order_mark>,
             p::star<p::not_at<p::eof>, p::sor<p::try_catch<p::sor<leading_space, statement>>, recover<false>>>,
             p::eof> {};

} // namespace weir::dsl::grammar

namespace tao::pegtl {
template <class Name, bool InBlock>
struct analyze_traits<Name, weir::dsl::grammar::recover<InBlock>> : analyze_any_traits<> {};
} // namespace tao::pegtl
