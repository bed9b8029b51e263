#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>

#include "runtime/base/random.hpp"
#include "runtime/postgres/snapshot_load.hpp"
#include "tests/property/load_model.hpp"
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
