#include "runtime/postgres/view_sql.hpp"

#include <fmt/format.h>

#include "runtime/postgres/final_sql.hpp"
#include "runtime/postgres/target_schema.hpp"

namespace weir::postgres {
namespace {

bool is_null_in(null_pattern nulls, std::size_t key) { return (nulls >> key & 1U) != 0; }

void append(std::string& list, const std::string& separator, const std::string& item) {
  if (!list.empty()) list += separator;
  list += item;
}

} // namespace

bool equal_means_same(const data_type& type) {
  if (type.id == type_id::interval || type.id == type_id::citext)
    return false; // 1 day equals 24 hours, a capital letter a small one
  return type.id != type_id::numeric || declared_scale(type).has_value();
}

std::string equals_sign(const data_type& type) {
  if (type.id != type_id::citext) return "=";
  return fmt::format("OPERATOR({}=)", type.name.substr(0, type.name.rfind('.') + 1));
}

std::string element_cast(const state_column& column) {
  if (column.role == state_role::scales) return "::bigint[]";
  return column.type.name.ends_with("[]") ? "::" + column.type.name : std::string();
}

std::string array_type(const state_column& column) {
  // unnest would take an array of arrays apart
  if (!element_cast(column).empty()) return "text[]";
  return to_sql(without_modifier(column.type)) + "[]";
}

std::string state_rows_sql(const std::vector<state_column>& layout) {
  std::string columns;
  std::string values;
  std::string arrays;
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const auto& c = layout[i];
    append(columns, ", ", c.name);
    append(values, ", ", "d." + c.name + element_cast(c));
    append(arrays, ", ", fmt::format("${}::{}", i + 1, array_type(c)));
  }
  return fmt::format("SELECT {} FROM unnest({}) AS d({})", values, arrays, columns);
}

view_sql::view_sql(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote)
    : view_(plan.views[view]), layout_(state_layout(view_)),
      state_table_("weir." + quote.identifier(state_table_name(plan.name, view_.name))),
      staged_table_("weir." + quote.identifier(staged_table_name(state_table_name(plan.name, view_.name)))),
      view_table_(quote.identifier(view_.sink.schema) + "." + quote.identifier(view_.sink.table)),
      finals_(final_sql(view_, quote)), shown_(shown_sql(view_, quote)), key_columns_(view_.keys.size()) {
  for (const auto& output : view_.outputs) {
    outputs_.push_back(quote.identifier(output.name));
    if (output.is_key) key_columns_[output.index] = outputs_.back();
  }
}

std::string view_sql::key_list(const std::string& alias) const {
  std::string list;
  for (std::size_t i = 0; i < view_.keys.size(); ++i) append(list, ", ", fmt::format("{}.k{}", alias, i + 1));
  return list;
}

/// What adds the values of the row `added` to those of the row s: "c1 = s.c1 + d.c1, …".
std::string view_sql::sums(const std::string& added) const {
  std::string list;
  for (const auto& c : layout_) {
    if (c.role == state_role::key || c.role == state_role::node) continue;
    append(list, ", ",
           c.role == state_role::scales
               ? fmt::format("{0} = ARRAY(SELECT coalesce(u.a, 0) + coalesce(u.b, 0) FROM unnest(s.{0}, {1}.{0}) WITH "
                             "ORDINALITY AS u(a, b, place) ORDER BY u.place)",
                             c.name, added)
               : fmt::format("{0} = s.{0} + {1}.{0}", c.name, added));
  }
  return list;
}

std::string view_sql::add_on_conflict() const {
  std::string conflict;
  for (const auto& c : layout_)
    if (c.role == state_role::key) append(conflict, ", ", c.name);
  append(conflict, ", ", "weir_node");
  return fmt::format("ON CONFLICT ({}) DO UPDATE SET {}", conflict, sums("excluded"));
}

std::string view_sql::add_to_state() const {
  std::string columns;
  for (const auto& c : layout_) append(columns, ", ", c.name);
  return fmt::format("INSERT INTO {} AS s ({}) {} {}", state_table_, columns, state_rows_sql(layout_),
                     add_on_conflict());
}

/// "unnest(…) AS u(k1, …)" of the parameters; empty if the pattern names one group by itself.
std::string view_sql::group_arrays(null_pattern nulls, const std::string& alias) const {
  std::string arrays;
  std::string names;
  std::string values;
  std::size_t place = 0;
  for (const auto& c : layout_) {
    if (c.role != state_role::key || is_null_in(nulls, c.index)) continue;
    append(arrays, ", ", fmt::format("${}::{}", ++place, array_type(c)));
    append(names, ", ", c.name);
    append(values, ", ", c.name + element_cast(c));
  }
  if (arrays.empty()) return {};
  if (values != names)
    return fmt::format("(SELECT {} FROM unnest({}) AS a({})) AS {}({})", values, arrays, names, alias, names);
  return fmt::format("unnest({}) AS {}({})", arrays, alias, names);
}

/// The relation g of the groups a statement is about; empty if the pattern names one group by itself.
std::string view_sql::groups(null_pattern nulls) const {
  const auto arrays = group_arrays(nulls, "u");
  if (arrays.empty()) return {};
  return fmt::format("(SELECT DISTINCT * FROM {}) AS g", arrays);
}

std::string view_sql::on_groups(null_pattern nulls, const std::string& alias, bool in_view) const {
  std::string condition;
  for (std::size_t i = 0; i < view_.keys.size(); ++i) {
    const auto name = fmt::format("k{}", i + 1);
    const auto column = alias + "." + (in_view ? key_columns_[i] : name);
    append(condition, " AND ",
           column +
               (is_null_in(nulls, i) ? " IS NULL" : fmt::format(" {} g.{}", equals_sign(view_.keys[i].type), name)));
  }
  return condition.empty() ? "true" : condition;
}

/// May a row of the view that stays have this column written again?
bool view_sql::may_be_rewritten(const output_column& output) const {
  return !output.is_key || (!equal_means_same(output.type) && output.name != view_.sink.distribution_column);
}

std::string view_sql::on_conflict() const {
  std::string keys;
  std::string set;
  std::string old_row;
  std::string new_row;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto& output = view_.outputs[i];
    if (output.is_key) append(keys, ", ", outputs_[i]);
    if (!may_be_rewritten(output)) continue;
    append(set, ", ", fmt::format("{0} = excluded.{0}", outputs_[i]));
    append(old_row, ", ", "v." + outputs_[i]);
    append(new_row, ", ", "excluded." + outputs_[i]);
  }
  if (keys.empty()) keys = "(true)";
  if (set.empty()) return fmt::format("ON CONFLICT ({}) DO NOTHING", keys);
  // Images are compared: IS DISTINCT FROM would leave 1.0 where 1.00 belongs. By the function: Citus writes the
  // operator *<> down in a way that compares column by column.
  return fmt::format("ON CONFLICT ({}) DO UPDATE SET {} WHERE pg_catalog.record_image_ne(ROW({}), ROW({}))", keys, set,
                     old_row, new_row);
}

/// The relation t of the totals of groups, from rows s of the state.
std::string view_sql::totals_of(const std::string& from_state, bool keep_only_present) const {
  std::string grouped;
  if (!view_.keys.empty()) grouped = " GROUP BY " + key_list("s");
  if (keep_only_present) grouped += " HAVING sum(s.weir_rows) > 0";
  if (is_reference() && !view_.keys.empty()) grouped += " ORDER BY " + key_list("s");
  return fmt::format("(SELECT {} FROM {}{}) AS t", totals_sql(view_), from_state, grouped);
}

std::string view_sql::upsert_view(const std::string& from_state, bool keep_only_present) const {
  std::string columns;
  std::string finals;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    append(columns, ", ", outputs_[i]);
    append(finals, ", ", finals_[i]);
  }
  return fmt::format("INSERT INTO {} AS v ({}) SELECT {} FROM {}{} {}", view_table_, columns, finals,
                     totals_of(from_state, keep_only_present), hides() ? " WHERE " + shown_ : "", on_conflict());
}

/// The rows of the groups, as relation s (of the state) or v (of the view; its places alone). OFFSET 0 keeps the
/// planner from turning the lookup of each group into one pass over the table, filtered by all groups: it would,
/// believing a fresh table small and NULLs rare.
std::string view_sql::rows_of_groups(null_pattern nulls, bool in_view) const {
  const auto g = groups(nulls);
  const std::string alias = in_view ? "v" : "s";
  return fmt::format("{0}LATERAL (SELECT {1}.ctid AS weir_place{2} FROM {3} AS {1} WHERE {4} OFFSET 0) AS {1}",
                     g.empty() ? "" : g + " CROSS JOIN ", alias, in_view ? "" : ", s.*",
                     in_view ? view_table_ : state_table_, on_groups(nulls, alias, in_view));
}

std::string view_sql::refresh(null_pattern nulls) const {
  if (view_.keys.empty()) return rebuild();
  return upsert_view(rows_of_groups(nulls, false), true);
}

std::string view_sql::hide(null_pattern nulls) const {
  const auto from = view_.keys.empty() ? fmt::format("{} AS s", state_table_) : rows_of_groups(nulls, false);
  const auto same = view_.keys.empty() ? "true" : same_keys(nulls, "v", true);
  const auto totals = totals_of(from, !view_.keys.empty());
  if (is_reference())
    return fmt::format("DELETE FROM {} AS v USING {} WHERE {} AND NOT ({})", view_table_, totals, same, shown_);
  return fmt::format("DELETE FROM {0} WHERE ctid = ANY (ARRAY(SELECT v.weir_place FROM {1} CROSS JOIN LATERAL (SELECT "
                     "v.ctid AS weir_place FROM {0} AS v WHERE {2} OFFSET 0) AS v WHERE NOT ({3})))",
                     view_table_, totals, same, shown_);
}

std::string view_sql::rebuild() const { return upsert_view(fmt::format("{} AS s", state_table_), !view_.keys.empty()); }

/// Of a row s of the state.
std::string view_sql::counts_nothing() const {
  std::string condition;
  for (const auto& c : layout_) {
    if (c.role == state_role::node || c.role == state_role::key) continue;
    append(condition, " AND ",
           c.role == state_role::scales ? fmt::format("0 = ALL (s.{})", c.name) : fmt::format("s.{} = 0", c.name));
  }
  return condition;
}

/// Of the rows s of one group: is anything in their total, besides rows?
std::string view_sql::total_is_something() const {
  std::string condition = "false";
  for (const auto& c : layout_) {
    if (c.role == state_role::node || c.role == state_role::key || c.role == state_role::rows) continue;
    if (c.role == state_role::scales)
      condition +=
          fmt::format(" OR EXISTS (SELECT FROM unnest(array_agg(ROW(s.{}))) AS r(n bigint[]), unnest(r.n) WITH "
                      "ORDINALITY AS u(n, place) GROUP BY u.place HAVING sum(u.n) <> 0)",
                      c.name);
    else
      condition += fmt::format(" OR sum(s.{}) <> 0", c.name);
  }
  return condition;
}

/// Of the rows s of a group that has no rows.
std::string view_sql::cannot_stand(moment_of_cut when) const {
  const auto ever = fmt::format("sum(s.weir_rows) < 0 OR {}", total_is_something());
  return when == moment_of_cut::end ? ever : fmt::format("{} OR NOT bool_and({})", ever, counts_nothing());
}

std::string view_sql::prune_state(null_pattern nulls, moment_of_cut when) const {
  std::string keys;
  std::string name;
  std::string arrays;
  for (const auto& c : layout_) {
    if (c.role != state_role::key) continue;
    append(keys, ", ", "s." + c.name);
    append(name, ", ", fmt::format("coalesce(t.{}::text, 'NULL')", c.name));
    if (!is_null_in(nulls, c.index)) arrays += fmt::format(", array_agg(t.{})", c.name);
  }
  return fmt::format(
      "WITH s AS MATERIALIZED (SELECT s.* FROM {rows}), totals AS (SELECT {keys}sum(s.weir_rows) AS weir_rows, "
      "({cannot_stand}) AS wrong, array_agg(s.weir_place) AS places FROM s {grouped} "
      "HAVING sum(s.weir_rows) <= 0), "
      "gone AS (DELETE FROM {state} WHERE ctid = ANY (ARRAY(SELECT unnest(t.places) FROM totals AS t WHERE NOT t.wrong "
      "UNION ALL SELECT s.weir_place FROM s WHERE {nothing}))) "
      "SELECT count(*) FILTER (WHERE t.wrong), min(t.weir_rows), min(concat_ws(', ', {name})), count(*){arrays} "
      "FROM totals AS t{which}",
      fmt::arg("rows", rows_of_groups(nulls, false)), fmt::arg("keys", keys.empty() ? "" : keys + ", "),
      fmt::arg("cannot_stand", cannot_stand(when)), fmt::arg("grouped", keys.empty() ? "" : "GROUP BY " + keys),
      fmt::arg("state", state_table_), fmt::arg("nothing", counts_nothing()),
      fmt::arg("name", name.empty() ? "'all rows'" : name), fmt::arg("arrays", arrays),
      fmt::arg("which", is_reference() ? "" : " WHERE t.wrong"));
}

std::string view_sql::prune_view(null_pattern nulls) const {
  if (is_reference()) {
    const auto g = group_arrays(nulls, "g");
    return fmt::format("DELETE FROM {} AS v{} WHERE {}", view_table_, g.empty() ? "" : " USING " + g,
                       on_groups(nulls, "v", true));
  }
  return fmt::format("DELETE FROM {} WHERE ctid = ANY (ARRAY(SELECT v.weir_place FROM {} WHERE "
                     "(SELECT coalesce(sum(s.weir_rows), 0) FROM {} AS s WHERE {}) <= 0))",
                     view_table_, rows_of_groups(nulls, true), state_table_, on_groups(nulls, "s", false));
}

/// Is a row of a distributed table of the group g? The distribution column, which is never null, joins; all keys are
/// compared as records, to which a NULL equals a NULL, in one collation on both sides.
std::string view_sql::distributed_keys_equal(const std::string& alias, bool in_view) const {
  std::string row;
  std::string group;
  std::string distribution;
  for (const auto& output : view_.outputs) {
    if (!output.is_key) continue;
    const auto key = fmt::format("k{}", output.index + 1);
    const auto column = alias + "." + (in_view ? key_columns_[output.index] : key);
    const auto collated = is_string(output.type.id) ? " COLLATE \"C\"" : "";
    append(row, ", ", column + collated);
    append(group, ", ", fmt::format("g.{}{}", key, collated));
    if (output.name == view_.sink.distribution_column)
      distribution = fmt::format("{} {} g.{}", column, equals_sign(output.type), key);
  }
  return fmt::format("{} AND pg_catalog.record_eq(ROW({}), ROW({}))", distribution, row, group);
}

/// From a distributed table, the rows of groups that only one node has.
std::string view_sql::remove_orphans() const {
  return fmt::format("DELETE FROM {} AS v USING (SELECT {} FROM {} AS s GROUP BY {} HAVING bool_or(s.weir_node = "
                     "$1::int2) AND coalesce(sum(s.weir_rows) FILTER (WHERE s.weir_node <> $1::int2), 0) <= 0) AS g "
                     "WHERE {}",
                     view_table_, key_list("s"), state_table_, key_list("s"), distributed_keys_equal("v", true));
}

std::string view_sql::sweep_state() const {
  const auto nothing = fmt::format("HAVING sum(s.weir_rows) = 0 AND NOT ({})", total_is_something());
  const auto keys = key_list("s");
  if (is_distributed())
    return fmt::format("DELETE FROM {0} AS s USING (SELECT {1} FROM {0} AS s GROUP BY {1} {2}) AS g WHERE {3}",
                       state_table_, keys, nothing, distributed_keys_equal("s", false));
  return fmt::format("DELETE FROM {0} WHERE ctid = ANY (ARRAY(SELECT unnest(array_agg(s.ctid)) FROM {0} AS s {1} {2}))",
                     state_table_, keys.empty() ? "" : "GROUP BY " + keys, nothing);
}

std::vector<std::string> view_sql::remove_share() const {
  const auto remove = fmt::format("DELETE FROM {} WHERE weir_node = $1::int2", state_table_);
  if (view_.keys.empty()) return {remove};
  const auto others = fmt::format("{} AS s WHERE s.weir_node <> $1::int2", state_table_);
  if (is_reference() || hides())
    return {fmt::format("DELETE FROM {} WHERE $1::int2 IS NOT NULL", view_table_), upsert_view(others, true), remove};
  if (is_distributed()) return {upsert_view(others, true), remove_orphans(), remove};
  std::string view_keys;
  std::string names;
  for (std::size_t i = 0; i < view_.keys.size(); ++i) {
    append(view_keys, ", ", fmt::format("v.{} AS k{}", key_columns_[i], i + 1));
    append(names, ", ", fmt::format("k{}", i + 1));
  }
  // GROUP BY takes NULLs as equal and hashes, which no join condition on nullable keys does.
  const auto orphans =
      fmt::format("DELETE FROM {0} WHERE ctid IN (SELECT max(place) FROM (SELECT {1}, v.ctid AS place FROM {0} AS v "
                  "UNION ALL SELECT {2}, NULL::tid FROM {3} GROUP BY {2} HAVING sum(s.weir_rows) > 0) AS both_sides "
                  "GROUP BY {4} HAVING count(*) = count(place))",
                  view_table_, view_keys, key_list("s"), others, names);
  return {upsert_view(others, true), orphans, remove};
}

std::vector<std::string> view_sql::give_share() const {
  std::string columns;
  std::string values;
  for (const auto& c : layout_) {
    append(columns, ", ", c.name);
    append(values, ", ", c.role == state_role::node ? "$2::int2" : c.name);
  }
  const auto give = fmt::format("WITH given AS (DELETE FROM {0} WHERE weir_node = $1::int2 RETURNING {1}) "
                                "INSERT INTO {0} AS s ({1}) SELECT {2} FROM given {3}",
                                state_table_, columns, values, add_on_conflict());
  const auto prune = fmt::format("DELETE FROM {} AS s WHERE s.weir_node IN ($1::int2, $2::int2) AND {}", state_table_,
                                 counts_nothing());
  return {give, prune};
}

std::string view_sql::find_share() const {
  return fmt::format("SELECT 1 FROM {} WHERE weir_node = $1::int2 LIMIT 1", state_table_);
}

} // namespace weir::postgres
