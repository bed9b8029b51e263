#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/source_text.hpp"
#include "runtime/base/memory_size.hpp"
#include "runtime/cluster/capture_mode.hpp"
#include "runtime/cluster/consistency.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::dsl {

/// An identifier: folded to lower case unless it was quoted.
struct name {
  std::string text;
  span where;
};

struct query;

/// What an expression's node is, as written. Names and types are not known yet.
enum class form : std::uint8_t {
  column,        ///< names: [qualifier,] column
  integer,       ///< text: digits
  decimal,       ///< text: digits with point or exponent
  string,        ///< text: the content
  boolean,       ///< text: "true" or "false"
  null,          ///< null
  typed_string,  ///< text: the content; type: date '…'
  cast,          ///< args[0] :: type
  call,          ///< names: the function; args, or `star`
  negate,        ///< - args[0]
  plus,          ///< + args[0]
  binary,        ///< text: the operator, in SQL: + - * / % || -> ~ = <> < <= > >= and or …
  logical_not,   ///< not args[0]
  is_null,       ///< args[0] is [not] null
  in_list,       ///< args[0] [not] in (args[1..])
  between,       ///< args[0] [not] between args[1] and args[2]
  like,          ///< args[0] [not] text args[1] [escape args[2]]; text is "like", "ilike" or "similar to"
  collate,       ///< args[0] collate names[0]
  is_truth,      ///< args[0] is [not] text, which is "true", "false" or "unknown"
  is_distinct,   ///< args[0] is [not] distinct from args[1]
  searched_case, ///< args: condition, value, condition, value, …, and the value of `else` if their number is odd
  row,           ///< (args…)
  exists,        ///< exists (subquery)
  in_query,      ///< args[0] [not] in (subquery)
  scalar_query,  ///< (subquery)
  array,         ///< array[args]
  subscript,     ///< args[0][args[1]]
  quantified,    ///< args[0] text (args[1]); text: a comparison and "any" or "all", as in "= any"
  simple_case,   ///< args[0] is compared; the others as of searched_case, with values in place of conditions
};

/// Trees of expressions, of joins and of unions are no higher than this; parentheses nest to max_nesting.
inline constexpr std::uint32_t max_expression_height = 500;
inline constexpr std::uint32_t max_nesting = 200;

struct syntax_expression {
  dsl::form form = form::null;
  span where;
  std::string text;
  std::vector<name> names;
  std::vector<syntax_expression> args;
  std::shared_ptr<const query> subquery; ///< of the three forms that have one
  bool negated = false;                  ///< is not …, not in, not between, not like
  bool star = false;                     ///< count(*)
  bool distinct = false;                 ///< of a call: count(distinct x)
  std::vector<syntax_expression> filter; ///< of a call, `filter (where …)`: one, or none
  std::string type; ///< of cast and typed_string: lower case, one space between words: "double precision", "text[]"
  span type_where;
  std::vector<std::string> type_modifiers; ///< digits: those of numeric(10,2)
  std::uint32_t height = 1; ///< of the tree; at most max_expression_height, so that recursion over it is safe
};

/// `expression [as alias]`, or a star: the columns of all tables, or of one.
struct select_item {
  syntax_expression value; ///< of a star: where it stands
  std::optional<name> alias;
  bool star = false;
  std::optional<name> star_of;
};

enum class join_kind : std::uint8_t { inner, left, right, full, cross };

/// What stands in FROM: a source or view by its name, a query in parentheses, or a join.
struct table_item {
  span where; ///< of a join: its words; of a query: its parenthesis
  name table;
  std::shared_ptr<const query> subquery;
  std::optional<name> alias;
  std::vector<name> column_names; ///< behind the alias
  bool lateral = false;

  std::vector<table_item> sides; ///< of a join: both
  join_kind kind = join_kind::inner;
  bool natural = false;
  std::optional<syntax_expression> on;
  std::vector<name> using_columns;
  std::uint32_t height = 1; ///< as of an expression: what walks the tree may recur
};

struct select_statement {
  std::optional<span> distinct;
  std::vector<syntax_expression> distinct_on;
  std::vector<select_item> items;
  std::vector<table_item> from;
  std::optional<syntax_expression> where;
  std::vector<syntax_expression> group_by;
  std::optional<syntax_expression> having;
  span having_where; ///< of the word
};

/// `name [(columns)] as (query)` behind `with`
struct common_table {
  name table;
  std::vector<name> column_names;
  std::shared_ptr<const query> body;
};

struct order_item {
  syntax_expression value;
  bool descending = false;
  std::optional<bool> nulls_first;
};

enum class set_operation : std::uint8_t { unite, intersect, except };

/// A query: a select, or two queries and what is made of them; with what stands before and behind.
struct query {
  span where; ///< of its first word
  std::vector<common_table> with;
  bool recursive = false;

  std::optional<select_statement> select;
  std::vector<query> sides; ///< two, where there is no select
  set_operation operation = set_operation::unite;
  bool all = false;
  span operation_where;

  std::vector<order_item> order_by;
  std::optional<syntax_expression> limit;
  std::optional<syntax_expression> offset;
  std::optional<span> order_where; ///< of the first of these words
  std::uint32_t height = 1;        ///< with all that it reads
};

/// The names of sources and views that a query reads, each where it stands; those of its own common tables are none.
std::vector<name> tables_read(const query& q);

/// Does it stand in the expression, at any depth, or in one that a select computes?
bool holds_subquery(const syntax_expression& e);
bool holds_subquery(const select_statement& select);
/// The conditions that `and` joins in it, from the left.
std::vector<syntax_expression> conjuncts_of(const syntax_expression& condition);
/// All of them; empty if there is none.
std::optional<syntax_expression> conjunction_of(std::vector<syntax_expression> conditions);

struct pipeline_declaration {
  name pipeline;
};

/// `include "FILE";`
struct include_declaration {
  std::string file; ///< as written: relative to the file that the statement stands in
  span where;
};

/// `memory 256 MiB;`
struct memory_declaration {
  memory_size size;
  span where;
};

/// A connection string as written between double quotes.
struct conninfo_text {
  std::string text;
  span where;
};

struct node_declaration {
  std::optional<name> node;
  conninfo_text conninfo;
};

struct consistency_choice {
  weir::consistency choice = weir::consistency::transaction;
  span where;
};

struct capture_choice {
  capture_mode choice = capture_mode::raw;
  span where;
};

/// `transaction name '…'`: a pattern that check_transaction_name has found fit.
struct transaction_pattern {
  std::string text;
  span where;
};

struct cluster_declaration {
  name cluster;
  std::optional<conninfo_text> coordinator;
  std::vector<node_declaration> nodes;
  std::optional<consistency_choice> consistency;
  std::optional<capture_choice> capture;
  std::optional<transaction_pattern> transaction_name;
};

struct table_name {
  name cluster;
  name schema;
  name table;
};

struct source_declaration {
  name source;
  table_name table;
};

struct view_declaration {
  name view;
  dsl::query query;
};

/// `distributed by (column) [colocate with …]`
struct distribution {
  name column;
  std::optional<name> with_source;
  std::optional<table_name> with_table;
};

struct sink_declaration {
  name view;
  table_name table;
  std::optional<distribution> distributed;
  bool reference = false;
  std::optional<std::chrono::milliseconds> every;
};

enum class failure_policy : std::uint8_t { isolate, wait };

struct supervise_declaration {
  span where;
  std::optional<int> retry;
  std::optional<std::chrono::milliseconds> backoff_min;
  std::optional<std::chrono::milliseconds> backoff_max;
  std::optional<failure_policy> on_worker_failure;
  std::optional<weir::on_slot_lost> on_slot_lost;
  std::optional<weir::on_schema_change> on_schema_change;
  std::optional<weir::on_error> on_error;
};

struct test_declaration; // syntax_test.hpp

/// The statements of all files, as written: nothing is looked up, nothing is inherited.
struct syntax {
  std::vector<pipeline_declaration> pipelines;
  std::vector<cluster_declaration> clusters;
  std::vector<source_declaration> sources;
  std::vector<view_declaration> views;
  std::vector<sink_declaration> sinks;
  std::vector<supervise_declaration> supervises;
  std::vector<include_declaration> includes;
  std::vector<memory_declaration> memories;
  std::vector<std::shared_ptr<const test_declaration>> tests;
  /// What statements that could not be read would have declared: using such a name is no second error.
  std::vector<std::string> broken_names;
  bool broken = false; ///< parse reported errors: the program is not all there

  bool is_broken(const std::string& text) const;
};

/// The statements of `more` behind those of `to`.
void append(syntax& to, syntax more);

} // namespace weir::dsl
