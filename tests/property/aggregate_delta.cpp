#include "runtime/operators/aggregate_delta.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/rows/big_integer.hpp"
#include "tests/support/property.hpp"

namespace weir {
namespace {

namespace gen = rc::gen;

// ---- the exact model of sums

/// Every value here is a multiple of 10^-model_scale: a double has at most 1074 digits after the point.
constexpr int model_scale = 1100;

/// An exact number, counted in units of 10^-model_scale.
class exact {
public:
  static exact of_text(std::string_view text) {
    const auto point = text.find('.');
    const auto digits = point == std::string_view::npos ? 0 : text.size() - point - 1;
    exact e;
    e.units_ = big_integer(text);
    e.units_.multiply_by_power_of_ten(model_scale - static_cast<int>(digits));
    return e;
  }
  /// Input    finite
  static exact of_double(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const auto biased = static_cast<int>((bits >> 52U) & 0x7ffU);
    const auto fraction = static_cast<std::int64_t>(bits & ((std::uint64_t{1} << 52U) - 1));
    const auto mantissa = biased == 0 ? fraction : fraction | (std::int64_t{1} << 52U);
    const int exponent = (biased == 0 ? 1 : biased) - 1075;
    exact e;
    e.units_ = power_of_ten(model_scale);
    mpz_mul_si(e.units_.raw(), e.units_.raw(), (bits >> 63U) != 0 ? -mantissa : mantissa);
    if (exponent >= 0)
      mpz_mul_2exp(e.units_.raw(), e.units_.raw(), static_cast<mp_bitcnt_t>(exponent));
    else
      mpz_divexact(e.units_.raw(), e.units_.raw(), power_of_two(-exponent).raw());
    return e;
  }

  void add(const exact& other, std::int64_t weight) {
    auto product = other.units_;
    mpz_mul_si(product.raw(), product.raw(), weight);
    units_.add(product);
  }
  bool is_zero() const { return units_.is_zero(); }
  friend bool operator==(const exact& a, const exact& b) { return mpz_cmp(a.units_.raw(), b.units_.raw()) == 0; }

private:
  static big_integer power_of_two(int exponent) {
    big_integer out(int128{1});
    mpz_mul_2exp(out.raw(), out.raw(), static_cast<mp_bitcnt_t>(exponent));
    return out;
  }
  big_integer units_;
};

/// What is known of one input of one group.
struct input_total {
  std::int64_t nonnull = 0;
  exact sum;
  std::int64_t nan = 0;
  std::int64_t positive_infinity = 0;
  std::int64_t negative_infinity = 0;
  std::map<std::size_t, std::int64_t> scales; ///< without zeros

  bool is_zero() const {
    return nonnull == 0 && sum.is_zero() && nan == 0 && positive_infinity == 0 && negative_infinity == 0 &&
           scales.empty();
  }
  void count_scale(std::size_t scale, std::int64_t weight) {
    if ((scales[scale] += weight) == 0) scales.erase(scale);
  }
  friend bool operator==(const input_total&, const input_total&) = default;
};

struct group_total {
  std::int64_t rows = 0;
  std::vector<input_total> inputs;

  bool is_zero() const {
    for (const auto& i : inputs)
      if (!i.is_zero()) return false;
    return rows == 0;
  }
  friend bool operator==(const group_total&, const group_total&) = default;
};

/// By node and by what the key's values are equal to.
using group_key = std::vector<std::string>;
using totals = std::map<std::pair<std::uint16_t, group_key>, group_total>;

void drop_node(totals& from, std::uint16_t node) {
  std::erase_if(from, [node](const auto& entry) { return entry.first.first == node; });
}

totals without_zeros(totals all) {
  std::erase_if(all, [](const auto& entry) { return entry.second.is_zero(); });
  return all;
}

// ---- values

/// A text of a value, and the text of the value that GROUP BY takes it for.
using spelled = std::pair<const char*, const char*>;

const std::vector<spelled>& key_domain(type_id type) {
  static const std::vector<spelled> integers{
      {"0", "0"}, {"-1", "-1"}, {"9223372036854775807", "9223372036854775807"}, {"7", "7"}};
  static const std::vector<spelled> texts{
      {"", ""}, {"a", "a"}, {"A", "A"}, {"a ", "a "}, {"eightbyt", "eightbyt"}, {"eightbytes", "eightbytes"}};
  static const std::vector<spelled> numerics{
      {"1", "1"},
      {"1.0", "1"},
      {"1.00", "1"},
      {"10", "10"},
      {"-1.0", "-1"},
      {"0", "0"},
      {"0.000", "0"},
      {"NaN", "NaN"},
      {"Infinity", "Infinity"},
      {"-Infinity", "-Infinity"},
      // 10^37 is where the canonical form changes, 2^126 where a column's does
      {"9999999999999999999999999999999999999", "9999999999999999999999999999999999999"},
      {"9999999999999999999999999999999999999.0", "9999999999999999999999999999999999999"},
      {"10000000000000000000000000000000000000", "10000000000000000000000000000000000000"},
      {"10000000000000000000000000000000000000.00", "10000000000000000000000000000000000000"},
      {"85070591730234615865843651857942052864", "85070591730234615865843651857942052864"},
      {"85070591730234615865843651857942052864.000", "85070591730234615865843651857942052864"},
      {"-123456789012345678901234567890123456789012345678901234567890.5",
       "-123456789012345678901234567890123456789012345678901234567890.5"},
      {"-123456789012345678901234567890123456789012345678901234567890.500",
       "-123456789012345678901234567890123456789012345678901234567890.5"}};
  static const std::vector<spelled> uuids{
      {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {"00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"}};
  static const std::vector<spelled> dates{{"2024-02-29", "2024-02-29"},
                                          {"0044-03-15 BC", "0044-03-15 BC"},
                                          {"infinity", "infinity"},
                                          {"2000-01-01", "2000-01-01"}};
  static const std::vector<spelled> floats{{"0", "0"}, {"-0", "0"}, {"NaN", "NaN"}, {"1.5", "1.5"}};
  switch (type) {
    case type_id::text: return texts;
    case type_id::numeric: return numerics;
    case type_id::uuid: return uuids;
    case type_id::date: return dates;
    case type_id::float8: return floats;
    default: return integers;
  }
}

/// What GROUP BY takes row `row` of a key column for.
std::string key_class(const column& c, std::size_t row) {
  if (c.is_null(row)) return "(null)";
  std::string text;
  write_text(c, row, text);
  for (const auto& [spelling, value] : key_domain(c.type.id))
    if (text == spelling) return value;
  return text;
}

rc::Gen<std::string> digits(int least, int most) {
  return gen::mapcat(gen::inRange(least, most + 1), [](int count) {
    return gen::container<std::string>(static_cast<std::size_t>(count), gen::inRange('0', static_cast<char>('9' + 1)));
  });
}

rc::Gen<std::string> finite_numeric() {
  const auto with_sign = [](const rc::Gen<std::string>& magnitude) {
    return gen::map(gen::pair(gen::arbitrary<bool>(), magnitude),
                    [](const auto& p) { return (p.first ? "-" : "") + p.second; });
  };
  const auto pointed = [](int least, int most, int most_scale) {
    return gen::map(gen::pair(digits(least, most), digits(0, most_scale)),
                    [](const auto& p) { return p.second.empty() ? p.first : p.first + "." + p.second; });
  };
  return gen::weightedOneOf<std::string>(
      {{6, with_sign(pointed(1, 3, 4))},
       {2, with_sign(pointed(17, 20, 3))},
       {2, with_sign(pointed(36, 40, 6))},
       {1, with_sign(pointed(60, 90, 50))},
       {1, gen::element<std::string>("85070591730234615865843651857942052863", "85070591730234615865843651857942052864",
                                     "-85070591730234615865843651857942052864")}});
}

rc::Gen<double> any_double() {
  using limits = std::numeric_limits<double>;
  return gen::weightedOneOf<double>(
      {{4, gen::map(gen::inRange(-2000, 2000), [](int n) { return n / 10.0; })},
       {2, gen::map(gen::arbitrary<std::uint64_t>(), [](std::uint64_t bits) { return std::bit_cast<double>(bits); })},
       {2, gen::element(0.0, -0.0, limits::max(), -limits::max(), limits::denorm_min(), -limits::min(), 1e300, 1e-300)},
       {1, gen::element(limits::quiet_NaN(), limits::infinity(), -limits::infinity())}});
}

std::int64_t any_integer() {
  using limits = std::numeric_limits<std::int64_t>;
  return *gen::weightedOneOf<std::int64_t>({{4, gen::inRange<std::int64_t>(-10, 10)},
                                            {1, gen::arbitrary<std::int64_t>()},
                                            {1, gen::element(limits::min(), limits::max(), std::int64_t{0})}});
}

std::int64_t any_weight() {
  return *gen::weightedOneOf<std::int64_t>({{8, gen::element<std::int64_t>(1, -1)},
                                            {2, gen::inRange<std::int64_t>(-5, 6)},
                                            {1, gen::element<std::int64_t>(1'000'000'000'000, -999'999'999'999)}});
}

// ---- rows, and what they add up to

aggregate_spec any_spec() {
  aggregate_spec spec;
  for (int k = *gen::inRange(0, 4); k > 0; --k)
    spec.keys.push_back(
        {*gen::element(type_id::int8, type_id::text, type_id::numeric, type_id::uuid, type_id::date, type_id::float8)});
  static const std::vector<aggregate_input> inputs{
      {{type_id::int8}, true, false, false},     {{type_id::int8}, false, false, false},
      {{type_id::numeric}, true, true, true},    {{type_id::numeric}, true, true, false},
      {{type_id::numeric}, false, false, false}, {{type_id::float8}, true, true, false},
      {{type_id::text}, false, false, false}};
  for (int i = *gen::inRange(0, 4); i > 0; --i)
    spec.inputs.push_back(inputs[*gen::inRange<std::size_t>(0, inputs.size())]);
  return spec;
}

void append_key(column& to, group_key& key) {
  const auto& domain = key_domain(to.type.id);
  const auto choice = *gen::inRange<std::size_t>(0, domain.size() + 1);
  if (choice == domain.size()) {
    to.append_null();
    key.emplace_back("(null)");
    return;
  }
  RC_ASSERT(append_text(to, domain[choice].first).has_value());
  key.emplace_back(domain[choice].second);
}

void append_numeric(column& to, const aggregate_input& spec, input_total& total, std::int64_t weight) {
  if (*gen::inRange(0, 12) == 0) {
    const auto* text = *gen::element("NaN", "Infinity", "-Infinity");
    RC_ASSERT(append_text(to, text).has_value());
    if (!spec.summed) return;
    (text[0] == 'N' ? total.nan : text[0] == 'I' ? total.positive_infinity : total.negative_infinity) += weight;
    return;
  }
  const auto text = *finite_numeric();
  RC_ASSERT(append_text(to, text).has_value());
  if (!spec.summed) return;
  total.sum.add(exact::of_text(text), weight);
  const auto point = text.find('.');
  if (spec.needs_scales) total.count_scale(point == std::string::npos ? 0 : text.size() - point - 1, weight);
}

void append_float(column& to, input_total& total, std::int64_t weight) {
  const double value = *any_double();
  to.append_f64(value);
  if (std::isnan(value))
    total.nan += weight;
  else if (std::isinf(value))
    (value > 0 ? total.positive_infinity : total.negative_infinity) += weight;
  else
    total.sum.add(exact::of_double(value), weight);
}

/// Appends a value and adds it to what the group's input adds up to.
void append_input(column& to, const aggregate_input& spec, input_total& total, std::int64_t weight) {
  if (*gen::inRange(0, 5) == 0) return to.append_null();
  total.nonnull += weight;
  if (spec.type.id == type_id::numeric) return append_numeric(to, spec, total, weight);
  if (spec.type.id == type_id::float8) return append_float(to, total, weight);
  if (spec.type.id == type_id::text) return to.append_bytes("x");
  const auto value = any_integer();
  to.append_i64(value);
  if (spec.summed) total.sum.add(exact::of_text(std::to_string(value)), weight);
}

batch any_rows(const aggregate_spec& spec, std::vector<std::pair<group_key, group_total>>& model) {
  batch rows;
  for (const auto& type : spec.keys) rows.columns.emplace_back(type);
  for (const auto& input : spec.inputs) rows.columns.emplace_back(input.type);
  const auto count = *gen::inRange(1, 20);
  for (int i = 0; i < count; ++i) {
    auto& [key, row] = model.emplace_back();
    row.inputs.resize(spec.inputs.size());
    row.rows = any_weight();
    rows.weights.push_back(row.rows);
    for (std::size_t k = 0; k < spec.keys.size(); ++k) append_key(rows.columns[k], key);
    for (std::size_t k = 0; k < spec.inputs.size(); ++k)
      append_input(rows.columns[spec.keys.size() + k], spec.inputs[k], row.inputs[k], row.rows);
  }
  return rows;
}

void add(group_total& to, const group_total& more) {
  to.rows += more.rows;
  to.inputs.resize(more.inputs.size());
  for (std::size_t k = 0; k < more.inputs.size(); ++k) {
    const auto& from = more.inputs[k];
    auto& input = to.inputs[k];
    input.nonnull += from.nonnull;
    input.sum.add(from.sum, 1);
    input.nan += from.nan;
    input.positive_infinity += from.positive_infinity;
    input.negative_infinity += from.negative_infinity;
    for (const auto& [scale, count] : from.scales) input.count_scale(scale, count);
  }
}

// ---- states

input_total read_input(const aggregate_input& spec, const batch& state, std::size_t& at, std::size_t row) {
  input_total out;
  const auto count = [&] { return state.columns[at++].i64[row]; };
  const auto text = [&] {
    std::string t;
    write_text(state.columns[at++], row, t);
    return t;
  };
  out.nonnull = count();
  if (!spec.summed) return out;
  out.sum = exact::of_text(text());
  if (spec.has_specials) {
    out.nan = count();
    out.positive_infinity = count();
    out.negative_infinity = count();
  }
  if (!spec.needs_scales) return out;
  const auto histogram = text();
  RC_ASSERT(histogram.front() == '{' && histogram.back() == '}');
  std::size_t scale = 0;
  for (std::size_t from = 1; from + 1 < histogram.size(); ++scale) {
    const auto end = histogram.find_first_of(",}", from);
    out.count_scale(scale, std::stoll(histogram.substr(from, end - from)));
    from = end + 1;
  }
  return out;
}

/// Adds a state batch to `to`. No group may come twice in one drain (`seen`), and none that has not changed.
void apply(const aggregate_spec& spec, const batch& state, totals& to,
           std::set<std::pair<std::uint16_t, group_key>>& seen) {
  for (std::size_t row = 0; row < state.rows(); ++row) {
    RC_ASSERT(state.weights[row] == 1);
    std::size_t at = 0;
    const auto node = static_cast<std::uint16_t>(state.columns[at++].i64[row]);
    group_key key;
    for (std::size_t k = 0; k < spec.keys.size(); ++k) key.push_back(key_class(state.columns[at++], row));
    group_total change;
    change.rows = state.columns[at++].i64[row];
    for (const auto& input : spec.inputs) change.inputs.push_back(read_input(input, state, at, row));
    RC_ASSERT(at == state.columns.size());
    RC_ASSERT(!change.is_zero());
    RC_ASSERT(seen.emplace(node, key).second);
    add(to[{node, key}], change);
  }
}

void drain(const aggregate_spec& spec, aggregate_delta& machine, totals& target) {
  const auto most = *gen::inRange<std::size_t>(1, 12);
  const auto drained = machine.drain(most);
  RC_ASSERT(machine.empty());
  for (const auto node : drained.truncated) drop_node(target, node.value);
  std::set<std::pair<std::uint16_t, group_key>> seen;
  for (const auto& state : drained.states) {
    RC_ASSERT(state.rows() > 0);
    RC_ASSERT(state.rows() <= most);
    apply(spec, state, target, seen);
  }
}

void add_in_ranges(aggregate_delta& machine, node_index node, const batch& rows) {
  for (std::size_t from = 0; from < rows.rows();) {
    const auto to = *gen::inRange<std::size_t>(from + 1, rows.rows() + 1);
    machine.add(node, rows, from, to);
    from = to;
  }
}

/// What a pushed-down query would give for the rows.
std::vector<batch> aggregated(const aggregate_spec& spec, const batch& rows) {
  aggregate_delta query(spec);
  query.add(node_index{9}, rows, 0, rows.rows());
  return query.drain(*gen::inRange<std::size_t>(1, 12)).states;
}

} // namespace

TEST_CASE("drained states add up to the aggregate of all rows", "[property][aggregate]") {
  test::require_property("sum of states == recomputation", [] {
    const auto spec = any_spec();
    aggregate_delta machine(spec);
    totals target;
    totals expected;
    for (int step = *gen::inRange(1, 14); step > 0; --step) {
      const node_index node{*gen::inRange<std::uint16_t>(0, 3)};
      const auto what = *gen::inRange(0, 8);
      if (what == 0) {
        machine.truncate(node);
        drop_node(expected, node.value);
      } else if (what == 1) {
        drain(spec, machine, target);
      } else {
        std::vector<std::pair<group_key, group_total>> model;
        const auto rows = any_rows(spec, model);
        for (const auto& [key, row] : model) add(expected[{node.value, key}], row);
        if (what == 2) {
          for (const auto& state : aggregated(spec, rows)) RC_ASSERT(machine.merge(node, state).has_value());
        } else {
          add_in_ranges(machine, node, rows);
        }
      }
    }
    drain(spec, machine, target);
    RC_ASSERT((without_zeros(target) == without_zeros(expected)));
  });
}

TEST_CASE("rows that all go again leave nothing to tell", "[property][aggregate]") {
  test::require_property("rows and their opposites cancel", [] {
    const auto spec = any_spec();
    aggregate_delta machine(spec);
    const node_index node{0};
    std::vector<std::pair<group_key, group_total>> model;
    auto rows = any_rows(spec, model);
    if (*gen::arbitrary<bool>()) {
      for (const auto& state : aggregated(spec, rows)) RC_ASSERT(machine.merge(node, state).has_value());
    } else {
      add_in_ranges(machine, node, rows);
    }
    for (auto& weight : rows.weights) weight = -weight;
    add_in_ranges(machine, node, rows);
    RC_ASSERT(machine.drain(10).states.empty());
  });
}

} // namespace weir
