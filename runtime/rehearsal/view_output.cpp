#include <cmath>
#include <limits>

#include "runtime/rehearsal/view_state.hpp"

// From totals to what a view shows.
namespace weir::rehearsal {
namespace {

class outputs {
public:
  outputs(const view_plan& view, const std::vector<state_column>& layout, const group_totals& totals)
      : view_(view), layout_(layout), totals_(totals) {}

  status append(const output_column& output, column& to) const {
    if (output.is_key) {
      const auto& key = totals_.keys[output.index];
      if (key) return append_text(to, *key);
      to.append_null();
      return {};
    }
    const auto& a = view_.aggregates[output.index];
    switch (a.function) {
      case aggregate_function::count_rows: to.append_i64(cell(state_role::rows, 0).count); return {};
      case aggregate_function::count: to.append_i64(cell(state_role::count, a.input).count); return {};
      case aggregate_function::sum:
      case aggregate_function::avg: return append_sum(a, to);
    }
    return {};
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

status append_output(const view_plan& view, const std::vector<state_column>& layout, const output_column& output,
                     const group_totals& totals, column& to) {
  return outputs(view, layout, totals).append(output, to);
}

} // namespace weir::rehearsal
