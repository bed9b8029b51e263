#include "runtime/verify/comparison_sql.hpp"

#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/final_sql.hpp"

namespace weir::verify {
namespace {

using names = std::vector<std::string>;

std::string list(const names& items) { return fmt::format("{}", fmt::join(items, ", ")); }

std::string where(const std::string& condition) { return condition.empty() ? "" : " WHERE " + condition; }

/// k1, k2 …
names key_names(const view_plan& view, std::string_view form = "k{}") {
  names out;
  for (std::size_t i = 0; i < view.keys.size(); ++i) out.push_back(fmt::format(fmt::runtime(form), i + 1));
  return out;
}

/// The outputs that are no keys as one array of texts, each by way of the type that the view's column has.
std::string values_array(const view_plan& view, const names& outputs) {
  names texts;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (!view.outputs[i].is_key)
      texts.push_back(fmt::format("(({})::{})::text", outputs[i], to_sql(view.outputs[i].type)));
  return fmt::format("ARRAY[{}]::text[]", list(texts));
}

/// Does totals_sql take a column for one that no node has below zero? Of a share the changes are rows of their own.
bool needs_node_sums(const view_plan& view) {
  for (std::size_t i = 0; i < view.inputs.size(); ++i)
    if (has_special_values(view, i) || needs_scales(view, i)) return true;
  return false;
}

/// A relation with one state for each node and group. Histograms are added place by place.
std::string node_states(const view_plan& view, const std::string& share_table) {
  if (!needs_node_sums(view)) return share_table;
  names columns;
  for (const auto& c : state_layout(view)) {
    if (c.role == state_role::node || c.role == state_role::key)
      columns.push_back("r." + c.name);
    else if (c.role == state_role::scales)
      columns.push_back(
          fmt::format("ARRAY(SELECT sum(u.n)::bigint FROM unnest(array_agg(r.{0}::text)) AS t(histogram), "
                      "unnest(t.histogram::bigint[]) WITH ORDINALITY AS u(n, place) "
                      "GROUP BY u.place ORDER BY u.place) AS {0}",
                      c.name));
    else
      columns.push_back(fmt::format("sum(r.{0}) AS {0}", c.name));
  }
  auto keys = key_names(view, "r.k{}");
  keys.insert(keys.begin(), "r.weir_node");
  return fmt::format("(SELECT {} FROM {} AS r GROUP BY {})", list(columns), share_table, list(keys));
}

/// side, k1 …, vals: the rows of the view table. Texts sort by their bytes, as those of the states do.
std::string shown_rows(const view_plan& view, const group_choice& choice, const sql_quoter& quote) {
  names outputs;
  names keys(view.keys.size());
  for (const auto& output : view.outputs) {
    outputs.push_back("v." + quote.identifier(output.name));
    if (output.is_key) keys[output.index] = outputs.back();
  }
  const auto condition = condition_sql(choice, view, keys, quote);
  names columns{"true AS side"};
  for (std::size_t i = 0; i < keys.size(); ++i)
    columns.push_back(
        fmt::format("{}{} AS k{}", keys[i], is_string(view.keys[i].type.id) ? " COLLATE \"C\"" : "", i + 1));
  columns.push_back(values_array(view, outputs) + " AS vals");
  return fmt::format("SELECT {} FROM {}.{} AS v{}", list(columns), quote.identifier(view.sink.schema),
                     quote.identifier(view.sink.table), where(condition));
}

/// The same of the states.
std::string expected_rows(const view_plan& view, const std::string& share_table, const group_choice& choice,
                          const sql_quoter& quote) {
  const auto outputs = postgres::final_sql(view, quote);
  names columns{"false"};
  for (const auto& key : key_names(view)) columns.push_back("t." + key);
  columns.push_back(values_array(view, outputs));
  std::string grouped;
  if (!view.keys.empty())
    grouped = fmt::format(" GROUP BY {} HAVING sum(s.weir_rows) > 0", list(key_names(view, "s.k{}")));
  return fmt::format("SELECT {} FROM (SELECT {} FROM {} AS s{}{}) AS t{}", list(columns), postgres::totals_sql(view),
                     node_states(view, share_table),
                     where(condition_sql(choice, view, key_names(view, "s.k{}"), quote)), grouped,
                     view.having ? where(postgres::shown_sql(view, quote)) : "");
}

} // namespace

std::string comparison_sql(const view_plan& view, const std::string& share_table, const group_choice& choice,
                           std::size_t shown, const sql_quoter& quote) {
  const auto keys = key_names(view);
  const auto group_by = keys.empty() ? std::string{} : " GROUP BY " + list(keys);
  const auto order_by = keys.empty() ? std::string{} : " ORDER BY " + list(keys);
  auto counts = keys;
  for (const auto* count : {"count(*) FILTER (WHERE side) AS in_view", "count(*) FILTER (WHERE NOT side) AS in_query",
                            "min(vals) FILTER (WHERE side) AS shown", "min(vals) FILTER (WHERE NOT side) AS expected"})
    counts.emplace_back(count);
  names found{"t.compared", "t.different"};
  for (const auto& key : keys) found.push_back(fmt::format("d.{}::text", key));
  found.emplace_back("d.in_view > 0");
  found.emplace_back("d.in_query > 0");
  const auto values = view.outputs.size() - keys.size();
  for (const auto* side : {"shown", "expected"})
    for (std::size_t i = 1; i <= values; ++i) found.push_back(fmt::format("d.{}[{}]", side, i));
  return fmt::format(
      "WITH g AS MATERIALIZED (SELECT *, in_view <> 1 OR in_query <> 1 OR shown IS DISTINCT FROM expected AS differs "
      "FROM (SELECT {} FROM ({} UNION ALL {}) AS u{}) AS c) "
      "SELECT {} FROM (SELECT count(*) AS compared, count(*) FILTER (WHERE differs) AS different FROM g) AS t "
      "LEFT JOIN LATERAL (SELECT * FROM g WHERE differs{} LIMIT {}) AS d ON true",
      list(counts), shown_rows(view, choice, quote), expected_rows(view, share_table, choice, quote), group_by,
      list(found), order_by, shown);
}

} // namespace weir::verify
