#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "runtime/expr/evaluate.hpp"
#include "runtime/rehearsal/view_state.hpp"

// From totals to what a view shows.
namespace weir::rehearsal {
namespace {

class outputs {
public:
  outputs(const view_plan& view, const std::vector<state_column>& layout, const group_totals& totals)
      : view_(view), layout_(layout), totals_(totals) {}

  status append_key(std::size_t key, column& to) const {
    const auto& text = totals_.keys[key];
    if (text) return append_text(to, *text);
    to.append_null();
    return {};
  }

  status append_aggregate(const aggregate_plan& a, column& to) const {
    switch (a.function) {
      case aggregate_function::count_rows: to.append_i64(cell(state_role::rows, 0).count); return {};
      case aggregate_function::count: to.append_i64(cell(state_role::count, a.input).count); return {};
      case aggregate_function::sum:
      case aggregate_function::avg: return append_sum(a, to);
      case aggregate_function::min:
      case aggregate_function::max: break; // no view_plan has them
    }
    return error{errc::internal, "a view has an aggregate that weir cannot keep"};
  }

private:
  const group_totals::cell& cell(state_role role, std::size_t index) const {
    std::size_t at = 1 + view_.keys.size();
    while (layout_[at].role != role || layout_[at].index != index) ++at;
    return totals_.cells[at - 1 - view_.keys.size()];
  }

  /// NaN and infinities win over the finite sum; no value at all is NULL.
  status append_sum(const aggregate_plan& a, column& to) const {
    const auto count = cell(state_role::count, a.input).count;
    if (count == 0) {
      to.append_null();
      return {};
    }
    if (has_special_values(view_, a.input)) {
      const bool up = cell(state_role::positive_infinity, a.input).count > 0;
      const bool down = cell(state_role::negative_infinity, a.input).count > 0;
      if (cell(state_role::nan_count, a.input).count > 0 || (up && down)) return append_text(to, "NaN");
      if (up || down) return append_text(to, up ? "Infinity" : "-Infinity");
    }
    const bool average = a.function == aggregate_function::avg;
    const auto& input = view_.inputs[a.input];
    if (is_float(input.type.id)) {
      const double sum = float_sum(a.input, a.type.id);
      to.append_f64(average ? sum / static_cast<double>(count) : sum);
      return {};
    }
    auto sum = numeric_sum(a.input);
    if (average) {
      WEIR_ASSIGN(sum, divide(sum, numeric(count)));
    }
    return append_text(to, sum.to_string());
  }

  /// With the display scale that PostgreSQL shows.
  numeric numeric_sum(std::size_t input) const {
    const auto& sum = cell(state_role::sum, input).sum;
    const auto& e = view_.inputs[input];
    if (is_integer(e.type.id)) return sum.rounded(0);
    if (e.fixed_scale) return sum.rounded(*e.fixed_scale);
    const auto& scales = cell(state_role::scales, input).scales;
    int largest = 0;
    for (std::size_t i = 0; i < scales.size(); ++i)
      if (scales[i] > 0) largest = static_cast<int>(i);
    return sum.rounded(largest);
  }

  /// The correctly rounded exact sum; beyond the range it is infinite. avg of real is computed in double precision.
  double float_sum(std::size_t input, type_id type) const {
    const auto& sum = cell(state_role::sum, input).sum;
    const auto rounded = type == type_id::float4 ? sum.to_float4() : sum.to_float8();
    if (rounded) return *rounded;
    // Out of range is a sum that is too large, or one that is too small to be any number but zero.
    const bool large = compare(sum.sign() < 0 ? sum.negated() : sum, numeric(1)) > 0;
    return large ? std::copysign(std::numeric_limits<double>::infinity(), sum.sign()) : 0.0;
  }

  const view_plan& view_;
  const std::vector<state_column>& layout_;
  const group_totals& totals_;
};

} // namespace

batch empty_groups(const view_plan& view) {
  batch out;
  for (const auto& key : view.keys) out.columns.emplace_back(key.type);
  for (const auto& a : view.aggregates) out.columns.emplace_back(a.type);
  return out;
}

status append_group(const view_plan& view, const std::vector<state_column>& layout, const group_totals& totals,
                    batch& to) {
  const outputs values(view, layout, totals);
  for (std::size_t i = 0; i < view.keys.size(); ++i) WEIR_TRY(values.append_key(i, to.columns[i]));
  for (std::size_t i = 0; i < view.aggregates.size(); ++i)
    WEIR_TRY(values.append_aggregate(view.aggregates[i], to.columns[view.keys.size() + i]));
  to.weights.push_back(1);
  return {};
}

result<batch> shown_rows(const view_plan& view, const batch& groups) {
  std::vector<std::uint32_t> shown;
  std::vector<row_error> errors;
  if (view.having) {
    WEIR_ASSIGN(const auto condition, evaluator::make(*view.having));
    condition.select(groups, shown, errors);
  } else {
    for (std::uint32_t i = 0; i < groups.rows(); ++i) shown.push_back(i);
  }
  batch out;
  for (const auto& o : view.outputs) {
    std::optional<column> computed;
    if (o.is_computed) {
      WEIR_ASSIGN(const auto value, evaluator::make(view.computed[o.index]));
      std::vector<row_error> failed; // only of groups that are shown
      computed = value.evaluate(groups, failed);
      for (auto& e : failed)
        if (std::binary_search(shown.begin(), shown.end(), e.row)) errors.push_back(std::move(e));
    }
    const auto& from = computed ? *computed : groups.columns[o.is_key ? o.index : view.keys.size() + o.index];
    auto& to = out.columns.emplace_back(o.type);
    for (const auto row : shown) to.append_from(from, row);
  }
  if (!errors.empty())
    return error{errors.front().code, fmt::format("writing view {}: {}", view.name, errors.front().message)};
  out.weights.assign(shown.size(), 1);
  return out;
}

} // namespace weir::rehearsal
