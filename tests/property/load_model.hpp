#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/plan/state_layout.hpp"
#include "runtime/rows/batch.hpp"
#include "runtime/rows/exact_sum.hpp"
#include "tests/support/catch.hpp"

// What a load has to give, summed from its rows one by one; and what one gave, in the same form.
namespace weir::test {

constexpr std::int32_t left_out = 3; ///< rows whose first column is this do not pass the filter

/// One input of one group, summed exactly.
struct input_state {
  std::int64_t count = 0;
  std::int64_t nan = 0;
  std::int64_t positive = 0;
  std::int64_t negative = 0;
  std::vector<std::int64_t> scales;
  std::string sum = "0";
  friend bool operator==(const input_state&, const input_state&) = default;
};

struct group_state {
  std::int64_t rows = 0;
  std::vector<input_state> inputs;
  friend bool operator==(const group_state&, const group_state&) = default;
};

using state = std::map<std::string, group_state>;

inline std::string value_text(const column& c, std::size_t row) {
  if (c.is_null(row)) return "\\N";
  std::string out;
  write_text(c, row, out);
  return out;
}

/// Adds up what a load gave, in the columns of state_layout: sums add.
class merged_load {
public:
  explicit merged_load(const view_plan& view) : view_(view), layout_(state_layout(view)) {}

  std::vector<data_type> types() const {
    std::vector<data_type> all;
    for (const auto& c : layout_) all.push_back(c.type);
    return all;
  }

  void add(const batch& rows) {
    for (std::size_t r = 0; r < rows.rows(); ++r) add_row(rows, r);
  }

  state finish() {
    for (auto& [name, sums] : sums_)
      for (std::size_t i = 0; i < sums.size(); ++i) {
        auto& text = groups_[name].inputs[i].sum;
        text.clear();
        sums[i].write_text(text, 0);
      }
    return groups_;
  }

private:
  void add_row(const batch& rows, std::size_t r) {
    std::string name;
    for (std::size_t c = 0; c < layout_.size(); ++c)
      if (layout_[c].role == state_role::key) name += value_text(rows.columns[c], r) + "|";
    auto& group = groups_[name];
    auto& sums = sums_[name];
    group.inputs.resize(view_.inputs.size());
    sums.resize(view_.inputs.size());
    for (std::size_t c = 0; c < layout_.size(); ++c) {
      const auto& from = rows.columns[c];
      REQUIRE_FALSE((layout_[c].role != state_role::key && from.is_null(r)));
      auto& input = group.inputs[layout_[c].index];
      switch (layout_[c].role) {
        case state_role::node: CHECK(from.i64[r] == 7); break;
        case state_role::key: break;
        case state_role::rows: group.rows += from.i64[r]; break;
        case state_role::count: input.count += from.i64[r]; break;
        case state_role::sum: sums[layout_[c].index].add(from, r, 1); break;
        case state_role::nan_count: input.nan += from.i64[r]; break;
        case state_role::positive_infinity: input.positive += from.i64[r]; break;
        case state_role::negative_infinity: input.negative += from.i64[r]; break;
        case state_role::scales: add_scales(std::string{from.bytes_at(r)}, input.scales); break;
      }
    }
  }

  static void add_scales(std::string text, std::vector<std::int64_t>& to) {
    REQUIRE((text.size() >= 2 && text.front() == '{' && text.back() == '}'));
    text = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; !text.empty(); ++i) {
      if (to.size() <= i) to.resize(i + 1);
      to[i] += std::stoll(text);
      const auto comma = text.find(',');
      text = comma == std::string::npos ? "" : text.substr(comma + 1);
    }
  }

  const view_plan& view_;
  std::vector<state_column> layout_;
  state groups_;
  std::map<std::string, std::vector<exact_decimal_sum>> sums_;
};

/// The same, row by row from the raw rows.
class model {
public:
  model(const view_plan& view, const std::vector<std::size_t>& keys) : view_(view), keys_(keys) {}

  void add(const batch& rows) {
    for (std::size_t r = 0; r < rows.rows(); ++r) add_row(rows, r);
  }

  state finish() {
    for (auto& [name, sums] : exact_) write(groups_[name], sums);
    for (auto& [name, sums] : binary_) write(groups_[name], sums);
    return groups_;
  }

private:
  static void write(group_state& group, std::map<std::size_t, exact_decimal_sum>& sums) {
    for (auto& [i, sum] : sums) group.inputs[i].sum.clear(), sum.write_text(group.inputs[i].sum, 0);
  }
  static void write(group_state& group, std::map<std::size_t, exact_binary_sum>& sums) {
    for (auto& [i, sum] : sums) group.inputs[i].sum.clear(), sum.write_text(group.inputs[i].sum);
  }

  void add_row(const batch& rows, std::size_t r) {
    const auto& k = rows.columns[0];
    if (view_.filter && (k.is_null(r) || k.i64[r] == left_out)) return;
    std::string name;
    for (const auto key : keys_) name += value_text(rows.columns[key], r) + "|";
    auto& group = groups_[name];
    group.inputs.resize(view_.inputs.size());
    ++group.rows;
    for (std::size_t i = 0; i < view_.inputs.size(); ++i) add_value(name, group.inputs[i], i, rows.columns[i + 2], r);
  }

  void add_value(const std::string& name, input_state& input, std::size_t i, const column& from, std::size_t r) {
    if (from.is_null(r)) return;
    ++input.count;
    if (!is_summed(view_, i)) return;
    const auto text = value_text(from, r);
    if (text == "NaN")
      ++input.nan;
    else if (text == "Infinity")
      ++input.positive;
    else if (text == "-Infinity")
      ++input.negative;
    else if (storage_of(from.type.id) == storage::f64)
      binary_[name][i].add(from.f64[r], 1);
    else
      add_exact(name, input, i, from, r, text);
  }

  void add_exact(const std::string& name, input_state& input, std::size_t i, const column& from, std::size_t r,
                 const std::string& text) {
    exact_[name][i].add(from, r, 1);
    if (!needs_scales(view_, i)) return;
    const auto point = text.find('.');
    const std::size_t scale = point == std::string::npos ? 0 : text.size() - point - 1;
    if (input.scales.size() <= scale) input.scales.resize(scale + 1);
    ++input.scales[scale];
  }

  const view_plan& view_;
  const std::vector<std::size_t>& keys_;
  state groups_;
  std::map<std::string, std::map<std::size_t, exact_decimal_sum>> exact_;
  std::map<std::string, std::map<std::size_t, exact_binary_sum>> binary_;
};

inline std::string describe(const state& s) {
  std::string out;
  for (const auto& [name, group] : s) {
    out += fmt::format("{} rows {}", name, group.rows);
    for (const auto& i : group.inputs)
      out += fmt::format(" [{} {} {} {} {} scales {}]", i.count, i.sum.substr(0, 80), i.nan, i.positive, i.negative,
                         i.scales.size());
    out += "\n";
  }
  return out;
}

} // namespace weir::test
