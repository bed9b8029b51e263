#include <algorithm>

#include <fmt/format.h>

#include "runtime/postgres/final_sql.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "runtime/postgres/view_sql.hpp"

// The statements of view_sql about a view that is distributed. None has parameters but those that stage: Citus plans
// each once for all its shards, and keeps that plan.

namespace weir::postgres {
namespace {

void append(std::string& list, const std::string& separator, const std::string& item) {
  if (!list.empty()) list += separator;
  list += item;
}

/// Of a staged row d.
constexpr const char* lost_rows = "d.weir_rows < 0";

} // namespace

/// Arrays in the select list are taken apart row by row; in FROM all rows would be kept first.
std::string view_sql::stage() const {
  std::string columns;
  std::string values;
  for (std::size_t i = 0; i < layout_.size(); ++i) {
    append(columns, ", ", layout_[i].name);
    append(values, ", ", fmt::format("unnest(${}::{}){}", i + 1, array_type(layout_[i]), element_cast(layout_[i])));
  }
  return fmt::format("INSERT INTO {} ({}) SELECT {}", staged_table_, columns, values);
}

std::string view_sql::stage_groups(null_pattern nulls) const {
  std::string columns;
  for (const auto& c : layout_)
    if (c.role == state_role::key && (nulls >> c.index & 1U) == 0) append(columns, ", ", c.name);
  return fmt::format("INSERT INTO {} (weir_node, weir_rows, {}) SELECT 0, -1, * FROM {}", staged_table_, columns,
                     group_arrays(nulls, "u"));
}

/// Of the pipeline: its next cut locks the same name. A lock of a transaction stays with it while it is prepared.
std::string view_sql::wait_for_earlier(const std::string& pipeline, const sql_quoter& quote) const {
  return fmt::format("SELECT count(pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended({}, 0))::text) FROM {}",
                     quote.literal("weir cut:" + pipeline), staged_table_);
}

/// Is a row of the staged table of a pattern?
std::string view_sql::of_pattern(null_pattern nulls, const std::string& alias) const {
  std::string condition;
  for (const auto& c : layout_)
    if (c.role == state_role::key)
      append(condition, " AND ",
             fmt::format("{}.{} IS {}NULL", alias, c.name, (nulls >> c.index & 1U) != 0 ? "" : "NOT "));
  return condition;
}

std::string view_sql::add_staged(null_pattern nulls) const {
  std::string columns;
  std::string values;
  for (const auto& c : layout_) {
    append(columns, ", ", c.name);
    append(values, ", ", "t." + c.name);
  }
  return fmt::format("MERGE INTO {} AS s USING (SELECT d.* FROM {} AS d WHERE {}) AS t ON {} AND s.weir_node = "
                     "t.weir_node WHEN MATCHED THEN UPDATE SET {} WHEN NOT MATCHED THEN INSERT ({}) VALUES ({})",
                     state_table_, staged_table_, of_pattern(nulls, "d"), same_keys(nulls, "s", false), sums("t"),
                     columns, values);
}

/// Of a staged row: may a count come to nothing by it, or a sum become NaN or infinite, or finite again?
std::string view_sql::lost_something(const std::string& alias) const {
  auto condition = fmt::format("({}.weir_rows < 0", alias);
  for (const auto& c : layout_) {
    if (c.role == state_role::count) condition += fmt::format(" OR {}.{} < 0", alias, c.name);
    if (is_special_count(c.role)) condition += fmt::format(" OR {}.{} <> 0", alias, c.name);
  }
  return condition + ")";
}

/// The relation g of the staged groups of a pattern that some row d is of, each once.
std::string view_sql::staged_groups(null_pattern nulls, const std::string& which) const {
  std::string names;
  for (const auto& c : layout_)
    if (c.role == state_role::key && (nulls >> c.index & 1U) == 0) append(names, ", ", "d." + c.name);
  return fmt::format("(SELECT DISTINCT {} FROM {} AS d WHERE {} AND {}) AS g", names, staged_table_,
                     of_pattern(nulls, "d"), which);
}

/// The relation t of the groups that lost rows and have none: their keys, rows, and whether these totals are wrong.
std::string view_sql::staged_totals(null_pattern nulls, moment_of_cut when) const {
  const auto keys = key_list("s");
  return fmt::format("(SELECT {0}, sum(s.weir_rows) AS weir_rows, ({1}) AS wrong FROM {2} JOIN "
                     "{3} AS s ON {4} GROUP BY {0} HAVING sum(s.weir_rows) <= 0) AS t",
                     keys, cannot_stand(when), staged_groups(nulls, lost_rows), state_table_,
                     on_groups(nulls, "s", false));
}

/// Is a row of the group t? In the view strings have the collation of its index, in the state they may have another.
std::string view_sql::same_keys(null_pattern nulls, const std::string& alias, bool in_view) const {
  std::string condition;
  for (const auto& c : layout_) {
    if (c.role != state_role::key) continue;
    const auto column = alias + "." + (in_view ? key_columns_[c.index] : c.name);
    const bool collated = in_view && is_string(c.type.id) && c.name != distribution_key(view_);
    append(condition, " AND ",
           (nulls >> c.index & 1U) != 0 ? column + " IS NULL"
                                        : fmt::format("{} {} t.{}{}", column, equals_sign(c.type), c.name,
                                                      collated ? " COLLATE \"default\"" : ""));
  }
  return condition;
}

/// An UPDATE that changes nothing, of rows that are few: Citus would not take apart such a SELECT.
std::string view_sql::find_wrong(null_pattern nulls, moment_of_cut when) const {
  std::string keys;
  for (std::size_t i = 0; i < view_.keys.size(); ++i)
    if ((nulls >> i & 1U) == 0) append(keys, ", ", fmt::format("t.k{}", i + 1));
  return fmt::format("UPDATE {} AS d SET weir_rows = d.weir_rows FROM {} WHERE t.wrong AND {} RETURNING {}, "
                     "t.weir_rows",
                     staged_table_, staged_totals(nulls, when), same_keys(nulls, "d", false), keys);
}

std::string view_sql::prune_staged_view(null_pattern nulls) const {
  return fmt::format("DELETE FROM {} AS v USING {} WHERE {}", view_table_, staged_totals(nulls, moment_of_cut::end),
                     same_keys(nulls, "v", true));
}

std::string view_sql::prune_staged_state(null_pattern nulls, moment_of_cut when) const {
  const auto keys = key_list("s");
  return fmt::format("DELETE FROM {0} AS s USING (SELECT {1}, sum(s.weir_rows) = 0 AND NOT ({2}) AS gone FROM {3} JOIN "
                     "{0} AS s ON {4} GROUP BY {1}) AS t WHERE {5} AND (t.gone OR ({6}))",
                     state_table_, keys, cannot_stand(when), staged_groups(nulls, lost_rows),
                     on_groups(nulls, "s", false), same_keys(nulls, "s", false), counts_nothing());
}

std::string view_sql::refresh_staged(null_pattern nulls, bool only_shrunk) const {
  std::string finals;
  std::string columns;
  std::string values;
  std::string set;
  std::string old_row;
  std::string new_row;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto& output = view_.outputs[i];
    // As it is joined: Citus takes no other expression for the distribution column.
    const auto value = output.is_key ? fmt::format("t.k{}", output.index + 1) : fmt::format("t.o{}", i + 1);
    if (!output.is_key) append(finals, ", ", fmt::format("{} AS o{}", finals_[i], i + 1));
    append(columns, ", ", outputs_[i]);
    append(values, ", ", value);
    if (!may_be_rewritten(output)) continue;
    append(set, ", ", fmt::format("{} = {}", outputs_[i], value));
    append(old_row, ", ", "v." + outputs_[i]);
    append(new_row, ", ", value);
  }
  auto rows = key_list("t");
  if (!finals.empty()) append(rows, ", ", finals);
  if (hides()) append(rows, ", ", shown_ + " AS shown");
  const auto update = set.empty() ? std::string{}
                                  : fmt::format("WHEN MATCHED AND pg_catalog.record_image_ne(ROW({}), ROW({})) THEN "
                                                "UPDATE SET {} ",
                                                old_row, new_row, set);
  const auto from =
      fmt::format("{} JOIN {} AS s ON {}", staged_groups(nulls, only_shrunk ? lost_something("d") : "true"),
                  state_table_, on_groups(nulls, "s", false));
  return fmt::format("MERGE INTO {} AS v USING (SELECT {} FROM {}) AS t ON {} {}{}WHEN NOT MATCHED{} THEN INSERT ({}) "
                     "VALUES ({})",
                     view_table_, rows, totals_of(from, true), same_keys(nulls, "v", true),
                     hides() ? "WHEN MATCHED AND NOT t.shown THEN DELETE " : "", update, hides() ? " AND t.shown" : "",
                     columns, values);
}

bool view_sql::adds_up() const {
  if (hides()) return false;
  return std::all_of(view_.outputs.begin(), view_.outputs.end(), [this](const output_column& output) {
    if (output.is_computed) return false;
    if (output.is_key) return equal_means_same(output.type);
    const auto& a = view_.aggregates[output.index];
    if (a.function != aggregate_function::sum) return a.function != aggregate_function::avg;
    const auto& input = view_.inputs[a.input];
    return is_integer(input.type.id) || (input.type.id == type_id::numeric && input.fixed_scale.has_value());
  });
}

/// `column` of the view with the deltas t, whose total alone would be `total`. A sum that is NULL has no values yet.
std::string view_sql::added_to(const std::string& column, const output_column& output, const std::string& total) const {
  const auto& a = view_.aggregates[output.index];
  if (a.function != aggregate_function::sum) return fmt::format("v.{} + {}", column, total);
  const auto& input = view_.inputs[a.input];
  auto sum = fmt::format("v.{} + t.s{}", column, a.input + 1);
  if (!is_integer(input.type.id)) sum = fmt::format("round({}, {})", sum, *input.fixed_scale);
  return fmt::format("CASE WHEN v.{} IS NULL THEN {} ELSE ({})::{} END", column, total, sum, to_sql(output.type));
}

/// By the deltas t?
std::string view_sql::is_changed(const output_column& output) const {
  const auto& a = view_.aggregates[output.index];
  if (a.function == aggregate_function::count_rows) return "t.weir_rows <> 0";
  const auto counted = fmt::format("t.c{} <> 0", a.input + 1);
  return a.function == aggregate_function::count ? counted : fmt::format("{} OR t.s{} <> 0", counted, a.input + 1);
}

/// The columns of a staged row that its group's total has, too.
std::string view_sql::deltas(const std::string& alias) const {
  std::string list;
  for (const auto& c : layout_)
    if (c.role != state_role::node) append(list, ", ", fmt::format("{}.{}", alias, c.name));
  return list;
}

std::string view_sql::add_to_view(null_pattern nulls, bool some_lost, bool repeated) const {
  std::string finals;
  std::string columns;
  std::string values;
  std::string set;
  std::string changed;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto& output = view_.outputs[i];
    const auto value = output.is_key ? fmt::format("t.k{}", output.index + 1) : fmt::format("t.o{}", i + 1);
    append(columns, ", ", outputs_[i]);
    append(values, ", ", value);
    if (output.is_key) continue;
    finals += fmt::format(", {} AS o{}", finals_[i], i + 1);
    append(set, ", ", fmt::format("{} = {}", outputs_[i], added_to(outputs_[i], output, value)));
    append(changed, " OR ", is_changed(output));
  }
  const auto update =
      set.empty() ? std::string{} : fmt::format("WHEN MATCHED AND ({}) THEN UPDATE SET {} ", changed, set);
  // A row is its group's total where no other is of the group; adding them up takes as long as writing the view.
  std::string rows = fmt::format("SELECT {} FROM {} AS s WHERE {}", repeated ? totals_sql(view_) : deltas("s"),
                                 staged_table_, of_pattern(nulls, "s"));
  if (repeated) rows += " GROUP BY " + key_list("s");
  if (some_lost)
    rows += repeated ? fmt::format(" HAVING NOT bool_or({})", lost_something("s")) : " AND NOT " + lost_something("s");
  return fmt::format("MERGE INTO {} AS v USING (SELECT t.*{} FROM ({}) AS t) AS t ON {} {}WHEN NOT MATCHED AND "
                     "t.weir_rows > 0 THEN INSERT ({}) VALUES ({})",
                     view_table_, finals, rows, same_keys(nulls, "v", true), update, columns, values);
}

std::string view_sql::empty_staged() const { return "DELETE FROM " + staged_table_; }

std::string view_sql::truncate_staged() const { return "TRUNCATE " + staged_table_; }

} // namespace weir::postgres
