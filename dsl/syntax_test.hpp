#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dsl/syntax.hpp"
#include "runtime/rehearsal/script.hpp"

/// `test "…" { … }`, as written.
namespace weir::dsl {

/// `(value, value)`
struct value_row {
  span where;
  std::vector<syntax_expression> values;
};

/// What a step does to a table: insert, update, delete, truncate; of `given`, rows to insert.
struct table_statement {
  rehearsal::change_kind kind = rehearsal::change_kind::insert;
  span where;
  name table;
  std::vector<name> columns; ///< behind `insert into t`, or those that `set` names
  std::vector<value_row> rows;
  std::vector<syntax_expression> values; ///< of `set`
  std::optional<syntax_expression> condition;
};

/// `w1: insert …`; in `given` the worker may be left out.
struct worker_statement {
  std::optional<name> worker;
  table_statement what;
};

struct given_step {
  worker_statement rows;
};
/// One statement, or several in a transaction of a name.
struct change_step {
  std::optional<name> transaction;
  std::vector<worker_statement> parts;
};
struct deliver_step {
  std::vector<name> workers; ///< none: all
};
struct fail_step {
  name worker;
};
struct recover_step {
  name worker;
};
struct restart_step {};
struct wait_step {
  std::chrono::milliseconds time{0};
};
struct expect_rows_step {
  name view;
  std::vector<value_row> rows; ///< none: `is empty`
};
struct expect_error_step {
  std::string text;
};

struct test_step {
  span where;
  std::variant<given_step, change_step, deliver_step, fail_step, recover_step, restart_step, wait_step,
               expect_rows_step, expect_error_step>
      what;
};

struct test_declaration {
  name test; ///< any text
  std::vector<test_step> steps;
};

} // namespace weir::dsl
