#include "runtime/postgres/final_sql.hpp"

#include <fmt/format.h>

#include "runtime/expr/sql.hpp"
#include "runtime/plan/state_layout.hpp"

namespace weir::postgres {
namespace {

/// Half way between the largest float and the power of two above it: from here on rounding leads to infinity.
/// 2^1024 - 2^970 and 2^128 - 2^103.
constexpr const char* float8_limit =
    "1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775872070963302864166"
    "9288791094655554785194040263065748867150582068190890200070838367627385484581771153176447573027006985557136695962"
    "2842914819860834936475292719074168444365510704342711559699508093042880177904174497792";
constexpr const char* float4_limit = "340282356779733661637539395458142568448";

/// NaN and infinities win over the finite sum; no value at all is NULL.
std::string with_special_values(const view_plan& view, std::size_t input, const char* type, const std::string& finite) {
  const auto n = input + 1;
  if (!has_special_values(view, input)) return fmt::format("CASE WHEN c{} > 0 THEN {} END", n, finite);
  return fmt::format("CASE WHEN c{0} = 0 THEN NULL WHEN nan{0} > 0 OR (pinf{0} > 0 AND ninf{0} > 0) THEN 'NaN'::{1} "
                     "WHEN pinf{0} > 0 THEN 'Infinity'::{1} WHEN ninf{0} > 0 THEN '-Infinity'::{1} ELSE {2} END",
                     n, type, finite);
}

/// The exact sum with the display scale PostgreSQL would show. round() stops at scale 2000, display scales do not.
std::string finite_numeric_sum(const view_plan& view, std::size_t input) {
  const auto n = input + 1;
  const auto& e = view.inputs[input];
  if (is_integer(e.type.id)) return fmt::format("s{}", n);
  if (e.fixed_scale) return fmt::format("round(s{}, {})", n, *e.fixed_scale);
  return fmt::format("CASE WHEN scale{0} <= 2000 THEN round(s{0}, scale{0}) "
                     "ELSE trim_scale(s{0}) + ('0.' || repeat('0', scale{0}))::numeric END",
                     n);
}

std::string finite_float_sum(std::size_t input, const char* type, const char* limit) {
  return fmt::format("CASE WHEN s{0} >= {2} THEN 'Infinity'::{1} WHEN s{0} <= -{2} THEN '-Infinity'::{1} "
                     "ELSE s{0}::{1} END",
                     input + 1, type, limit);
}

/// float8 division refuses a quotient that rounds to zero; PostgreSQL's avg does not.
std::string finite_float_average(std::size_t input) {
  const auto f = "(" + finite_float_sum(input, "float8", float8_limit) + ")";
  const auto quotient = fmt::format("{} / c{}::float8", f, input + 1);
  return fmt::format("CASE WHEN abs({0}) >= '1e-300'::float8 THEN {1} "
                     "WHEN 2 * (abs({0}) / '5e-324'::float8) <= c{2}::float8 THEN {0} * 0 ELSE {1} END",
                     f, quotient, input + 1);
}

std::string sum_sql(const view_plan& view, const aggregate_plan& a) {
  switch (a.type.id) {
    case type_id::int8: return with_special_values(view, a.input, "bigint", fmt::format("s{}::bigint", a.input + 1));
    case type_id::float8:
      return with_special_values(view, a.input, "float8", finite_float_sum(a.input, "float8", float8_limit));
    case type_id::float4:
      return with_special_values(view, a.input, "float4", finite_float_sum(a.input, "float4", float4_limit));
    default: return with_special_values(view, a.input, "numeric", finite_numeric_sum(view, a.input));
  }
}

std::string average_sql(const view_plan& view, const aggregate_plan& a) {
  if (is_float(view.inputs[a.input].type.id))
    return with_special_values(view, a.input, "float8", finite_float_average(a.input));
  return with_special_values(view, a.input, "numeric",
                             fmt::format("({}) / c{}::numeric", finite_numeric_sum(view, a.input), a.input + 1));
}

/// The last place of the nodes' histograms that does not come to zero: one node's may be negative, only sums count.
std::string largest_scale(const std::string& histograms) {
  return fmt::format(
      "(SELECT coalesce(max(p.place) - 1, 0)::int FROM (SELECT u.place FROM unnest(array_agg(ROW(s.{}))) "
      "AS r(n bigint[]), unnest(r.n) WITH ORDINALITY AS u(n, place) GROUP BY u.place HAVING sum(u.n) > 0) "
      "AS p)",
      histograms);
}

std::string aggregate_sql(const view_plan& view, const aggregate_plan& a) {
  switch (a.function) {
    case aggregate_function::count_rows: return "weir_rows";
    case aggregate_function::count: return fmt::format("c{}", a.input + 1);
    case aggregate_function::sum: return sum_sql(view, a);
    case aggregate_function::avg: return average_sql(view, a);
    case aggregate_function::min:
    case aggregate_function::max: break; // no view_plan has them
  }
  return "NULL";
}

/// What `computed` and `having` are over: keys, then aggregates. In the state keys have a collation of their own; what
/// is computed of them has the database's.
std::vector<std::string> group_columns(const view_plan& view) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < view.keys.size(); ++i)
    columns.push_back(is_string(view.keys[i].type.id) ? fmt::format("(k{} COLLATE pg_catalog.\"default\")", i + 1)
                                                      : fmt::format("k{}", i + 1));
  for (const auto& a : view.aggregates) columns.push_back(fmt::format("({})", aggregate_sql(view, a)));
  return columns;
}

} // namespace

std::string totals_sql(const view_plan& view) {
  std::string list;
  for (const auto& column : state_layout(view)) {
    if (column.role == state_role::node) continue;
    if (!list.empty()) list += ", ";
    switch (column.role) {
      case state_role::key: list += "s." + column.name; break;
      case state_role::sum: list += fmt::format("coalesce(sum(s.{0}), 0) AS {0}", column.name); break;
      case state_role::scales:
        list += fmt::format("{} AS scale{}", largest_scale(column.name), column.index + 1);
        break;
      default: list += fmt::format("coalesce(sum(s.{0}), 0)::bigint AS {0}", column.name);
    }
  }
  return list;
}

std::vector<std::string> final_sql(const view_plan& view, const sql_quoter& quote) {
  const auto columns = group_columns(view);
  std::vector<std::string> out;
  for (const auto& output : view.outputs) {
    if (output.is_key)
      out.push_back(fmt::format("k{}", output.index + 1));
    else if (output.is_computed)
      out.push_back(to_sql(view.computed[output.index], columns, quote));
    else
      out.push_back(columns[view.keys.size() + output.index]);
  }
  return out;
}

std::string shown_sql(const view_plan& view, const sql_quoter& quote) {
  if (!view.having) return "true";
  return fmt::format("({}) IS TRUE", to_sql(*view.having, group_columns(view), quote));
}

} // namespace weir::postgres
