// bench_expr SERVER ROWS: what typical expressions cost a row, in weir and in PostgreSQL, over the same rows.
//
// SERVER is a connection string; a table weir_bench_expr is made there, and dropped. weir binds the SQL text and
// evaluates it over batches of 4096 rows that are in memory, again and again for half a second; of several rounds the
// fastest counts. PostgreSQL runs `select count(EXPRESSION)` over the table, JIT and parallel scans off, and `select
// count(*)`; the difference of the fastest of each is the expression's. Both count what is not null, and the counts are
// compared: exit status 0 only if they agree. The times are reported, and no claim is made about them.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "dsl/bind.hpp"
#include "dsl/lower.hpp"
#include "dsl/outline.hpp"
#include "dsl/parse.hpp"
#include "runtime/expr/evaluate.hpp"
#include "runtime/postgres/letter_check.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "tests/bench/timing.hpp"
#include "tests/support/sql_session.hpp"

namespace {

using namespace weir;
using weir::bench::now_us;

constexpr std::size_t rows_of_batch = 4096;
constexpr int rounds = 5;
constexpr std::int64_t round_us = 100'000;

constexpr const char* expressions[] = {
    "quantity + 1",
    "quantity % 7",
    "weight * 1.5 + 2",
    "amount * quantity",
    "round(amount * 1.19, 2)",
    "amount > 500.00",
    "region = 'eu-3'",
    "region in ('eu-1', 'eu-2', 'eu-3')",
    "region like 'eu-%'",
    "region ~ '^(eu|ap)-[0-4]'",
    "upper(region collate \"C\")",
    "lower(region)",
    "region ilike 'EU-%'",
    "substring(region from 1 for 2)",
    "case when quantity > 50 then amount else 0 end",
    "coalesce(reference, region)",
    "details ->> 'region'",
    "(details ->> 'quantity')::int",
    "details @> '{\"tags\": [\"b\"]}'",
    "3 = any (sizes)",
    "placed_on + 30",
    "placed_at + interval '1 month'",
    "date_trunc('day', placed_at)",
    "extract(year from placed_on)",
    "placed_on between '2024-03-01' and '2024-06-30'",
};

constexpr const char* table =
    "create table weir_bench_expr as select i::int as quantity, (i % 100000) / 100.0 as amount, i / 8.0::float8 as "
    "weight, (array['eu-', 'us-', 'ap-'])[i % 3 + 1] || i % 9 as region, case when i % 4 = 0 then 'ref ' || i end as "
    "reference, date '2024-01-01' + i % 366 as placed_on, timestamp '2024-01-01' + i * interval '37 seconds' as "
    "placed_at, jsonb_build_object('id', i, 'region', 'eu-' || i % 9, 'quantity', i % 100, 'tags', array['a', 'b']) as "
    "details, array[i % 5, i % 7, i % 9] as sizes from generate_series(1, {}) as i";

template <class T>
T must(result<T> r) {
  if (!r) throw std::runtime_error(r.error().message + " · " + r.error().hint);
  return std::move(r).value();
}

struct bound_expression {
  evaluator compute;
  std::vector<batch> batches;
};

/// The columns that the expression reads, in batches.
std::vector<batch> read_batches(test::sql_session& session, const source_plan& source) {
  std::string columns;
  for (const auto& c : source.columns) columns += (columns.empty() ? "" : ", ") + c.name;
  std::vector<batch> out;
  for (const auto& row : session.rows("select " + columns + " from weir_bench_expr")) {
    if (out.empty() || out.back().rows() == rows_of_batch) {
      out.emplace_back();
      for (const auto& c : source.columns) out.back().columns.emplace_back(c.type);
    }
    for (std::size_t c = 0; c < row.size(); ++c) {
      auto& to = out.back().columns[c];
      if (!row[c]) {
        to.append_null();
      } else if (const auto appended = append_text(to, *row[c]); !appended) {
        throw std::runtime_error(appended.error().message);
      }
    }
    out.back().weights.push_back(1);
  }
  return out;
}

bound_expression bound(const std::string& sql, const node_catalog& catalog, test::sql_session& session) {
  const auto text = dsl::text_of("bench.pipe", "pipeline p;\ncluster c { nodes n1 \"host=nowhere\"; }\nsource t from "
                                               "c.public.weir_bench_expr;\nview v as select count(" +
                                                   sql + ") as n from t;\nsink v into c.public.v;\n");
  const auto parsed = dsl::parse(text);
  const auto outlined = dsl::outline_of(parsed.program, {});
  const auto done = dsl::bind(parsed.program, outlined.outline, {"c", {catalog}});
  if (!done.pipeline)
    throw std::runtime_error(sql + ": " + dsl::render(text, parsed.found) + dsl::render(text, done.found));
  const auto plan = dsl::lower(*done.pipeline);
  return {must(evaluator::make(plan.views[0].inputs[0])), read_batches(session, plan.sources[0])};
}

struct measured {
  double ns_a_row;
  std::int64_t count;
};

measured in_weir(const bound_expression& e, std::size_t rows) {
  double best = 0;
  std::int64_t count = 0;
  std::vector<row_error> errors;
  for (int round = 0; round < rounds; ++round) {
    std::int64_t passes = 0;
    const auto begin = now_us();
    auto end = begin;
    for (; end - begin < round_us; end = now_us(), ++passes) {
      count = 0;
      for (const auto& rows_now : e.batches) {
        const auto values = e.compute.evaluate(rows_now, errors);
        count += std::count(values.nulls.begin(), values.nulls.end(), 0);
      }
    }
    const auto ns = static_cast<double>(end - begin) * 1000 / static_cast<double>(passes) / static_cast<double>(rows);
    if (round == 0 || ns < best) best = ns;
  }
  if (!errors.empty()) throw std::runtime_error(errors.front().message);
  return {best, count};
}

/// The fastest of several runs, in microseconds.
std::int64_t run_time(test::sql_session& session, const std::string& query, std::int64_t& count) {
  std::int64_t best = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto begin = now_us();
    count = session.number(query);
    const auto took = now_us() - begin;
    if (round == 0 || took < best) best = took;
  }
  return best;
}

int measure(const std::string& server, const std::string& rows_text) {
  const auto rows = static_cast<std::size_t>(std::stoul(rows_text));
  test::sql_session session(server);
  session.run("set jit = off; set max_parallel_workers_per_gather = 0; set datestyle = 'ISO'; set timezone = 'UTC'");
  session.run("drop table if exists weir_bench_expr");
  session.run(fmt::format(fmt::runtime(table), rows));
  session.run("alter table weir_bench_expr replica identity full");
  session.run("vacuum analyze weir_bench_expr");
  auto sql = must(postgres::connection::open(server, {}));
  auto catalog = must(postgres::read_catalog(sql, "n1", {{"public", "weir_bench_expr"}}));
  give_letters(catalog, must(postgres::read_letter_cases(sql)));
  std::int64_t all = 0;
  const auto scan = run_time(session, "select count(*) from weir_bench_expr", all);
  bool agree = true;
  fmt::print("{:<48} {:>12} {:>17} {:>9}\n", "expression", "weir ns/row", "PostgreSQL ns/row", "ratio");
  for (const std::string expression : expressions) {
    const auto ours = in_weir(bound(expression, catalog, session), rows);
    std::int64_t count = 0;
    const auto query = run_time(session, "select count(" + expression + ") from weir_bench_expr", count);
    const auto theirs = static_cast<double>(query - scan) * 1000 / static_cast<double>(rows);
    fmt::print("{:<48} {:>12.1f} {:>17.1f} {:>9.1f}\n", expression, ours.ns_a_row, theirs, theirs / ours.ns_a_row);
    std::fflush(stdout);
    if (count == ours.count) continue;
    agree = false;
    fmt::print("  counts differ: weir {}, PostgreSQL {}\n", ours.count, count);
  }
  session.run("drop table weir_bench_expr");
  fmt::print("counts agree: {} ({} rows)\n", agree ? "yes" : "NO", rows);
  return agree ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "bench_expr SERVER ROWS\n");
    return 2;
  }
  try {
    return measure(argv[1], argv[2]);
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench_expr: {}\n", e.what());
    return 1;
  }
}
