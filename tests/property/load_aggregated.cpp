#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <map>

#include "runtime/base/random.hpp"
#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/snapshot_load.hpp"
#include "runtime/rows/exact_sum.hpp"
#include "tests/property/postgres_source_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

using namespace weir;
using namespace weir::test;
using postgres::connection;

namespace {

const data_type int4{type_id::int4};

/// The table of these tests: columns, and how to make a random value of each.
const std::vector<source_column> columns{{"k", int4},
                                         {"label", {type_id::text}},
                                         {"small", {type_id::int2}},
                                         {"i", int4},
                                         {"big", {type_id::int8}},
                                         {"free", {type_id::numeric}},
                                         {"fixed", {type_id::numeric, ((12 << 16) | 2) + 4}},
                                         {"f4", {type_id::float4}},
                                         {"f8", {type_id::float8}}};

expression column_of(std::size_t index) {
  expression e;
  e.op = operation::column;
  e.type = columns[index].type;
  e.column_index = static_cast<std::int32_t>(index);
  e.fixed_scale = declared_scale(e.type);
  return e;
}

expression literal_of(int value) {
  expression e;
  e.type = int4;
  e.literal_text = std::to_string(value);
  return e;
}

expression binary(operation op, data_type type, expression left, expression right) {
  expression e;
  e.op = op;
  e.type = type;
  e.args = {std::move(left), std::move(right)};
  return e;
}

constexpr std::int32_t left_out = 3; ///< rows with this k do not pass the filter

pipeline_plan plan_of(const std::vector<std::size_t>& keys, bool filtered) {
  pipeline_plan plan;
  plan.name = "load";
  plan.sources.push_back({"t", "public", "t", columns});
  view_plan view;
  view.name = "v";
  if (filtered) view.filter = binary(operation::not_equal, {type_id::boolean}, column_of(0), literal_of(left_out));
  for (const auto k : keys) view.keys.push_back(column_of(k));
  view.aggregates.push_back({aggregate_function::count_rows, 0, {type_id::int8}});
  for (std::size_t c = 2; c < columns.size(); ++c) {
    view.inputs.push_back(column_of(c));
    const auto function = c == 2       ? aggregate_function::count
                          : c % 2 == 0 ? aggregate_function::avg
                                       : aggregate_function::sum;
    view.aggregates.push_back({function, c - 2, {type_id::numeric}});
  }
  plan.views.push_back(std::move(view));
  return plan;
}

std::string random_numeric(seeded_random& random) {
  static constexpr std::array special{"NaN", "Infinity", "-Infinity", "0.000", "-0.10", "1e-1000", "123456789e200"};
  if (random.chance(1, 6)) return special[random.below(special.size())];
  std::string digits = random.chance(1, 2) ? "-" : "";
  for (auto n = 1 + random.below(random.chance(1, 5) ? 60 : 6); n > 0; --n)
    digits += static_cast<char>('0' + random.below(10));
  const auto scale = random.below(random.chance(1, 5) ? 40 : 4);
  if (scale > 0) digits += '.';
  for (auto n = scale; n > 0; --n) digits += static_cast<char>('0' + random.below(10));
  return digits;
}

std::string text_of(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", value);
}

double random_double(seeded_random& random) {
  static constexpr std::array edges{5e-324,
                                    -5e-324,
                                    2.2250738585072009e-308,
                                    2.2250738585072014e-308,
                                    1e308,
                                    -1.7976931348623157e308,
                                    1.7976931348623157e308,
                                    0.1,
                                    -0.0,
                                    9007199254740993.0};
  switch (random.below(4)) {
    case 0: return edges[random.below(edges.size())];
    case 1: return std::bit_cast<double>(random.next()); // any at all, NaN and infinities among them
    default: return static_cast<double>(random.below(2'000'000)) / 100.0 - 10'000.0;
  }
}

float random_float(seeded_random& random) {
  switch (random.below(4)) {
    case 0: return std::bit_cast<float>(static_cast<std::uint32_t>(random.next()));
    case 1: return 1.4e-45F;
    default: return static_cast<float>(random.below(20'000)) / 100.0F;
  }
}

std::string random_value(std::size_t column, seeded_random& random) {
  if (random.chance(1, 8)) return "NULL";
  const auto in_quotes = [](const std::string& text) { return "'" + text + "'"; };
  const auto bits = random.next();
  switch (column) {
    case 0: return std::to_string(bits % 5);
    case 1: return std::array{"''", "'a'", "E'tab\\t\\\\N\\n'", "'ü'"}[bits % 4];
    case 2: return std::to_string(static_cast<std::int16_t>(bits));
    case 3: return in_quotes(std::to_string(static_cast<std::int32_t>(bits)));
    case 4: return in_quotes(std::to_string(random.chance(1, 4) ? INT64_MAX : static_cast<std::int64_t>(bits)));
    case 5: return in_quotes(random_numeric(random));
    case 6:
      return random.chance(1, 10) ? "'NaN'"
                                  : in_quotes(fmt::format("{}.{}", static_cast<std::int32_t>(bits), bits % 100));
    case 7: return in_quotes(text_of(static_cast<double>(random_float(random))));
    default: return in_quotes(text_of(random_double(random)));
  }
}

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

std::string value_text(const column& c, std::size_t row) {
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

std::string describe(const state& s) {
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

connection table_with(const std::vector<std::string>& rows) {
  auto& server = source_server::shared();
  auto sql = server.connect(server.fresh_database());
  std::string create;
  for (const auto& c : columns) create += (create.empty() ? "" : ", ") + sql.identifier(c.name) + " " + to_sql(c.type);
  succeeds(sql.execute("CREATE TABLE public.t(" + create + ")"));
  for (const auto& row : rows) succeeds(sql.execute("INSERT INTO public.t VALUES (" + row + ")"));
  return sql;
}

void check_load(connection& sql, const std::vector<std::size_t>& keys, bool filtered, std::size_t table_rows) {
  const auto plan = plan_of(keys, filtered);
  const auto& view = plan.views[0];
  merged_load loaded{view};
  succeeds(postgres::copy_out(sql, postgres::aggregated_load_sql(plan, 0, node_index{7}, sql), loaded.types(), 4096,
                              [&](const batch& rows) {
                                loaded.add(rows);
                                return status{};
                              }));
  std::vector<data_type> raw_types;
  for (const auto& c : columns) raw_types.push_back(c.type);
  model expected{view, keys};
  std::size_t raw_rows = 0;
  succeeds(
      postgres::copy_out(sql, postgres::raw_load_sql(plan.sources[0], sql), raw_types, 4096, [&](const batch& rows) {
        raw_rows += rows.rows();
        expected.add(rows);
        return status{};
      }));
  CHECK(raw_rows == table_rows);
  const auto got = loaded.finish();
  const auto want = expected.finish();
  INFO("loaded\n" << describe(got) << "expected\n" << describe(want));
  CHECK((got == want));
}

} // namespace

TEST_CASE("a load aggregated by the server equals an exact model", "[postgres]") {
  seeded_random random{seed()};
  for (int round = 0; round < 6; ++round) {
    std::vector<std::string> rows(round == 0 ? 1 : random.below(300));
    for (auto& row : rows)
      for (std::size_t c = 0; c < columns.size(); ++c) row += (c == 0 ? "" : ", ") + random_value(c, random);
    auto sql = table_with(rows);
    check_load(sql, {0, 1}, true, rows.size());
    check_load(sql, {1}, false, rows.size());
    check_load(sql, {}, false, rows.size());
    check_load(sql, {6, 8}, false, rows.size()); // numeric and float keys
  }
}

TEST_CASE("the sum of the smallest and the largest floats is exact", "[postgres]") {
  auto sql =
      table_with({"1, '', 1, 1, 1, 1, 1, 1.4e-45, 5e-324", "1, '', 1, 1, 1, 1, 1, 3.4028235e38, 1.7976931348623157e308",
                  "1, '', 1, 1, 1, 1, 1, -3.4028235e38, -1.7976931348623157e308", "1, '', 1, 1, 1, 1, 1, 0.1, 0.1",
                  "1, '', 1, 1, 1, 1, 1, 0.1, -0.1"});
  check_load(sql, {0}, false, 5);
}

TEST_CASE("power() of numerics is exact wherever a float's exponent leads", "[postgres]") {
  auto sql = source_server::shared().connect();
  // Each power from the one before, by a multiplication, which is exact by definition.
  const auto wrong =
      gained(sql.query("WITH RECURSIVE p(k, two, five) AS (SELECT 0, 1::numeric, 1::numeric UNION ALL SELECT k + 1, "
                       "two * 2, five * 5 FROM p "
                       "WHERE k < 1074) SELECT count(*), count(*) FILTER (WHERE two <> power(2::numeric, k) OR five <> "
                       "power(5::numeric, k) "
                       "OR ('1e' || -k)::numeric * power(2::numeric, k) * power(5::numeric, k) <> 1) FROM p"));
  CHECK(wrong.at(0, 0) == "1075");
  CHECK(wrong.at(0, 1) == "0");
}

TEST_CASE("an empty table gives no row, with keys or without", "[postgres]") {
  auto sql = table_with({});
  check_load(sql, {0}, false, 0);
  check_load(sql, {}, false, 0);
  auto plan = plan_of({}, false);
  auto& view = plan.views[0];
  view.inputs = {column_of(3)}; // without floats and free numerics nothing is grouped by
  view.aggregates = {{aggregate_function::sum, 0, {type_id::int8}}};
  CHECK(gained(sql.query(postgres::aggregated_load_sql(plan, 0, node_index{7}, sql))).rows() == 0);
  succeeds(sql.execute("INSERT INTO public.t(i) VALUES (NULL)"));
  const auto row = gained(sql.query(postgres::aggregated_load_sql(plan, 0, node_index{7}, sql)));
  REQUIRE(row.rows() == 1);
  CHECK(row.at(0, 1) == "1");
  CHECK(row.at(0, 2) == "0");
  CHECK(row.at(0, 3) == "0");
}

TEST_CASE("a row that cannot be computed fails the aggregated load as poison", "[postgres]") {
  auto sql = table_with({"1, '', 1, 0, 1, 1, 1, 1, 1"});
  auto plan = plan_of({}, false);
  plan.views[0].keys = {binary(operation::divide, int4, column_of(0), column_of(3))};
  merged_load loaded{plan.views[0]};
  succeeds(sql.execute("BEGIN; SAVEPOINT s"));
  const auto e = failure_of(postgres::copy_out(sql, postgres::aggregated_load_sql(plan, 0, node_index{7}, sql),
                                               loaded.types(), 4096, [](const batch&) { return status{}; }));
  CHECK(e.code == errc::division_by_zero);
  CHECK(kind_of(e.code) == failure_kind::poison);
  succeeds(sql.execute("ROLLBACK TO SAVEPOINT s"));
  CHECK(gained(sql.query("SELECT count(*) FROM public.t")).at(0, 0) == "1");
}

TEST_CASE("copy_out fills batches up to their size", "[postgres]") {
  auto sql = source_server::shared().connect();
  const std::vector<data_type> types{{type_id::int8}, {type_id::text}};
  const std::size_t limit = 10'000;
  std::int64_t next = 1;
  std::size_t batches = 0;
  succeeds(postgres::copy_out(sql, "SELECT i, repeat('x', i % 100) || E'\\t\\\\' FROM generate_series(1, 5000) i",
                              types, limit, [&](const batch& rows) {
                                ++batches;
                                REQUIRE(rows.size_bytes() <= limit + 64);
                                for (std::size_t r = 0; r < rows.rows(); ++r, ++next) {
                                  REQUIRE(rows.columns[0].i64[r] == next);
                                  REQUIRE(rows.weights[r] == 1);
                                  REQUIRE(rows.columns[1].bytes_at(r) ==
                                          std::string(static_cast<std::size_t>(next % 100), 'x') + "\t\\");
                                }
                                return status{};
                              }));
  CHECK(next == 5001);
  CHECK(batches > 20);
  std::size_t nothing = 0;
  succeeds(postgres::copy_out(sql, "SELECT FROM generate_series(1, 3)", {}, limit, [&](const batch& rows) {
    nothing += rows.rows();
    return status{};
  }));
  CHECK(nothing == 3);
}

TEST_CASE("a consumer that refuses ends the load, not the connection", "[postgres]") {
  auto sql = source_server::shared().connect();
  int calls = 0;
  const auto e = failure_of(
      postgres::copy_out(sql, "SELECT i FROM generate_series(1, 3000000) i", {int4}, 1000, [&](const batch&) {
        ++calls;
        return status{error{errc::timeout, "enough"}};
      }));
  CHECK(e.code == errc::timeout);
  CHECK(e.message == "enough");
  CHECK(calls == 1);
  CHECK(gained(sql.query("SELECT 42")).at(0, 0) == "42");
}

TEST_CASE("an error in the middle of a load is the server's", "[postgres]") {
  auto sql = source_server::shared().connect();
  const auto e = failure_of(postgres::copy_out(sql, "SELECT 1 / (5000 - i) FROM generate_series(1, 10000) i", {int4},
                                               1000, [](const batch&) { return status{}; }));
  CHECK(e.code == errc::division_by_zero);
  CHECK(gained(sql.query("SELECT 42")).at(0, 0) == "42");
}
