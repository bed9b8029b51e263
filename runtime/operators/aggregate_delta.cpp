#include "runtime/operators/aggregate_delta.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "runtime/operators/group_index.hpp"
#include "runtime/rows/exact_sum.hpp"

namespace weir {
namespace {

using counts = std::vector<std::int64_t>;

/// What is kept for one input: a vector for each part, one element a group. Only the parts of its spec are filled.
struct input_state {
  explicit input_state(aggregate_input s) : spec(s) {}

  void resize(std::size_t groups) {
    nonnull.resize(groups, 0);
    if (!spec.summed) return;
    if (is_float(spec.type.id)) binary.resize(groups);
    decimal.resize(groups);
    if (spec.has_specials) {
      nan.resize(groups, 0);
      positive_infinity.resize(groups, 0);
      negative_infinity.resize(groups, 0);
    }
    if (spec.needs_scales) scales.resize(groups);
  }

  bool is_zero(std::size_t g) const {
    if (nonnull[g] != 0) return false;
    if (!spec.summed) return true;
    if (!sum_is_zero(g)) return false;
    if (spec.has_specials && (nan[g] != 0 || positive_infinity[g] != 0 || negative_infinity[g] != 0)) return false;
    return !spec.needs_scales || std::all_of(scales[g].begin(), scales[g].end(), [](std::int64_t n) { return n == 0; });
  }

  bool sum_is_zero(std::size_t g) const {
    if (!has_binary(g)) return decimal[g].is_zero();
    return !decimal[g].is_zero() && float_total(g).is_zero();
  }

  bool has_binary(std::size_t g) const { return is_float(spec.type.id) && !binary[g].is_zero(); }

  /// What pushed-down queries summed and what was summed here.
  exact_decimal_sum float_total(std::size_t g) const {
    auto total = decimal[g];
    std::string text;
    binary[g].write_text(text);
    total.add_big(text, 1);
    return total;
  }

  void add_special(std::size_t g, decimal::kind form, std::int64_t weight) {
    if (form == decimal::kind::nan)
      nan[g] += weight;
    else if (form == decimal::kind::positive_infinity)
      positive_infinity[g] += weight;
    else
      negative_infinity[g] += weight;
  }

  aggregate_input spec;
  counts nonnull;
  std::vector<exact_decimal_sum> decimal; ///< of floats: what pushed-down queries summed
  std::vector<exact_binary_sum> binary;
  counts nan;
  counts positive_infinity;
  counts negative_infinity;
  std::vector<counts> scales;
};

void count_scale(counts& histogram, std::size_t scale, std::int64_t weight) {
  if (histogram.size() <= scale) histogram.resize(scale + 1, 0);
  histogram[scale] += weight;
}

int scale_of_big(std::string_view text) {
  const auto point = text.find('.');
  return point == std::string_view::npos ? 0 : static_cast<int>(text.size() - point - 1);
}

void add_integers(input_state& s, const column& c, const batch& rows, std::size_t first,
                  const std::vector<std::uint32_t>& groups) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (c.is_null(first + i)) continue;
    const auto weight = rows.weights[first + i];
    s.nonnull[groups[i]] += weight;
    if (s.spec.summed) s.decimal[groups[i]].add_integer(c.i64[first + i], weight);
  }
}

void add_numeric(input_state& s, const column& c, std::size_t row, std::uint32_t g, std::int64_t weight) {
  const decimal& d = c.decimals[row];
  if (d.form == decimal::kind::finite) {
    s.decimal[g].add(d, weight);
    if (s.spec.needs_scales) count_scale(s.scales[g], static_cast<std::size_t>(d.scale), weight);
  } else if (d.form == decimal::kind::big) {
    const auto& text = c.bigs[static_cast<std::size_t>(d.coefficient)];
    s.decimal[g].add_big(text, weight);
    if (s.spec.needs_scales) count_scale(s.scales[g], static_cast<std::size_t>(scale_of_big(text)), weight);
  } else {
    s.add_special(g, d.form, weight);
  }
}

void add_numerics(input_state& s, const column& c, const batch& rows, std::size_t first,
                  const std::vector<std::uint32_t>& groups) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (c.is_null(first + i)) continue;
    const auto weight = rows.weights[first + i];
    s.nonnull[groups[i]] += weight;
    if (s.spec.summed) add_numeric(s, c, first + i, groups[i], weight);
  }
}

void add_floats(input_state& s, const column& c, const batch& rows, std::size_t first,
                const std::vector<std::uint32_t>& groups) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (c.is_null(first + i)) continue;
    const auto weight = rows.weights[first + i];
    const auto g = groups[i];
    s.nonnull[g] += weight;
    if (!s.spec.summed) continue;
    const double value = c.f64[first + i];
    if (std::isfinite(value))
      s.binary[g].add(value, weight);
    else if (std::isnan(value))
      s.add_special(g, decimal::kind::nan, weight);
    else
      s.add_special(g, value > 0 ? decimal::kind::positive_infinity : decimal::kind::negative_infinity, weight);
  }
}

void add_counted(input_state& s, const column& c, const batch& rows, std::size_t first,
                 const std::vector<std::uint32_t>& groups) {
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (!c.is_null(first + i)) s.nonnull[groups[i]] += rows.weights[first + i];
}

void add_input(input_state& s, const column& c, const batch& rows, std::size_t first,
               const std::vector<std::uint32_t>& groups) {
  if (is_integer(c.type.id))
    add_integers(s, c, rows, first, groups);
  else if (c.type.id == type_id::numeric)
    add_numerics(s, c, rows, first, groups);
  else if (is_float(c.type.id))
    add_floats(s, c, rows, first, groups);
  else
    add_counted(s, c, rows, first, groups);
}

/// "{0,0,3}" added to a histogram.
status merge_scales(counts& histogram, std::string_view text) {
  const auto invalid = [&] {
    return error{errc::invalid_value, fmt::format("not a histogram of display scales: \"{}\"", text)};
  };
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return invalid();
  const char* at = text.data() + 1;
  const char* end = text.data() + text.size() - 1;
  for (std::size_t scale = 0; at < end; ++scale) {
    std::int64_t n = 0;
    const auto read = std::from_chars(at, end, n);
    if (read.ec != std::errc{} || (read.ptr != end && *read.ptr != ',')) return invalid();
    count_scale(histogram, scale, n);
    at = read.ptr == end ? end : read.ptr + 1;
  }
  return {};
}

std::string scales_text(const counts& histogram) { return fmt::format("{{{}}}", fmt::join(histogram, ",")); }

} // namespace

/// The groups of one node.
class aggregate_delta::group_table {
public:
  explicit group_table(const aggregate_spec& spec) : index_(spec.keys), keys_(spec.keys.size()) {
    for (const auto& input : spec.inputs) inputs_.emplace_back(input);
  }

  void add(const batch& rows, std::size_t first, std::size_t last) {
    index_.find_or_add(rows, first, last, groups_);
    resize();
    for (std::size_t i = 0; i < groups_.size(); ++i) rows_[groups_[i]] += rows.weights[first + i];
    for (std::size_t k = 0; k < inputs_.size(); ++k)
      add_input(inputs_[k], rows.columns[keys_ + k], rows, first, groups_);
  }

  status merge(const batch& state);
  /// Appends to the last of `out`, and starts another when that has `max_rows`.
  void drain_into(node_index node, std::size_t max_rows, std::vector<batch>& out) const;

  bool empty() const noexcept { return index_.size() == 0; }
  std::size_t size_bytes() const noexcept {
    // An estimate: sums that outgrew 127 bits are rare and not counted.
    std::size_t a_group = sizeof(std::int64_t);
    for (const auto& input : inputs_) {
      a_group += sizeof(std::int64_t);
      if (!input.spec.summed) continue;
      a_group += sizeof(exact_decimal_sum) + (is_float(input.spec.type.id) ? sizeof(exact_binary_sum) : 0);
      a_group += input.spec.has_specials ? 3 * sizeof(std::int64_t) : 0;
      a_group += input.spec.needs_scales ? sizeof(counts) + 4 * sizeof(std::int64_t) : 0;
    }
    return index_.size_bytes() + index_.size() * a_group;
  }

private:
  void resize() {
    rows_.resize(index_.size(), 0);
    for (auto& input : inputs_) input.resize(index_.size());
  }
  bool is_zero(std::size_t g) const {
    return rows_[g] == 0 &&
           std::all_of(inputs_.begin(), inputs_.end(), [g](const input_state& s) { return s.is_zero(g); });
  }
  batch empty_state() const;
  void append(node_index node, std::size_t g, batch& to) const;

  group_index index_;
  std::size_t keys_;
  counts rows_;
  std::vector<input_state> inputs_;
  std::vector<std::uint32_t> groups_; ///< of the rows at hand
};

status aggregate_delta::group_table::merge(const batch& state) {
  batch keyed;
  keyed.weights = state.weights;
  for (std::size_t k = 0; k < keys_; ++k) keyed.columns.push_back(state.columns[1 + k]);
  index_.find_or_add(keyed, 0, keyed.rows(), groups_);
  resize();
  std::size_t at = 1 + keys_;
  const auto add_counts = [&](counts& to) {
    const column& from = state.columns[at++];
    for (std::size_t i = 0; i < groups_.size(); ++i) to[groups_[i]] += from.i64[i];
  };
  add_counts(rows_);
  for (auto& input : inputs_) {
    add_counts(input.nonnull);
    if (!input.spec.summed) continue;
    const column& sums = state.columns[at++];
    for (std::size_t i = 0; i < groups_.size(); ++i) input.decimal[groups_[i]].add(sums, i, 1);
    if (input.spec.has_specials) {
      add_counts(input.nan);
      add_counts(input.positive_infinity);
      add_counts(input.negative_infinity);
    }
    if (!input.spec.needs_scales) continue;
    const column& histograms = state.columns[at++];
    for (std::size_t i = 0; i < groups_.size(); ++i)
      WEIR_TRY(merge_scales(input.scales[groups_[i]], histograms.bytes_at(i)));
  }
  return {};
}

batch aggregate_delta::group_table::empty_state() const {
  const data_type int8{type_id::int8};
  batch b;
  b.columns.emplace_back(data_type{type_id::int2});
  for (const auto& key : index_.keys()) b.columns.emplace_back(key.type);
  b.columns.emplace_back(int8);
  for (const auto& input : inputs_) {
    b.columns.emplace_back(int8);
    if (!input.spec.summed) continue;
    b.columns.emplace_back(data_type{type_id::numeric});
    if (input.spec.has_specials)
      for (int i = 0; i < 3; ++i) b.columns.emplace_back(int8);
    if (input.spec.needs_scales) b.columns.emplace_back(data_type{type_id::text});
  }
  return b;
}

void aggregate_delta::group_table::append(node_index node, std::size_t g, batch& to) const {
  auto next = to.columns.begin();
  (next++)->append_i64(node.value);
  for (const auto& key : index_.keys()) (next++)->append_from(key, g);
  (next++)->append_i64(rows_[g]);
  for (const auto& input : inputs_) {
    (next++)->append_i64(input.nonnull[g]);
    if (!input.spec.summed) continue;
    // The scale of a sum is at least that of its values, so that the state shows PostgreSQL's display scale.
    if (input.has_binary(g))
      input.float_total(g).append_to(*next++, 0);
    else
      input.decimal[g].append_to(*next++, input.decimal[g].scale());
    if (input.spec.has_specials) {
      (next++)->append_i64(input.nan[g]);
      (next++)->append_i64(input.positive_infinity[g]);
      (next++)->append_i64(input.negative_infinity[g]);
    }
    if (input.spec.needs_scales) (next++)->append_bytes(scales_text(input.scales[g]));
  }
  to.weights.push_back(1);
}

void aggregate_delta::group_table::drain_into(node_index node, std::size_t max_rows, std::vector<batch>& out) const {
  for (std::size_t g = 0; g < index_.size(); ++g) {
    if (is_zero(g)) continue;
    if (out.empty() || out.back().rows() >= max_rows) out.push_back(empty_state());
    append(node, g, out.back());
  }
}

aggregate_delta::aggregate_delta(aggregate_spec spec) : spec_(std::move(spec)) {}
aggregate_delta::aggregate_delta(aggregate_delta&&) noexcept = default;
aggregate_delta& aggregate_delta::operator=(aggregate_delta&&) noexcept = default;
aggregate_delta::~aggregate_delta() = default;

aggregate_delta::group_table& aggregate_delta::table(node_index node) {
  if (tables_.size() <= node.value) tables_.resize(node.value + std::size_t{1});
  auto& t = tables_[node.value];
  if (!t) t = std::make_unique<group_table>(spec_);
  return *t;
}

void aggregate_delta::add(node_index node, const batch& rows, std::size_t first, std::size_t last) {
  table(node).add(rows, first, last);
}

status aggregate_delta::merge(node_index node, const batch& state) { return table(node).merge(state); }

void aggregate_delta::truncate(node_index node) {
  if (tables_.size() > node.value) tables_[node.value].reset();
  if (std::find(truncated_.begin(), truncated_.end(), node) == truncated_.end()) truncated_.push_back(node);
}

bool aggregate_delta::empty() const noexcept {
  return truncated_.empty() &&
         std::all_of(tables_.begin(), tables_.end(), [](const auto& t) { return !t || t->empty(); });
}

std::size_t aggregate_delta::size_bytes() const noexcept {
  std::size_t bytes = 0;
  for (const auto& t : tables_)
    if (t) bytes += t->size_bytes();
  return bytes;
}

aggregate_delta::drained aggregate_delta::drain(std::size_t max_rows) {
  drained out;
  out.truncated = std::exchange(truncated_, {});
  for (std::size_t n = 0; n < tables_.size(); ++n) {
    if (tables_[n]) tables_[n]->drain_into(node_index{static_cast<std::uint16_t>(n)}, max_rows, out.states);
    tables_[n].reset();
  }
  return out;
}

} // namespace weir
