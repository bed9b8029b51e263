#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/cluster/catalog.hpp"
#include "runtime/expr/expression.hpp"

/// Tests of a pipeline: what workers, weir and the clock do, and what the views have to show. dsl/ makes scripts,
/// actors/rehearsal runs them.
namespace weir::rehearsal {

/// Where something of a script is written: whoever made the script knows it by this number.
using place = std::uint32_t;

/// A table that every worker has.
struct table_shape {
  std::string source; ///< its name in the pipeline
  catalog_table is;
};

enum class change_kind : std::uint8_t { insert, update, remove, truncate };

/// What a statement does to a table. Expressions are over all columns of the table, in its order; a column of a type
/// that weir does not compute with has its text, and only the text's form is sure.
struct table_change {
  change_kind kind = change_kind::insert;
  std::size_t table = 0;                                    ///< into script::tables
  std::vector<std::vector<expression>> rows = {};           ///< insert: constants, one for each column
  std::vector<std::pair<std::size_t, expression>> set = {}; ///< update: column and its new value
  std::optional<expression> where = {};                     ///< update and remove; empty: every row
};

/// A statement on one worker.
struct part {
  std::size_t worker = 0; ///< into script::workers
  table_change what;
  place written = 0;
};

/// The worker has had these rows since before weir was started first.
struct given {
  part rows;
};
/// Commits. Parts on several workers are one distributed transaction.
struct change {
  std::vector<part> parts;
};
/// What these workers have committed reaches weir.
struct deliver {
  std::vector<std::size_t> workers;
};
struct fail {
  std::size_t worker = 0;
};
struct recover {
  std::size_t worker = 0;
};
/// weir is killed and started again.
struct restart {};
struct wait {
  std::chrono::milliseconds time{0};
};
/// The view holds these rows and no others, in any order.
struct expect_rows {
  std::size_t view = 0;                      ///< into pipeline_plan::views
  std::vector<std::vector<expression>> rows; ///< constants, one for each output
};
/// Something has been reported, since the last such step, that holds the text.
struct expect_error {
  std::string text;
};

struct step {
  place written = 0;
  std::variant<given, change, deliver, fail, recover, restart, wait, expect_rows, expect_error> what;
};

struct script {
  std::vector<std::string> workers; ///< nodes of the plan, in its order
  std::vector<table_shape> tables;
  std::vector<step> steps;
};

} // namespace weir::rehearsal
