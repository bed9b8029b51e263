// What one change costs from the bytes of the wire to columns, without a server: decoding alone, and the whole
// normalizer, for one large transaction and for many small ones. Usage: bench_normalizer [changes]

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "runtime/capture/normalizer.hpp"
#include "runtime/pgoutput/frame.hpp"
#include "runtime/pgoutput/row_change.hpp"
#include "tests/support/plan_builder.hpp"
#include "tests/support/wire_builder.hpp"

namespace weir {
namespace {

constexpr std::size_t chunk_bytes = 256 * 1024;
constexpr table_oid orders_oid{100};

/// Table orders (id, region, amount, placed).
source_plan orders_table() {
  return {"orders",
          "public",
          "orders",
          {{"id", {type_id::int8, -1}},
           {"region", {type_id::text, -1}},
           {"amount", {type_id::numeric, ((12 << 16) | 2) + 4}},
           {"placed", {type_id::timestamptz, -1}}}};
}

/// select region, sum(amount) from orders where region <> 'test' group by region.
/// Input    `needs_all`: as if other views needed the other columns.
pipeline_plan by_region(bool needs_all) {
  pipeline_plan plan;
  plan.sources.push_back(orders_table());
  auto& columns = plan.sources[0].columns;
  if (!needs_all) columns = {columns[1], columns[2]};
  const std::size_t region = needs_all ? 1 : 0;
  view_plan view;
  view.filter = test::apply(operation::not_equal, {type_id::boolean, -1},
                            {test::column_of(plan.sources[0], region), test::literal({type_id::text, -1}, "test")});
  view.keys = {test::column_of(plan.sources[0], region)};
  view.inputs = {test::column_of(plan.sources[0], region + 1)};
  plan.views = {view};
  return plan;
}

/// Chunks as a slot reader makes them: `changes` inserts, `per_transaction` in each transaction.
std::vector<test::bytes> make_chunks(std::size_t changes, std::size_t per_transaction) {
  const auto table = orders_table();
  std::vector<test::bytes> chunks;
  test::wire_builder wire;
  for (std::size_t i = 0; i < changes; ++i) {
    const lsn at{16 * (i + 1)};
    if (i % per_transaction == 0) wire.begin(at, 0, xid{1});
    if (i == 0) wire.relation(test::relation_of(table, orders_oid, 'f'));
    wire.insert(orders_oid,
                {std::to_string(i), "region" + std::to_string(i % 50), fmt::format("{}.{:02}", i % 10'000, i % 100),
                 fmt::format("2026-11-{:02} 12:{:02}:{:02}.{:06}+00", 1 + i % 28, i % 60, i / 60 % 60, i)});
    if (i + 1 == changes || (i + 1) % per_transaction == 0) wire.commit(at, at, 0);
    if (wire.chunk().size() >= chunk_bytes) chunks.push_back(wire.take());
  }
  chunks.push_back(wire.take());
  return chunks;
}

/// CPU time, so that a busy machine does not count. A wrong answer ends the program.
template <class Run>
void report(const char* what, std::size_t changes, std::uint64_t expected, Run&& run) {
  const auto start = std::clock();
  const std::uint64_t answer = run();
  const auto taken_ns = 1e9 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  fmt::print("{:<48} {:>7.1f} ns/change\n", what, taken_ns / static_cast<double>(changes));
  if (answer == expected) return;
  fmt::print(stderr, "{}: the answer is {}, not {}\n", what, answer, expected);
  std::exit(1);
}

/// Frames and tuples; the answer is the number of values.
std::uint64_t decode_all(const std::vector<test::bytes>& chunks) {
  std::uint64_t answer = 0;
  pgoutput::row_change row;
  for (const auto& chunk : chunks) {
    for (std::span<const std::byte> rest = chunk; !rest.empty();) {
      const auto payload = pgoutput::take_frame(rest);
      const auto frame = pgoutput::decode_frame(*payload);
      const auto& data = std::get<pgoutput::xlog_data>(*frame).payload;
      if (!pgoutput::is_row_tag(data[0]) || !pgoutput::decode_row(data, row)) continue;
      answer += row.new_values.size();
    }
  }
  return answer;
}

/// The whole way; the answer is the sum of the amounts, in hundredths.
std::uint64_t normalize_all(const pipeline_plan& plan, const std::vector<test::bytes>& chunks) {
  std::uint64_t answer = 0;
  auto machine = capture::normalizer::make(plan, {});
  std::vector<capture::effect> effects;
  for (const auto& chunk : chunks) {
    effects.clear();
    if (!machine || !machine->consume(chunk, effects)) std::abort();
    for (const auto& e : effects) {
      const auto* item = std::get_if<capture::item>(&e);
      if (item == nullptr) continue;
      for (auto row = item->first; row < item->last; ++row) {
        answer += static_cast<std::uint64_t>(item->rows->columns[1].decimals[row].coefficient);
      }
    }
  }
  return answer;
}

void run(std::size_t changes) {
  const auto bulk = make_chunks(changes, changes);
  const auto single = make_chunks(changes, 1);
  std::uint64_t amounts = 0;
  for (std::size_t i = 0; i < changes; ++i) amounts += i % 10'000 * 100 + i % 100;
  report("decode frames and rows of 4 columns", changes, 4 * changes, [&] { return decode_all(bulk); });
  report("normalize, one transaction, 2 columns needed", changes, amounts,
         [&] { return normalize_all(by_region(false), bulk); });
  report("normalize, one transaction, 4 columns needed", changes, amounts,
         [&] { return normalize_all(by_region(true), bulk); });
  report("normalize, transactions of one row, 2 columns", changes, amounts,
         [&] { return normalize_all(by_region(false), single); });
}

} // namespace
} // namespace weir

int main(int argc, char** argv) { weir::run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000); }
