// bench_sink TARGET PLACEMENT GROUPS SECONDS: how many changed groups a second the writer brings into a view table.
//
// TARGET is a connection string, PLACEMENT is `local`, or `distributed` (by the key, over the 32 shards that Citus
// makes unless told otherwise), or `bare`: what Citus takes to write rows that are finished already into such a table,
// without state, lease and frontier. A cut changes GROUPS of four times as many groups; every cut is committed, with
// the exact state and the frontier. The time counted is that of whole cuts behind the first four, which make the
// groups. Exit status 0 if the view then holds what was put into it.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/lease.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "runtime/postgres/view_writer.hpp"
#include "tests/bench/timing.hpp"
#include "tests/support/sql_session.hpp"

namespace {

using namespace weir;
using weir::bench::now_us;

constexpr std::uint64_t parts = 4; ///< the groups of one cut are one of so many
constexpr std::size_t groups_a_batch = 10'000;

template <class T>
T must(result<T> r) {
  if (!r) throw std::runtime_error(r.error().message + " · " + r.error().hint);
  return std::move(r).value();
}
void must(status r) {
  if (!r) throw std::runtime_error(r.error().message + " · " + r.error().hint);
}

expression column_of(std::int32_t place, type_id type) {
  expression e;
  e.op = operation::column;
  e.column_index = place;
  e.type = {type};
  e.nullable = false;
  return e;
}

/// select customer, count(*) as orders, sum(amount) as revenue from orders group by customer
pipeline_plan bench_plan(sink_placement placement) {
  pipeline_plan plan;
  plan.nodes.push_back({"w1", ""});
  plan.sources.push_back(
      {"orders", "public", "orders", {{"customer", {type_id::text}, true}, {"amount", {type_id::int8}, true}}});
  view_plan view;
  view.name = "revenue";
  view.keys.push_back(column_of(0, type_id::text));
  view.inputs.push_back(column_of(1, type_id::int8));
  view.aggregates = {{aggregate_function::count_rows, 0, {type_id::int8}},
                     {aggregate_function::sum, 0, {type_id::numeric}}};
  view.outputs = {{"customer", {type_id::text}, true, 0, true},
                  {"orders", {type_id::int8}, false, 0, true},
                  {"revenue", {type_id::numeric}, false, 1, false}};
  view.sink = {"bench", placement == sink_placement::local ? "local" : "distributed"};
  view.sink.placement = placement;
  if (placement == sink_placement::distributed) view.sink.distribution_column = "customer";
  plan.views.push_back(std::move(view));
  return plan;
}

std::string customer(std::uint64_t group) {
  return fmt::format("customer-{:08}", group * 2'654'435'761U % 100'000'007U);
}

/// One row more in each of the groups from `first` on.
batch one_more(const view_plan& view, std::uint64_t first, std::uint64_t count) {
  batch out;
  for (const auto& c : state_layout(view)) out.columns.emplace_back(c.type);
  const auto layout = state_layout(view);
  for (std::uint64_t g = first; g < first + count; ++g) {
    out.weights.push_back(1);
    for (std::size_t c = 0; c < layout.size(); ++c) switch (layout[c].role) {
        case state_role::node: out.columns[c].append_i64(0); break;
        case state_role::key: out.columns[c].append_bytes(customer(g)); break;
        case state_role::sum:
          out.columns[c].append_decimal({static_cast<std::int64_t>(g), 0, decimal::kind::finite});
          break;
        default: out.columns[c].append_i64(1);
      }
  }
  return out;
}

struct outcome {
  std::uint64_t cuts = 0;
  double seconds = 0;
};

outcome run(const std::string& target, const pipeline_plan& plan, std::uint64_t groups, double seconds) {
  auto holder = must(postgres::connection::open(target, {}));
  must(postgres::install_schema(holder));
  must(postgres::register_pipeline(holder, plan, "bench"));
  const auto grant = must(postgres::acquire_lease(holder, plan.name, "bench", std::chrono::hours(1)));
  auto writer = must(postgres::view_writer::open(must(postgres::connection::open(target, {})), plan, grant));
  outcome done;
  std::int64_t start = 0;
  for (std::uint64_t number = 1; number <= parts + 1 || now_us() < start + static_cast<std::int64_t>(seconds * 1e6);
       ++number) {
    if (number == parts + 1) start = now_us();
    must(writer.begin());
    const auto first = number % parts * groups;
    for (std::uint64_t from = 0; from < groups; from += groups_a_batch)
      must(writer.apply(0,
                        one_more(plan.views[0], first + from, std::min<std::uint64_t>(groups_a_batch, groups - from))));
    const std::vector<postgres::frontier_entry> frontier{{node_index{0}, "slot", "1", 1, lsn{number}, lsn{number}}};
    must(writer.commit(epoch{number}, frontier));
    ++done.cuts;
  }
  done.seconds = static_cast<double>(now_us() - start) / 1e6;
  return done;
}

/// The best that was found by hand: staged beside the table, then a MERGE that every shard does by itself.
outcome run_bare(const std::string& target, std::uint64_t groups, double seconds) {
  auto sql = must(postgres::connection::open(target, {}));
  must(sql.execute("SET citus.multi_shard_modify_mode = 'sequential'"));
  must(sql.execute("CREATE SCHEMA IF NOT EXISTS bench"));
  must(sql.execute("CREATE TABLE bench.bare (customer text PRIMARY KEY, orders bigint, revenue numeric) WITH "
                   "(fillfactor = 50)"));
  must(sql.execute("CREATE TABLE bench.staged (customer text, orders bigint, revenue numeric)"));
  must(sql.execute("SELECT create_distributed_table('bench.bare', 'customer')"));
  must(sql.execute("SELECT create_distributed_table('bench.staged', 'customer', colocate_with := 'bench.bare')"));
  outcome done;
  std::int64_t start = 0;
  for (std::uint64_t number = 1; number <= parts + 1 || now_us() < start + static_cast<std::int64_t>(seconds * 1e6);
       ++number) {
    if (number == parts + 1) start = now_us();
    const auto first = number % parts * groups;
    // Each cut that a group is in adds a row and its number, as one_more() does.
    const auto rows = (number - 1) / parts + 1;
    std::string customers, orders, revenues;
    for (std::uint64_t g = first; g < first + groups; ++g) {
      customers += fmt::format("{}{}", customers.empty() ? "{" : ",", customer(g));
      orders += fmt::format("{}{}", orders.empty() ? "{" : ",", rows);
      revenues += fmt::format("{}{}", revenues.empty() ? "{" : ",", rows * g);
    }
    must(sql.execute("BEGIN"));
    const std::vector<postgres::parameter> arrays{customers + "}", orders + "}", revenues + "}"};
    must(sql.execute("INSERT INTO bench.staged SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::numeric[])",
                     arrays));
    must(sql.execute("MERGE INTO bench.bare AS v USING bench.staged AS t ON v.customer = t.customer WHEN MATCHED THEN "
                     "UPDATE SET orders = t.orders, revenue = t.revenue WHEN NOT MATCHED THEN INSERT (customer, "
                     "orders, revenue) VALUES (t.customer, t.orders, t.revenue)"));
    must(sql.execute("TRUNCATE bench.staged"));
    must(sql.execute("COMMIT"));
    ++done.cuts;
  }
  done.seconds = static_cast<double>(now_us() - start) / 1e6;
  return done;
}

/// What `cuts` cuts have put in: rows, and the sum of their amounts.
std::string expected(std::uint64_t cuts, std::uint64_t groups) {
  std::uint64_t rows = 0;
  std::uint64_t sum = 0;
  for (std::uint64_t number = 1; number <= cuts; ++number) {
    const auto first = number % parts * groups;
    rows += groups;
    sum += groups * first + groups * (groups - 1) / 2;
  }
  return fmt::format("{} {} {}", parts * groups, rows, sum);
}

} // namespace

int main(int argc, char* argv[]) try {
  const std::string_view placement = argc == 5 ? argv[2] : "";
  if (placement != "local" && placement != "distributed" && placement != "bare") {
    std::fputs("usage: bench_sink TARGET local|distributed|bare GROUPS SECONDS\n", stderr);
    return 2;
  }
  const std::string target = argv[1];
  const std::uint64_t groups = std::stoull(argv[3]);
  auto plan = bench_plan(placement == "local" ? sink_placement::local : sink_placement::distributed);
  plan.name = placement;
  const auto done = placement == "bare" ? run_bare(target, groups, std::stod(argv[4]))
                                        : run(target, plan, groups, std::stod(argv[4]));
  test::sql_session sql(target);
  const auto shown =
      sql.value(fmt::format("SELECT concat_ws(' ', count(*), sum(orders), sum(revenue)) FROM bench.{}", plan.name));
  const auto counted = static_cast<double>((done.cuts - parts) * groups);
  fmt::print("{:<12} {:>9.0f} changed groups/s   {} cuts of {} groups in {:.1f} s{}\n", plan.name,
             counted / done.seconds, done.cuts - parts, groups, done.seconds,
             shown == expected(done.cuts, groups) ? "" : "   THE VIEW IS WRONG");
  return shown == expected(done.cuts, groups) ? 0 : 1;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_sink: %s\n", e.what());
  return 1;
}
