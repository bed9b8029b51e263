#include "runtime/postgres/changed_groups.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <string_view>

namespace weir::postgres {
namespace {

bool is_zero(const column& c, std::size_t row) {
  if (c.is_null(row)) return true;
  switch (storage_of(c.type.id)) {
    case storage::i64: return c.i64[row] == 0;
    case storage::decimal: return c.decimals[row].form == decimal::kind::finite && c.decimals[row].coefficient == 0;
    case storage::f64: return c.f64[row] == 0;
    case storage::interval: return c.intervals[row] == interval{};
    case storage::bytes: return c.bytes_at(row).find_first_of("123456789") == std::string_view::npos; // scales
  }
  return false;
}

/// Some order of the values, the one of the state table's index where that is cheap; not of numerics, whose order is
/// none of the bytes'.
std::weak_ordering order(const column& c, std::uint32_t a, std::uint32_t b) {
  switch (storage_of(c.type.id)) {
    case storage::i64: return c.i64[a] <=> c.i64[b];
    case storage::bytes: return c.bytes_at(a) <=> c.bytes_at(b);
    default: return std::weak_ordering::equivalent;
  }
}

void sort_by_keys(const batch& state, const std::vector<state_column>& layout, std::vector<std::uint32_t>& rows) {
  std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t c = 0; c < layout.size(); ++c) {
      if (layout[c].role != state_role::key) continue;
      if (const auto o = order(state.columns[c], a, b); o != 0) return o < 0;
    }
    return a < b;
  });
}

} // namespace

std::map<null_pattern, std::vector<std::uint32_t>> changed_groups(const batch& state,
                                                                  const std::vector<state_column>& layout) {
  std::map<null_pattern, std::vector<std::uint32_t>> by_pattern;
  for (std::uint32_t row = 0; row < state.rows(); ++row) {
    null_pattern nulls = 0;
    bool changes = false;
    for (std::size_t c = 0; c < layout.size(); ++c) {
      const auto& column = layout[c];
      if (column.role == state_role::key && state.columns[c].is_null(row)) nulls |= null_pattern{1} << column.index;
      if (column.role == state_role::key || column.role == state_role::node) continue;
      changes = changes || !is_zero(state.columns[c], row);
    }
    if (changes) by_pattern[nulls].push_back(row);
  }
  for (auto& [nulls, rows] : by_pattern) sort_by_keys(state, layout, rows);
  return by_pattern;
}

group_losses losses_of(const batch& state, const std::vector<state_column>& layout,
                       std::span<const std::uint32_t> rows) {
  group_losses lost;
  for (std::size_t c = 0; c < layout.size(); ++c) {
    const auto role = layout[c].role;
    const bool special = is_special_count(role);
    if (!special && role != state_role::rows && role != state_role::count) continue;
    const auto& counts = state.columns[c].i64;
    const bool loses = std::any_of(rows.begin(), rows.end(),
                                   [&](std::uint32_t row) { return special ? counts[row] != 0 : counts[row] < 0; });
    lost.something |= loses;
    lost.rows |= loses && role == state_role::rows;
  }
  return lost;
}

} // namespace weir::postgres
