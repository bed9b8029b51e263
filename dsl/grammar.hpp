#pragma once

#include "dsl/grammar_block.hpp"
#include "dsl/grammar_query.hpp"
#include "dsl/grammar_test.hpp"

/// The statements of a program.
namespace weir::dsl::grammar {

struct table_reference : p::seq<identifier, p::must<dot, label, dot, label>> {
  static constexpr const char* expected = "a table, written CLUSTER.SCHEMA.TABLE";
};

struct pipeline_statement : p::if_must<kw_pipeline, identifier, semicolon> {};

/// `include "other.pipe";`
struct file_name : p::seq<quoted, ws> {
  static constexpr const char* expected = "the name of a file in double quotes";
};
struct include_statement : p::if_must<kw_include, file_name, semicolon> {};
struct memory_statement : p::if_must<kw_memory, amount, semicolon> {};

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

struct cluster_body : p::sor<semicolon, block<cluster_item>> {
  static constexpr const char* expected = "';' or '{'";
};
struct cluster_statement : p::if_must<kw_cluster, identifier, cluster_body> {};

struct source_statement : p::if_must<kw_source, identifier, kw_from, table_reference, semicolon> {};
struct view_statement : p::if_must<kw_view, identifier, kw_as, query, semicolon> {};
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
struct skip_word : words<TAO_PEGTL_ISTRING("skip")> {};
struct error_policy : p::seq<p::sor<skip_word, stop_word>, ws> {
  static constexpr const char* expected = "'skip' or 'stop'";
};
struct error_part : p::if_must<kw_error, error_policy> {};
struct occasion : p::sor<worker_failure_part, slot_lost_part, schema_change_part, error_part> {
  static constexpr const char* expected = "'worker failure', 'slot lost', 'schema change' or 'error'";
};
struct on_item : p::if_must<kw_on, occasion, semicolon> {};
struct supervise_item : p::sor<retry_item, on_item, p::raise<unknown_supervise_item>> {};
struct supervise_body : p::sor<block<supervise_item>> {
  static constexpr const char* expected = "'{'";
};
struct supervise_word : words<TAO_PEGTL_ISTRING("supervise")> {};
struct supervise_statement : p::seq<supervise_word, ws, p::must<supervise_body>> {};

struct refused_statement
    : refuse<no_insert, words<TAO_PEGTL_ISTRING("insert"), TAO_PEGTL_ISTRING("update"), TAO_PEGTL_ISTRING("delete"),
                              TAO_PEGTL_ISTRING("alter"), TAO_PEGTL_ISTRING("drop"), TAO_PEGTL_ISTRING("select")>> {};
struct statement : p::sor<semicolon, pipeline_statement, cluster_statement, source_statement, view_statement,
                          sink_statement, supervise_statement, include_statement, memory_statement, test_statement,
                          p::seq<p::not_at<p::string<'/', '*'>>, refused_statement>,
                          p::seq<p::not_at<p::string<'/', '*'>>, p::raise<unknown_statement>>> {};

struct byte_order_mark : p::string<'\xef', '\xbb', '\xbf'> {};
struct program
    : p::seq<p::opt<byte_order_mark>,
             p::star<p::not_at<p::eof>, p::sor<p::try_catch<p::sor<leading_space, statement>>, recover<false>>>,
             p::eof> {};

} // namespace weir::dsl::grammar
