#include "runtime/rehearsal/view_state.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "runtime/rehearsal/constant.hpp"

namespace weir::rehearsal {
namespace {

/// "{0,0,3}"
result<std::vector<std::int64_t>> read_scales(std::string_view text) {
  std::vector<std::int64_t> out;
  if (text.size() < 2 || text.front() != '{' || text.back() != '}')
    return error{errc::invalid_value, fmt::format("\"{}\" is no histogram of scales", text)};
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    std::int64_t n = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
    if (read.ec != std::errc()) return error{errc::invalid_value, "a histogram of scales holds no number"};
    out.push_back(n);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (!text.empty()) text.remove_prefix(1);
  }
  return out;
}

status add_to(group_totals::cell& to, const group_totals::cell& what) {
  to.count += what.count;
  WEIR_ASSIGN(to.sum, add(to.sum, what.sum));
  if (to.scales.size() < what.scales.size()) to.scales.resize(what.scales.size());
  for (std::size_t i = 0; i < what.scales.size(); ++i) to.scales[i] += what.scales[i];
  return {};
}

result<group_totals::cell> cell_of(const state_column& layout, const column& from, std::size_t row) {
  group_totals::cell out;
  if (layout.role == state_role::sum) {
    out.sum = numeric(from, row);
  } else if (layout.role == state_role::scales) {
    WEIR_ASSIGN(out.scales, read_scales(from.bytes_at(row)));
  } else {
    out.count = from.i64[row];
  }
  return out;
}

} // namespace

bool group_totals::cell::is_zero() const {
  return count == 0 && sum.sign() == 0 && std::all_of(scales.begin(), scales.end(), [](auto n) { return n == 0; });
}

bool group_totals::is_zero() const {
  return std::all_of(cells.begin(), cells.end(), [](const cell& c) { return c.is_zero(); });
}

view_state::view_state(const view_plan& view)
    : view_(&view), layout_(state_layout(view)), first_cell_(1 + view.keys.size()) {}

status view_state::merge(std::uint16_t node, const std::string& key, const group_totals& what) {
  auto& group = groups_[{node, key}];
  if (group.cells.empty()) {
    group = what;
  } else {
    for (std::size_t i = 0; i < what.cells.size(); ++i) WEIR_TRY(add_to(group.cells[i], what.cells[i]));
  }
  if (group.is_zero()) groups_.erase({node, key});
  return {};
}

status view_state::add(const batch& state) {
  for (std::size_t r = 0; r < state.rows(); ++r) {
    group_totals what;
    std::string key;
    for (std::size_t c = 1; c < first_cell_; ++c) {
      what.keys.push_back(text_at(state.columns[c], r));
      const auto part = key_of(state.columns[c], r);
      key += fmt::format("{}:{}", part.size(), part);
    }
    for (std::size_t c = first_cell_; c < layout_.size(); ++c) {
      WEIR_ASSIGN(auto cell, cell_of(layout_[c], state.columns[c], r));
      what.cells.push_back(std::move(cell));
    }
    WEIR_TRY(merge(static_cast<std::uint16_t>(state.columns[0].i64[r]), key, what));
  }
  return {};
}

void view_state::truncate(node_index node) {
  std::erase_if(groups_, [&](const auto& g) { return g.first.first == node.value; });
}

status view_state::give(node_index from, node_index to) {
  std::vector<std::pair<std::string, group_totals>> given;
  for (const auto& [key, totals] : groups_)
    if (key.first == from.value) given.emplace_back(key.second, totals);
  truncate(from);
  for (const auto& [key, totals] : given) WEIR_TRY(merge(to.value, key, totals));
  return {};
}

bool view_state::holds(node_index node) const {
  return std::any_of(groups_.begin(), groups_.end(), [&](const auto& g) { return g.first.first == node.value; });
}

result<batch> view_state::rows() const {
  std::map<std::string, group_totals> totals;
  if (view_->keys.empty()) totals[""].cells.resize(layout_.size() - first_cell_);
  for (const auto& [key, group] : groups_) {
    auto& sum = totals[key.second];
    if (sum.cells.empty()) {
      sum = group;
      continue;
    }
    for (std::size_t i = 0; i < group.cells.size(); ++i) WEIR_TRY(add_to(sum.cells[i], group.cells[i]));
  }
  auto groups = empty_groups(*view_);
  for (const auto& [key, group] : totals) {
    const auto count = group.cells.front().count;
    if (count < 0 || (count == 0 && !group.is_zero()))
      return error{errc::internal,
                   fmt::format("view {}: more was taken out of a group than had been put in", view_->name)};
    if (count == 0 && !view_->keys.empty()) continue;
    WEIR_TRY(append_group(*view_, layout_, group, groups));
  }
  return shown_rows(*view_, groups);
}

} // namespace weir::rehearsal
