#include "tests/sim/checkers/order_views.hpp"

#include <fmt/format.h>

namespace weir::sim {

void count(order_views& in, const order_row& row, std::int64_t weight) {
  for (std::size_t v = 0; v < in.size(); ++v) {
    if (!in_view(v, row)) continue;
    auto& group = in[v][row.region];
    group.rows += weight;
    group.count += weight;
    group.sum += weight * row.amount;
    if (group == order_group{}) in[v].erase(row.region);
  }
}

void change(order_views& in, const order_changes& changes) {
  using kind = order_change::kind;
  for (const auto& c : changes) {
    if (c.what == kind::truncate) in = {};
    if (c.what == kind::update || c.what == kind::remove) count(in, c.before, -1);
    if (c.what == kind::update || c.what == kind::insert) count(in, c.after, 1);
  }
}

order_views query(const order_table& rows) {
  order_views out;
  for (const auto& [id, row] : rows) count(out, row, 1);
  return out;
}

void add(order_view& to, const order_view& from) {
  for (const auto& [region, group] : from) {
    auto& total = to[region];
    total.rows += group.rows;
    total.count += group.count;
    total.sum += group.sum;
    if (total == order_group{}) to.erase(region);
  }
}

std::string to_text(const order_view& view) {
  std::string out;
  for (const auto& [region, g] : view)
    out += fmt::format(" {}: {} rows, {} amounts, sum {};", region, g.rows, g.count, g.sum);
  return out;
}

} // namespace weir::sim
