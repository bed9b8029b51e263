#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/expr/sql.hpp"
#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/snapshot_load.hpp"

namespace weir::postgres {

namespace {

// Three nested selects:
//   r   keys k<i> and inputs x<i> of the rows that pass the filter
//   d   the same, and of each summed float its bits b<i>                       (only where there are floats)
//   e   the same, its signed mantissa m<i> and its binary exponent e<i>: the value is m<i> * 2^e<i>
// and around them the aggregation, grouped by keys, by the exponents of floats and by the scales of numerics whose
// scale is free. Sums of mantissas of one exponent are sums of integers: exact, whatever the order.

/// float8 is 1 sign bit, 11 of exponent, 52 of mantissa; all exponent bits set: NaN or infinity.
constexpr const char* bits_of = "('x' || encode(float8send(x{0}::float8), 'hex'))::bit(64)::bigint AS b{0}";
constexpr const char* parts_of =
    "CASE WHEN (b{0} >> 52) & 2047 = 2047 THEN NULL ELSE "
    "((b{0} & 4503599627370495) + CASE WHEN (b{0} >> 52) & 2047 = 0 THEN 0 ELSE 4503599627370496 END) * "
    "CASE WHEN b{0} < 0 THEN -1 ELSE 1 END END AS m{0}, "
    "CASE WHEN (b{0} >> 52) & 2047 = 2047 THEN NULL ELSE greatest((b{0} >> 52) & 2047, 1)::int - 1075 END AS e{0}";

/// m * 2^e in decimal: 2^e, or 5^-e * 10^e. power() of numerics is exact for these integer exponents (tested for all).
constexpr const char* float_sum = "coalesce(trim_scale(CASE WHEN e{0} >= 0 THEN sum(m{0}) * power(2::numeric, e{0}) "
                                  "ELSE sum(m{0}) * power(5::numeric, -e{0}) * ('1e' || e{0})::numeric END), 0)";

std::vector<std::string> quoted_columns(const source_plan& source, const sql_quoter& quote) {
  std::vector<std::string> columns;
  for (const auto& c : source.columns) columns.push_back(quote.identifier(c.name));
  return columns;
}

/// What the rows are selected from: the source's table, or all of `shards`.
std::string rows_of(const source_plan& source, const shard_tables& shards, const sql_quoter& quote) {
  const auto schema = quote.identifier(source.schema) + ".";
  if (!shards) return schema + quote.identifier(source.table);
  const auto columns = quoted_columns(source, quote);
  std::vector<std::string> selects;
  for (const auto& shard : *shards)
    selects.push_back(fmt::format("SELECT {} FROM {}{}", fmt::join(columns, ", "), schema, quote.identifier(shard)));
  return fmt::format("({}) AS weir_shards", fmt::join(selects, " UNION ALL "));
}

bool is_summed_float(const view_plan& view, std::size_t input) {
  return is_summed(view, input) && is_float(view.inputs[input].type.id);
}

std::string inner_select(const pipeline_plan& plan, const view_plan& view, const shard_tables& shards,
                         const sql_quoter& quote) {
  const auto& source = plan.sources[view.source];
  const auto columns = quoted_columns(source, quote);
  std::vector<std::string> values;
  for (std::size_t i = 0; i < view.keys.size(); ++i)
    values.push_back(fmt::format("{} AS k{}", to_sql(view.keys[i], columns, quote), i + 1));
  for (std::size_t i = 0; i < view.inputs.size(); ++i)
    values.push_back(fmt::format("{} AS x{}", to_sql(view.inputs[i], columns, quote), i + 1));
  std::string sql = fmt::format("SELECT {} FROM {}", fmt::join(values, ", "), rows_of(source, shards, quote));
  if (view.filter) sql += " WHERE " + to_sql(*view.filter, columns, quote);
  return sql;
}

/// Adds mantissas and exponents of the summed floats. OFFSET 0 keeps the planner from computing the bits again wherever
/// they are used.
std::string with_float_parts(std::string rows, const view_plan& view) {
  std::vector<std::string> bits{"r.*"};
  std::vector<std::string> parts{"d.*"};
  for (std::size_t i = 0; i < view.inputs.size(); ++i) {
    if (!is_summed_float(view, i)) continue;
    bits.push_back(fmt::format(bits_of, i + 1));
    parts.push_back(fmt::format(parts_of, i + 1));
  }
  if (bits.size() == 1) return rows;
  return fmt::format("SELECT {} FROM (SELECT {} FROM ({}) r OFFSET 0) d OFFSET 0", fmt::join(parts, ", "),
                     fmt::join(bits, ", "), rows);
}

std::string sum_of(const view_plan& view, std::size_t input) {
  const auto n = input + 1;
  if (is_summed_float(view, input)) return fmt::format(float_sum, n);
  if (is_integer(view.inputs[input].type.id)) return fmt::format("coalesce(sum(x{}), 0)::numeric", n);
  // scale() of NaN and of infinities is null.
  return fmt::format("coalesce(sum(x{0}) FILTER (WHERE scale(x{0}) IS NOT NULL), 0)", n);
}

std::string aggregate_of(const view_plan& view, const state_column& column, node_index node) {
  const auto n = column.index + 1;
  const auto count_of = [&](const char* value) {
    const char* type = is_float(view.inputs[column.index].type.id) ? "float8" : "numeric";
    return fmt::format("count(*) FILTER (WHERE x{} = '{}'::{})", n, value, type);
  };
  switch (column.role) {
    case state_role::node: return fmt::format("{}::int2", node.value);
    case state_role::key: return fmt::format("k{}", n);
    case state_role::rows: return "count(*)";
    case state_role::count: return fmt::format("count(x{})", n);
    case state_role::sum: return sum_of(view, column.index);
    case state_role::nan_count: return count_of("NaN");
    case state_role::positive_infinity: return count_of("Infinity");
    case state_role::negative_infinity: return count_of("-Infinity");
    case state_role::scales: // all finite values of this row have one scale
      return fmt::format("coalesce('{{' || repeat('0,', scale(x{0})) || count(x{0}) || '}}', '{{}}')", n);
  }
  return "NULL";
}

std::string group_by(const view_plan& view) {
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < view.keys.size(); ++i) groups.push_back(fmt::format("k{}", i + 1));
  for (std::size_t i = 0; i < view.inputs.size(); ++i) {
    if (is_summed_float(view, i)) groups.push_back(fmt::format("e{}", i + 1));
    if (needs_scales(view, i)) groups.push_back(fmt::format("scale(x{})", i + 1));
  }
  // Without any GROUP BY an empty table gives a row.
  if (groups.empty()) return "HAVING count(*) > 0";
  return fmt::format("GROUP BY {}", fmt::join(groups, ", "));
}

} // namespace

shard_tables tables_of(const source_plan& source, std::size_t index, const ownership& owned) {
  if (source.kind == table_kind::plain || (source.kind == table_kind::coordinator && owned.group() == 0)) return {};
  std::vector<std::string> tables;
  for (const auto* s : owned.owned(index)) tables.push_back(s->relation);
  return tables;
}

std::string aggregated_load_sql(const pipeline_plan& plan, std::size_t view_index, node_index node,
                                const sql_quoter& quote, const std::string& only, const shard_tables& shards) {
  const auto& view = plan.views[view_index];
  std::vector<std::string> columns;
  for (const auto& column : state_layout(view)) columns.push_back(aggregate_of(view, column, node));
  auto rows = inner_select(plan, view, shards, quote);
  if (!only.empty()) rows = fmt::format("SELECT * FROM ({}) o WHERE {}", rows, only);
  return fmt::format("SELECT {} FROM ({}) e {}", fmt::join(columns, ", "), with_float_parts(std::move(rows), view),
                     group_by(view));
}

std::string raw_load_sql(const source_plan& source, const sql_quoter& quote, const shard_tables& shards) {
  return fmt::format("SELECT {} FROM {}", fmt::join(quoted_columns(source, quote), ", "),
                     rows_of(source, shards, quote));
}

} // namespace weir::postgres
