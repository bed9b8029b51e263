#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/cluster/capture_mode.hpp"
#include "runtime/cluster/cluster_spec.hpp"
#include "runtime/cluster/consistency.hpp"
#include "runtime/cluster/table_kind.hpp"
#include "runtime/expr/expression.hpp"
#include "runtime/plan/logical_plan.hpp"
#include "runtime/rows/data_type.hpp"

namespace weir {

struct source_column {
  std::string name;
  data_type type;
  bool not_null = false;
};

/// A table that is read, and the columns of it that some view uses, in the order of the table.
struct source_plan {
  std::string name;
  std::string schema;
  std::string table;
  std::vector<source_column> columns;
  table_kind kind = table_kind::plain;
  bool partitioned = false;
};

enum class aggregate_function : std::uint8_t { count_rows, count, sum, avg, min, max };

/// Its name in SQL.
const char* to_string(aggregate_function function) noexcept;

struct aggregate_plan {
  aggregate_function function = aggregate_function::count_rows;
  std::size_t input = 0; ///< into view_plan::inputs; unused for count_rows
  data_type type;        ///< PostgreSQL's result type
};

/// One column of a view, in the order of its select list.
struct output_column {
  std::string name;
  data_type type;
  bool is_key = false;
  std::size_t index = 0; ///< into view_plan::keys, view_plan::aggregates or view_plan::computed
  bool not_null = false;
  bool is_computed = false;
};

/// Where the rows of a view's table are kept: on the target itself, or by Citus on its nodes.
enum class sink_placement : std::uint8_t { local, distributed, reference };

struct sink_plan {
  std::string schema;
  std::string table;
  std::chrono::milliseconds every{200};
  sink_placement placement = sink_placement::local;
  std::string distribution_column = {}; ///< the name of a key, where distributed
  std::string colocated_schema = {};    ///< a table with which it is colocated; empty: Citus chooses
  std::string colocated_table = {};
};

/// select <outputs> from <source> where <filter> group by <keys> having <having>.
///
/// Expressions refer to the columns of the source's source_plan; those of `computed` and `having` to the columns of a
/// group: its keys, then its aggregates. Every key is an output. No keys: one row, unless `having` hides it.
struct view_plan {
  std::string name;
  std::size_t source = 0; ///< into pipeline_plan::sources
  std::optional<expression> filter;
  std::vector<expression> keys;
  std::vector<expression> inputs; ///< distinct arguments of the aggregates
  std::vector<aggregate_plan> aggregates;
  std::vector<output_column> outputs;
  sink_plan sink;
  std::vector<expression> computed;
  std::optional<expression> having; ///< a group of which this is not true has no row in the view
};

enum class on_worker_failure : std::uint8_t { isolate, wait };

/// What happens when a node cannot tell what it did since it was read last.
enum class on_slot_lost : std::uint8_t {
  reload, ///< its share is read anew, and takes the place of the old one in one cut
  stop,
};

/// What happens when a table changes in a column that some view uses.
enum class on_schema_change : std::uint8_t {
  evolve, ///< the pipeline takes the new shape, and reads anew what the stream does not tell
  stop,
};

/// What happens when a value of a view cannot be computed.
enum class on_error : std::uint8_t {
  skip, ///< the row is in no view, and becomes a dead letter; of a group the views wait until it is another
  stop,
};

struct supervise_plan {
  int retry = 5;
  std::chrono::milliseconds backoff_min{200};
  std::chrono::milliseconds backoff_max{30'000};
  weir::on_worker_failure on_worker_failure = weir::on_worker_failure::isolate;
  weir::on_slot_lost on_slot_lost = weir::on_slot_lost::reload;
  weir::on_schema_change on_schema_change = weir::on_schema_change::evolve;
  weir::on_error on_error = weir::on_error::skip;
};

/// Everything the runtime needs to run one pipeline; made by dsl/, read by actors/ and postgres/.
struct pipeline_plan {
  std::string name;
  std::vector<node_spec> nodes; ///< the servers that are read, in order (node_index)
  node_spec target;             ///< where views are written
  /// Where the nodes were found; they may come and go. Empty: they are a fixed list.
  std::optional<node_spec> coordinator;
  std::vector<source_plan> sources;
  std::vector<view_plan> views;
  supervise_plan supervise;
  weir::consistency consistency = weir::consistency::transaction;
  capture_mode capture = capture_mode::tables;
  /// Which prepared transactions are parts of one distributed transaction, besides those that Citus names: a regular
  /// expression (ECMAScript) over their names; its first group, or the whole match, names the distributed transaction.
  /// Empty: Citus' names only.
  std::string transaction_name;
  weir::node_parameters node_parameters = {}; ///< of nodes found through the coordinator
  std::vector<logical_view> unbuilt = {};     ///< views that cannot be run: a plan with such is for reading
};

/// A hash of what decides the content of slots, state and views (not of supervision, addresses or `every`), as hex.
/// Two plans with the same fingerprint may continue each other's work.
std::string fingerprint(const pipeline_plan& plan);

/// What is kept of a plan with what was made of it: its fingerprint, and that of the definition alone, whatever types
/// and places its columns have in the sources.
std::string registered_fingerprint(const pipeline_plan& plan);

enum class plan_likeness : std::uint8_t {
  same,
  other_types, ///< the same definition over tables that have changed
  other,
};
plan_likeness compare_fingerprint(std::string_view registered, const pipeline_plan& plan);

} // namespace weir
