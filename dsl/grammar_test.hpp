#pragma once

#include "dsl/grammar_block.hpp"
#include "dsl/grammar_query.hpp"

/// Tests: steps one after the other.
namespace weir::dsl::grammar {

struct unknown_test_step : raised {};
struct unknown_part : raised {};

#define WEIR_TEST_KEYWORD(word)                                                                                        \
  struct kw_##word : keyword<TAO_PEGTL_ISTRING(#word)> {                                                               \
    static constexpr const char* expected = "'" #word "'";                                                             \
  }
WEIR_TEST_KEYWORD(given);
WEIR_TEST_KEYWORD(deliver);
WEIR_TEST_KEYWORD(fail);
WEIR_TEST_KEYWORD(recover);
WEIR_TEST_KEYWORD(expect);
WEIR_TEST_KEYWORD(insert);
WEIR_TEST_KEYWORD(values);
WEIR_TEST_KEYWORD(update);
WEIR_TEST_KEYWORD(set);
WEIR_TEST_KEYWORD(delete);
WEIR_TEST_KEYWORD(truncate);
WEIR_TEST_KEYWORD(table);
WEIR_TEST_KEYWORD(empty);
#undef WEIR_TEST_KEYWORD

struct test_name : p::seq<quoted, ws> {
  static constexpr const char* expected = "the test's name in double quotes";
};
struct colon : p::seq<p::one<':'>, p::not_at<p::one<':', '='>>, ws> {};
struct worker_label : p::seq<identifier, colon> {};

struct value_row
    : p::seq<open_mark, ws, p::must<expression>, p::star<comma, p::must<expression>>, p::must<close_paren>> {
  static constexpr const char* expected = "a row in parentheses";
};
struct value_rows : p::seq<value_row, p::star<comma, p::must<value_row>>> {
  static constexpr const char* expected = "a row in parentheses";
};

struct insert_statement : p::if_must<kw_insert, kw_into, identifier, p::opt<column_names>, kw_values, value_rows> {};
struct equals_mark : mark<'='> {
  static constexpr const char* expected = "'='";
};
struct assignment : p::seq<label, p::must<equals_mark, expression>> {
  static constexpr const char* expected = "COLUMN = VALUE";
};
struct update_statement
    : p::if_must<kw_update, identifier, kw_set, assignment, p::star<comma, p::must<assignment>>, p::opt<where_part>> {};
struct delete_statement : p::if_must<kw_delete, kw_from, identifier, p::opt<where_part>> {};
struct truncate_statement : p::if_must<kw_truncate, p::opt<kw_table>, identifier> {};
struct row_statement : p::sor<insert_statement, update_statement, delete_statement, truncate_statement> {
  static constexpr const char* expected = "'insert', 'update', 'delete' or 'truncate'";
};
struct worker_statement : p::seq<worker_label, p::must<row_statement, semicolon>> {};

struct given_step : p::if_must<kw_given, p::opt<worker_label>, identifier, value_rows, semicolon> {};
struct change_step : p::seq<worker_statement> {};
struct transaction_part : p::sor<worker_statement, p::raise<unknown_part>> {};
struct transaction_body : p::sor<block<transaction_part>> {
  static constexpr const char* expected = "'{'";
};
struct transaction_step : p::if_must<kw_transaction, identifier, transaction_body> {};
struct all_workers : words<TAO_PEGTL_ISTRING("all")> {};
struct worker_list : p::sor<p::seq<all_workers, ws>, p::seq<identifier, p::star<comma, p::must<identifier>>>> {
  static constexpr const char* expected = "a worker, or 'all'";
};
struct deliver_step : p::if_must<kw_deliver, worker_list, semicolon> {};
struct fail_step : p::if_must<kw_fail, identifier, semicolon> {};
struct recover_step : p::if_must<kw_recover, identifier, semicolon> {};
struct restart_word : words<TAO_PEGTL_ISTRING("restart")> {};
struct restart_step : p::seq<restart_word, ws, p::must<semicolon>> {};
struct wait_step : p::if_must<kw_wait, duration, semicolon> {};
struct is_empty : p::if_must<kw_is, kw_empty> {};
struct expected_rows : p::sor<is_empty, value_rows> {
  static constexpr const char* expected = "'is empty' or rows in parentheses";
};
struct expected_text : p::seq<string_literal> {
  static constexpr const char* expected = "a part of the message in single quotes";
};
struct expect_error : p::if_must<p::seq<kw_error, p::at<p::one<'\''>>>, expected_text> {};
struct expect_view : p::seq<identifier, p::must<expected_rows>> {};
struct expectation : p::sor<expect_error, expect_view> {
  static constexpr const char* expected = "a view, or 'error'";
};
struct expect_step : p::if_must<kw_expect, expectation, semicolon> {};

struct test_step : p::sor<change_step, given_step, transaction_step, deliver_step, fail_step, recover_step,
                          restart_step, wait_step, expect_step, p::raise<unknown_test_step>> {};
struct test_body : p::sor<block<test_step>> {
  static constexpr const char* expected = "'{'";
};
struct test_word : words<TAO_PEGTL_ISTRING("test")> {};
struct test_statement : p::seq<test_word, ws, p::must<test_name, test_body>> {};

} // namespace weir::dsl::grammar
