// How long reading, printing, summing and evaluating take per row. Prints ns per row; asserts nothing.

#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "runtime/base/random.hpp"
#include "runtime/expr/evaluate.hpp"
#include "runtime/rows/codec.hpp"
#include "runtime/rows/exact_sum.hpp"

namespace weir {
namespace {

constexpr std::size_t rows_of_batch = 4096;

std::string text_of(type_id id, seeded_random& random) {
  switch (id) {
    case type_id::int4: return fmt::format("{}", random.below(2'000'000));
    case type_id::int8: return fmt::format("{}", random.below(10'000'000'000'000));
    case type_id::numeric: return fmt::format("{}.{:02}", random.below(100'000), random.below(100));
    case type_id::float8: return fmt::format("{}", static_cast<double>(random.below(10'000'000)) / 128);
    case type_id::date:
      return fmt::format("20{:02}-{:02}-{:02}", random.below(100), 1 + random.below(12), 1 + random.below(28));
    case type_id::timestamptz:
      return fmt::format("2024-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00", 1 + random.below(12), 1 + random.below(28),
                         random.below(24), random.below(60), random.below(60), random.below(1'000'000));
    case type_id::uuid: return fmt::format("{:08x}-1234-4abc-8def-{:012x}", random.next() >> 32, random.next() >> 16);
    default: return fmt::format("customer {}", random.below(100'000));
  }
}

std::vector<std::string> texts_of(type_id id) {
  seeded_random random(1);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < rows_of_batch; ++i) out.push_back(text_of(id, random));
  return out;
}

column column_of(type_id id) {
  column out({id, -1});
  for (const auto& text : texts_of(id)) {
    if (!append_text(out, text)) std::abort();
  }
  return out;
}

/// Time per row, in nanoseconds.
void per_row(benchmark::State& state) {
  state.counters["ns/row"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(rows_of_batch) / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void read_text(benchmark::State& state, type_id id) {
  const auto texts = texts_of(id);
  column to({id, -1});
  for (auto _ : state) {
    to.clear();
    for (const auto& text : texts) {
      if (!append_text(to, text)) state.SkipWithError("a text was refused");
    }
    benchmark::DoNotOptimize(to.nulls.data());
  }
  per_row(state);
}

void print_text(benchmark::State& state, type_id id) {
  const auto from = column_of(id);
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (std::size_t i = 0; i < from.rows(); ++i) write_text(from, i, out);
    benchmark::DoNotOptimize(out.data());
  }
  per_row(state);
}

void sum_decimals(benchmark::State& state, type_id id) {
  const auto from = column_of(id);
  for (auto _ : state) {
    exact_decimal_sum sum;
    for (std::size_t i = 0; i < from.rows(); ++i) sum.add(from, i, 1);
    benchmark::DoNotOptimize(sum);
  }
  per_row(state);
}

void sum_doubles(benchmark::State& state) {
  const auto from = column_of(type_id::float8);
  for (auto _ : state) {
    exact_binary_sum sum;
    for (const double value : from.f64) sum.add(value, 1);
    benchmark::DoNotOptimize(sum);
  }
  per_row(state);
}

expression node(operation op, type_id id, std::vector<expression> args) {
  expression e;
  e.op = op;
  e.type = {id, -1};
  e.args = std::move(args);
  return e;
}

expression input(type_id id) {
  auto e = node(operation::column, id, {});
  e.column_index = 0;
  return e;
}

expression constant(type_id id, std::string text) {
  auto e = node(operation::literal, id, {});
  e.literal_text = std::move(text);
  return e;
}

void evaluate(benchmark::State& state, type_id id, const expression& e) {
  batch rows;
  rows.columns.push_back(column_of(id));
  rows.weights.assign(rows_of_batch, 1);
  const auto compute = evaluator::make(e);
  if (!compute) return state.SkipWithError("the expression was refused");
  std::vector<row_error> errors;
  std::vector<std::uint32_t> selected;
  for (auto _ : state) {
    if (e.type.id == type_id::boolean) {
      selected.clear();
      compute->select(rows, selected, errors);
      benchmark::DoNotOptimize(selected.data());
    } else {
      const auto out = compute->evaluate(rows, errors);
      benchmark::DoNotOptimize(out.nulls.data());
    }
  }
  if (!errors.empty()) state.SkipWithError("rows failed");
  per_row(state);
}

void pack_and_unpack(benchmark::State& state) {
  batch rows;
  for (const auto id : {type_id::int8, type_id::numeric, type_id::text}) rows.columns.push_back(column_of(id));
  rows.weights.assign(rows_of_batch, 1);
  std::vector<std::byte> bytes;
  for (auto _ : state) {
    bytes.clear();
    encode(rows, bytes);
    const auto back = decode(bytes);
    if (!back) state.SkipWithError("the bytes were refused");
    benchmark::DoNotOptimize(back->weights.data());
  }
  per_row(state);
}

void add_all() {
  using enum operation;
  constexpr std::pair<const char*, type_id> types[] = {
      {"int4", type_id::int4},     {"int8", type_id::int8}, {"numeric", type_id::numeric},
      {"float8", type_id::float8}, {"date", type_id::date}, {"timestamptz", type_id::timestamptz},
      {"text", type_id::text},     {"uuid", type_id::uuid}};
  for (const auto& [name, id] : types) {
    benchmark::RegisterBenchmark(fmt::format("read_text/{}", name).c_str(), read_text, id);
    benchmark::RegisterBenchmark(fmt::format("print_text/{}", name).c_str(), print_text, id);
  }
  benchmark::RegisterBenchmark("sum/int8", sum_decimals, type_id::int8);
  benchmark::RegisterBenchmark("sum/numeric", sum_decimals, type_id::numeric);
  benchmark::RegisterBenchmark("sum/float8", sum_doubles);
  const auto n = input(type_id::numeric);
  const auto i = input(type_id::int4);
  const auto f = input(type_id::float8);
  const auto t = input(type_id::text);
  const auto add_case = [](const char* name, type_id id, const expression& e) {
    benchmark::RegisterBenchmark(fmt::format("evaluate/{}", name).c_str(), evaluate, id, e);
  };
  add_case("int4 + constant", type_id::int4, node(add, type_id::int4, {i, constant(type_id::int4, "7")}));
  add_case("int4 / constant", type_id::int4, node(divide, type_id::int4, {i, constant(type_id::int4, "7")}));
  add_case("float8 * float8", type_id::float8, node(multiply, type_id::float8, {f, f}));
  add_case("numeric * constant", type_id::numeric,
           node(multiply, type_id::numeric, {n, constant(type_id::numeric, "1.19")}));
  add_case("numeric + numeric", type_id::numeric, node(add, type_id::numeric, {n, n}));
  add_case("numeric / constant", type_id::numeric,
           node(divide, type_id::numeric, {n, constant(type_id::numeric, "3")}));
  add_case("numeric to float8", type_id::numeric, node(cast, type_id::float8, {n}));
  add_case("where int4 > constant", type_id::int4,
           node(greater, type_id::boolean, {i, constant(type_id::int4, "1000000")}));
  add_case("where numeric > constant", type_id::numeric,
           node(greater, type_id::boolean, {n, constant(type_id::numeric, "50000")}));
  add_case("where text = constant", type_id::text,
           node(equal, type_id::boolean, {t, constant(type_id::text, "customer 1")}));
  benchmark::RegisterBenchmark("encode and decode int8, numeric, text", pack_and_unpack);
}

} // namespace
} // namespace weir

int main(int argc, char** argv) {
  weir::add_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
