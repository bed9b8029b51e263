// bench_latency TARGET VIEW RATE SECONDS NODE…: commits single rows on every NODE, RATE a second together, and measures
// how long each takes from the return of its COMMIT until VIEW, at TARGET, shows it. Every row is a group of its own; a
// node's rows are written in the order of their keys, so the largest key to be seen tells of all before it.
//
// VIEW groups the table orders(order_id, region, status, amount) by region. TARGET and NODE are connection strings.
// Exit status 0 if every row became visible.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/timing.hpp"
#include "tests/support/sql_session.hpp"

namespace {

using clock_type = std::chrono::steady_clock;
using weir::bench::now_us;
using weir::test::sql_session;

/// The commits of one node, by their number; 0 in `visible` is "not yet".
struct node_record {
  std::string key_prefix;
  std::vector<std::atomic<std::int64_t>> committed;
  std::vector<std::int64_t> visible;
  std::size_t seen = 0; ///< rows 0 … seen - 1 are visible

  node_record(std::string prefix, std::size_t rows) : key_prefix(std::move(prefix)), committed(rows), visible(rows) {}
};

void write_rows(const std::string& conninfo, node_record& record, double rate, clock_type::time_point start) {
  sql_session node(conninfo);
  for (std::size_t i = 0; i < record.committed.size(); ++i) {
    std::this_thread::sleep_until(
        start + std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(double(i) / rate)));
    node.run(fmt::format("insert into orders (order_id, region, status, amount) values ({}, '{}{:08}', 'paid', 1.00)",
                         i + 1, record.key_prefix, i));
    record.committed[i].store(now_us(), std::memory_order_release);
  }
}

/// Notes what has become visible; false once everything has.
bool look(sql_session& target, const std::string& view, std::vector<node_record>& records) {
  std::string question;
  for (const auto& r : records)
    question += fmt::format("{}select max(region) from {} where region >= '{}' and region < '{}~'",
                            question.empty() ? "" : " union all ", view, r.key_prefix, r.key_prefix);
  const auto answer = target.rows(question);
  const auto now = now_us();
  bool pending = false;
  for (std::size_t n = 0; n < records.size(); ++n) {
    auto& r = records[n];
    if (const auto& key = answer[n][0])
      for (const std::size_t last = std::stoul(key->substr(r.key_prefix.size())); r.seen <= last; ++r.seen)
        r.visible[r.seen] = now;
    pending = pending || r.seen < r.visible.size();
  }
  return pending;
}

void report(const std::vector<node_record>& records, double rate) {
  std::vector<double> ms;
  for (const auto& r : records)
    // The first second warms caches and plans up.
    for (std::size_t i = std::min(r.visible.size() / 2, std::size_t(rate / double(records.size())));
         i < r.visible.size(); ++i)
      ms.push_back(double(std::max<std::int64_t>(0, r.visible[i] - r.committed[i].load())) / 1000);
  fmt::print("commit to visible: {}  ({} commits at {:.0f}/s on {} nodes)\n", weir::bench::quantiles_text(ms),
             ms.size(), rate, records.size());
}

int measure(const std::string& target_conninfo, const std::string& view, double rate, double seconds,
            const std::vector<std::string>& nodes) {
  const double node_rate = rate / double(nodes.size());
  std::vector<node_record> records;
  for (std::size_t n = 0; n < nodes.size(); ++n)
    records.emplace_back(fmt::format("n{}-", n), std::size_t(node_rate * seconds));
  sql_session target(target_conninfo);
  const auto start = clock_type::now() + std::chrono::milliseconds(100);
  std::vector<std::jthread> writers;
  for (std::size_t n = 0; n < nodes.size(); ++n)
    writers.emplace_back([&, n] {
      try {
        write_rows(nodes[n], records[n], node_rate, start);
      } catch (const std::exception& e) {
        fmt::print(stderr, "bench_latency: writing failed: {}\n", e.what());
        std::_Exit(1);
      }
    });
  const auto give_up =
      start + std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(seconds + 30));
  while (look(target, view, records)) {
    if (clock_type::now() > give_up) {
      fmt::print(stderr, "bench_latency: not every commit became visible within 30 s of the last\n");
      std::_Exit(1);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(300));
  }
  writers.clear();
  report(records, rate);
  return 0;
}

} // namespace

int main(int argc, char* argv[]) {
  if (argc < 6) {
    fmt::print(stderr, "usage: bench_latency TARGET VIEW RATE SECONDS NODE...\n");
    return 2;
  }
  try {
    return measure(argv[1], argv[2], std::stod(argv[3]), std::stod(argv[4]), {argv + 5, argv + argc});
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench_latency: {}\n", e.what());
    return 1;
  }
}
