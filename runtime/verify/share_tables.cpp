#include "runtime/verify/share_tables.hpp"

#include <charconv>
#include <numeric>
#include <string_view>

#include <fmt/format.h>

#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/array_text.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "runtime/postgres/view_sql.hpp"
#include "runtime/verify/comparison_sql.hpp"

namespace weir::verify {
namespace {

constexpr std::size_t differences_shown = 10;

std::string table_of(std::size_t view) { return fmt::format("pg_temp.weir_share_{}", view); }

std::uint64_t number_of(std::string_view text) {
  std::uint64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

row_values values_of(const postgres::query_result& rows, std::size_t row, std::size_t first, std::size_t count) {
  row_values values;
  for (std::size_t c = first; c < first + count; ++c)
    values.push_back(rows.is_null(row, c) ? std::optional<std::string>{} : std::string{rows.at(row, c)});
  return values;
}

/// One row of comparison_sql.
row_difference difference_of(const postgres::query_result& rows, std::size_t row, const view_plan& view) {
  constexpr std::size_t first_key = 2;
  const auto in_view = first_key + view.keys.size();
  const auto first_value = in_view + 2;
  const auto values = view.outputs.size() - view.keys.size();
  row_difference d{values_of(rows, row, first_key, view.keys.size()), {}, {}};
  if (rows.at(row, in_view) == "t") d.shown = values_of(rows, row, first_value, values);
  if (rows.at(row, in_view + 1) == "t") d.expected = values_of(rows, row, first_value + values, values);
  return d;
}

} // namespace

status share_tables::make(std::size_t view) {
  auto made = target_.execute(
      fmt::format("CREATE TEMPORARY TABLE {} ({})", table_of(view), postgres::state_columns_sql(plan_.views[view])));
  if (!made && made.error().code == errc::permission_denied)
    made.error().hint = "GRANT TEMPORARY ON DATABASE … to the role that verifies";
  return made;
}

status share_tables::add(std::size_t view, const batch& states) {
  std::vector<std::uint32_t> all(states.rows());
  std::iota(all.begin(), all.end(), 0U);
  std::vector<postgres::parameter> arrays;
  for (const auto& c : states.columns) arrays.emplace_back(postgres::to_array_text(c, all));
  const auto sql =
      fmt::format("INSERT INTO {} {}", table_of(view), postgres::state_rows_sql(state_layout(plan_.views[view])));
  const std::lock_guard alone(one_at_a_time_);
  return target_.execute(sql, arrays);
}

status share_tables::remove(std::size_t view, node_index node) {
  const std::lock_guard alone(one_at_a_time_);
  return target_.execute(fmt::format("DELETE FROM {} WHERE weir_node = {}", table_of(view), node.value));
}

result<view_report> share_tables::compare(std::size_t view, const group_choice& choice) {
  const auto& v = plan_.views[view];
  WEIR_ASSIGN(const auto rows, target_.query(comparison_sql(v, table_of(view), choice, differences_shown, target_)));
  view_report found{view, number_of(rows.at(0, 0)), number_of(rows.at(0, 1)), {}};
  if (found.different == 0) return found;
  for (std::size_t row = 0; row < rows.rows(); ++row) found.first.push_back(difference_of(rows, row, v));
  return found;
}

} // namespace weir::verify
