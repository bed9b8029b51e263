#include "tests/system/transfers.hpp"

#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace weir::test {
namespace {

using namespace std::chrono_literals;

/// Does it until the server has done it. A server that is gone may have: then `already` says so.
void insist(const std::string& conninfo, const std::string& sql, const std::string& already = "") {
  for (;;) {
    try {
      sql_session(conninfo).run(sql);
      return;
    } catch (const sql_error& e) {
      if (!already.empty() && e.sqlstate == already) return;
      if (!e.sqlstate.empty() && !e.sqlstate.starts_with("57") && !e.sqlstate.starts_with("08")) throw;
    }
    std::this_thread::sleep_for(50ms);
  }
}

constexpr auto undefined_object = "42704"; // the prepared transaction is decided

struct part {
  std::string conninfo;
  std::string gid;
  long long amount = 0;
};

/// True if it is prepared for certain.
bool prepare(const part& p, const std::string& key, const std::string& account) {
  try {
    sql_session session(p.conninfo);
    session.run("begin");
    session.run(fmt::format("insert into orders values ({}, '{}', 'paid', {})", key, account, p.amount));
    session.run(fmt::format("prepare transaction '{}'", p.gid));
    return true;
  } catch (const sql_error&) {
    return false;
  }
}

} // namespace

transfer_clients::transfer_clients(const scenario& s, std::uint64_t seed, int clients) {
  for (int i = 0; i < clients; ++i)
    threads_.emplace_back([this, workers = s.worker_conninfos(), i, seed] {
      try {
        move(workers, i, seeded_random(seed + static_cast<std::uint64_t>(i)));
      } catch (const std::exception& e) {
        const std::scoped_lock lock(mutex_);
        problems_.push_back(e.what());
      }
    });
}

void transfer_clients::move(std::vector<std::string> workers, int number, seeded_random random) {
  for (std::uint64_t n = 1; !stopping_; ++n) {
    const auto amount = static_cast<long long>(1 + random.below(100));
    std::vector<part> parts{{workers[0], {}, -amount}, {workers[1], {}, amount}};
    if (random.chance(1, 5)) { // a second connection to the same worker
      parts[0].amount -= 7;
      parts.push_back({workers[1], {}, 7});
    }
    for (std::size_t p = 0; p < parts.size(); ++p) parts[p].gid = fmt::format("citus_0_{}_{}_{}", number + 1, n, p);
    std::size_t prepared = 0;
    for (auto& p : parts) {
      const auto key = fmt::format("{}", (n * 100 + static_cast<std::uint64_t>(number)) * 10 + prepared);
      if (!prepare(p, key, fmt::format("account {}", random.below(20)))) break;
      ++prepared;
    }
    const bool commit = prepared == parts.size() && !random.chance(1, 8);
    // The one that was not prepared for certain may be.
    parts.resize(std::min(prepared + 1, parts.size()));
    if (random.chance(1, 2)) std::swap(parts.front(), parts.back());
    for (const auto& p : parts) {
      insist(p.conninfo, fmt::format("{} prepared '{}'", commit ? "commit" : "rollback", p.gid), undefined_object);
      if (random.chance(1, 10)) std::this_thread::sleep_for(std::chrono::milliseconds(random.below(80)));
    }
    if (commit) ++committed_;
  }
}

void transfer_clients::stop() {
  stopping_ = true;
  threads_.clear();
  if (!problems_.empty()) throw std::runtime_error(problems_.front());
}

total_watcher::total_watcher(const scenario& s)
    : thread_([this, conninfo = s.conninfo("coordinator"), name = s.name()] {
        const auto look =
            fmt::format("select (select coalesce(sum(revenue), 0) from {}), (select max(number) from weir.cuts "
                        "where pipeline = '{}'), exists (select from weir.frontier where pipeline = '{}' "
                        "and isolated)",
                        totals, name, name);
        std::optional<sql_session> session;
        while (!stopping_) {
          try {
            if (!session) session.emplace(conninfo);
            const auto row = session->rows(look).at(0);
            ++looks_;
            if (*row[2] == "f" && std::stod(*row[0]) != 0)
              halves_.push_back(fmt::format("cut {}: {}", row[1].value_or("-"), *row[0]));
          } catch (const sql_error&) {
            session.reset(); // the view is not there yet, or its server is away
            std::this_thread::sleep_for(5ms);
          }
        }
      }) {}

std::vector<std::string> total_watcher::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return halves_;
}

namespace {

pipeline_options patient() {
  pipeline_options options;
  options.every = "0 ms";
  options.supervise = "retry 1000, backoff 50 ms to 200 ms;";
  return options;
}

std::string event(const scenario& s, const std::string& name, const std::string& node) {
  return fmt::format("exists (select from weir.events where pipeline = '{}' and name = '{}' and node = '{}')", s.name(),
                     name, node);
}

} // namespace

TEST_CASE("transfers never show half, from the first cut on, the program and a server killed again and again") {
  scenario s("transfers");
  s.define(patient());
  transfer_clients clients(s, seed());
  REQUIRE(eventually(30s, [&] { return clients.committed() > 50; }));
  total_watcher watcher(s); // before there is a view: it will see the first cut
  std::optional<child_process> weir;
  weir.emplace(s.run());
  s.await_first_cut();
  for (int i = 0; i < 6; ++i) {
    std::this_thread::sleep_for(1s);
    if (i % 3 == 2) {
      s.cluster().kill("w1");
      std::this_thread::sleep_for(300ms);
      s.cluster().start("w1");
    } else {
      weir->kill();
      weir.emplace(s.run());
    }
  }
  std::this_thread::sleep_for(1s);
  clients.stop();
  s.expect_view_equals_query();
  const auto halves = watcher.stop();
  INFO(watcher.looks() << " looks, " << clients.committed() << " transfers");
  CHECK(halves == std::vector<std::string>{});
  CHECK(watcher.looks() > 100);
}

TEST_CASE("a transaction in doubt holds what depends on it and nothing else, and the pipeline says which") {
  scenario s("in_doubt");
  auto definition = s.definition(patient());
  definition.replace(definition.find("  coordinator"), 0, "  transaction name '^(xfer-[0-9]+)/';\n");
  s.define(definition);
  auto weir = s.run();
  s.await_first_cut();
  for (const auto* w : {"w1", "w2"}) {
    auto session = s.session(w);
    session.run("begin");
    session.run(fmt::format("insert into orders values (1, 'transfer', 'paid', {})", std::string(w) == "w1" ? -5 : 5));
    session.run(fmt::format("prepare transaction 'xfer-1/{}'", w));
  }
  s.session("w1").run("commit prepared 'xfer-1/w1'");
  s.session("w1").run("insert into orders values (2, 'behind it', 'paid', 1)");
  s.session("w2").run("insert into orders values (2, 'apart from it', 'paid', 1)");
  CHECK(s.target_says(fmt::format("exists (select from {} where region = 'apart from it')", totals)));
  CHECK(s.target_says(
      fmt::format("exists (select from weir.holds where pipeline = '{}' and reason = 'undecided' and node "
                  "= 'w2' and transaction = 'xfer-1/w2' and slot = '{}' and holds_node = 'w1' and cure "
                  "like '%COMMIT PREPARED ''xfer-1/w2''%')",
                  s.name(), s.slot("w2"))));
  CHECK(
      s.target_says(fmt::format("not exists (select from {} where region in ('transfer', 'behind it'))", totals), 0ms));
  s.session("w2").run("commit prepared 'xfer-1/w2'");
  CHECK(s.target_says(fmt::format("(select revenue from {} where region = 'transfer') = 0", totals)));
  CHECK(s.target_says(fmt::format("exists (select from {} where region = 'behind it')", totals)));
  CHECK(s.target_says(fmt::format("not exists (select from weir.holds where pipeline = '{}')", s.name())));
  s.expect_view_equals_query();
}

TEST_CASE("a worker that stays away is isolated; when it is back the view becomes whole again, without a reload") {
  scenario s("isolated");
  auto options = patient();
  options.supervise = "retry 3, backoff 50 ms to 200 ms;";
  s.define(options);
  std::optional<child_process> weir;
  weir.emplace(s.run());
  s.await_first_cut();
  transfer_clients clients(s, seed());
  REQUIRE(eventually(30s, [&] { return clients.committed() > 50; }));
  {
    total_watcher before(s);
    std::this_thread::sleep_for(500ms);
    CHECK(before.stop() == std::vector<std::string>{});
  }
  s.cluster().kill("w1");
  REQUIRE(s.target_says(event(s, "degraded", "w1")));
  s.session("w2").run("insert into orders values (1, 'only w2', 'paid', 0)");
  CHECK(s.target_says(fmt::format("exists (select from {} where region = 'only w2')", totals)));
  CHECK(s.target_says(
      fmt::format("(select consistency from weir.status where pipeline = '{}') = 'degraded: w1'", s.name())));
  CHECK(s.target_says(
      fmt::format("(select state from weir.nodes where pipeline = '{}' and node = 'w1') = 'isolated'", s.name())));
  // The program that starts now knows it, too.
  weir->kill();
  weir.emplace(s.run());
  s.cluster().start("w1");
  REQUIRE(s.target_says(event(s, "whole", "w1"), 60s));
  total_watcher after(s);
  std::this_thread::sleep_for(2s);
  CHECK(s.target_says(
      fmt::format("(select consistency from weir.status where pipeline = '{}') = 'transaction'", s.name())));
  clients.stop();
  s.expect_view_equals_query();
  CHECK(after.stop() == std::vector<std::string>{});
  CHECK(after.looks() > 100);
  CHECK(s.target_says(
      fmt::format("(select count(*) from weir.events where pipeline = '{}' and name = 'node_loaded') = 2", s.name())));
}

} // namespace weir::test
