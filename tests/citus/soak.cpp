// A long run: mixed writes through all nodes while the cluster changes, servers and weir are killed. tools/soak runs
// it.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <thread>

#include "runtime/base/random.hpp"
#include "tests/citus/changes.hpp"
#include "tests/citus/mixed_writers.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

using steady = std::chrono::steady_clock;

double seconds_since(steady::time_point start) { return std::chrono::duration<double>(steady::now() - start).count(); }

/// Transactions that their client prepares, on a local table of the coordinator.
class preparing_client {
public:
  /// Goes on with the keys behind `last`.
  preparing_client(const citus_scenario& s, int& last)
      : thread_([&s, &last](const std::stop_token& stop) {
          auto session = s.coordinator();
          while (!stop.stop_requested()) {
            const auto i = ++last;
            session.run(fmt::format("begin; {}; prepare transaction 'own_{}'", some_rows(i, i, "here.orders"), i));
            std::this_thread::sleep_for(200ms);
            session.run(fmt::format("{} prepared 'own_{}'", i % 3 == 0 ? "rollback" : "commit", i));
          }
        }) {}

private:
  std::jthread thread_;
};

class soak {
public:
  soak(std::chrono::minutes length, bool cdc)
      : length_(length), cluster_(2, cdc ? server_kind::citus_cdc : server_kind::citus), s_(scenario_on(cluster_)),
        dice_(seed()) {}

  void run() {
    say("start", fmt::format("{} minutes, seed {}", length_.count(), seed()));
    weir_ = std::make_unique<child_process>(s_.start());
    writers_ = std::make_unique<mixed_writers>(
        s_.member_conninfos(), seed(), mixed_writing{.clients_per_node = 2, .truncate = true, .reference = true});
    const auto events = plan();
    auto next_pause = 30s;
    for (const auto& [when, name, what] : events) {
      for (; next_pause < when; next_pause += 30s) {
        sleep_until(next_pause);
        compare();
      }
      sleep_until(when);
      const auto began = steady::now();
      what();
      say(name, fmt::format("{:.1f} s", seconds_since(began)));
      if (weir_->exit_code())
        FAIL("weir ended by itself: " << s_.log().substr(s_.log().size() -
                                                         std::min<std::size_t>(4000, s_.log().size())));
    }
    finish();
  }

private:
  struct event {
    std::chrono::seconds when;
    std::string name;
    std::function<void()> what;
  };

  /// Tables: distributed, reference, local to the coordinator.
  static citus_scenario& scenario_on(test_cluster& cluster) {
    cluster.add("w3");
    static std::unique_ptr<citus_scenario> s;
    s = std::make_unique<citus_scenario>("soak", cluster);
    s->sql("create schema here;" + orders_table("here.orders") +
           "create table regions (id int primary key, name text, visits bigint); "
           "alter table regions replica identity full; select create_reference_table('regions');"
           "insert into regions select i, 'region ' || i, 0 from generate_series(1, 8) i");
    s->sql(some_rows(1, 5000));
    s->keep({kept_view{},
             {.name = "visits",
              .table = "public.regions",
              .select = "select name, sum(visits) as visits from regions group by name"},
             {.name = "local_totals",
              .table = "here.orders",
              .select = "select region, count(*) as orders, sum(amount) as revenue from here_orders group by region"}});
    return *s;
  }

  /// What happens, at which fractions of a round; a round is ten minutes at most.
  std::vector<event> plan() {
    const std::vector<std::pair<double, std::pair<std::string, std::function<void()>>>> round{
        {0.06, {"a shard moves (force_logical)", [this] { move("w1", "w2", "force_logical"); }}},
        {0.14, {"kill -9 of weir", [this] { kill_weir(); }}},
        {0.20, {"a shard is split", [this] { s_.split_shard(s_.shard_on("w2"), "w1", "w1"); }}},
        {0.28, {"w3 joins, shards are rebalanced", [this] { join(); }}},
        {0.38, {"w1 is killed, and started again", [this] { kill_worker("w1"); }}},
        {0.46, {"kill -9 of weir in the middle of a move", [this] { kill_weir_in_move(); }}},
        {0.54, {"a shard moves (block_writes)", [this] { move("w2", "w1", "block_writes"); }}},
        {0.62, {"orders are truncated", [this] { truncate(); }}},
        {0.70, {"w3 is drained and removed", [this] { leave(); }}},
        {0.80, {"w2 is killed in the middle of a move", [this] { kill_worker_in_move(); }}},
        {0.90, {"kill -9 of weir", [this] { kill_weir(); }}},
        {1.00, {"the end", [] {}}}};
    const auto rounds = std::max<std::int64_t>(1, (length_.count() + 9) / 10);
    std::vector<event> all;
    for (std::int64_t r = 0; r < rounds; ++r)
      for (const auto& [at, what] : round) {
        const auto seconds = (static_cast<double>(r) + at) / static_cast<double>(rounds) *
                             static_cast<double>(std::chrono::seconds(length_).count());
        all.push_back({std::chrono::seconds(static_cast<std::int64_t>(seconds)), what.first, what.second});
      }
    return all;
  }

  void say(const std::string& what, const std::string& more) {
    const auto seconds = static_cast<int>(seconds_since(began_));
    fmt::print("{:02}:{:02}  {:<45} {}\n", seconds / 60, seconds % 60, what, more);
    std::fflush(stdout);
  }
  void sleep_until(std::chrono::seconds when) { std::this_thread::sleep_until(began_ + when); }

  /// Writers stop; the views must hold what their queries give.
  void compare() {
    preparing_.reset();
    writers_->pause();
    const auto stopped = steady::now();
    s_.catch_up();
    const auto took = seconds_since(stopped);
    longest_ = std::max(longest_, took);
    ++pauses_;
    const auto found = s_.differences();
    say("pause", fmt::format("caught up in {:.1f} s, {} transactions so far: {}", took, writers_->committed(),
                             found.empty() ? "views equal their queries" : "NOT EQUAL"));
    if (!found.empty()) fmt::print("{}", found);
    REQUIRE(found == "");
    writers_->resume();
    preparing_ = std::make_unique<preparing_client>(s_, prepared_);
  }

  void finish() {
    compare();
    preparing_.reset();
    writers_->stop();
    s_.expect_views_equal_queries();
    auto session = s_.coordinator();
    const auto cuts = session.number("select max(number) from weir.cuts");
    std::string survived;
    for (const auto& [state, times] : writers_->survived())
      survived += fmt::format(" {}×{}", times, state.empty() ? "connection" : state);
    fmt::print("transactions: {}  rows in orders: {}  cuts: {}  pauses: {}  longest catch-up: {:.1f} s\n"
               "errors the clients survived:{}\nviews equal their queries: yes\n",
               writers_->committed(), session.number("select count(*) from orders"), cuts, pauses_, longest_,
               survived.empty() ? " none" : survived);
    weir_->signal(SIGTERM);
    CHECK(weir_->wait(20s) == 0);
  }

  void start_weir() { weir_ = std::make_unique<child_process>(s_.run()); }
  void kill_weir() {
    weir_->kill();
    std::this_thread::sleep_for(std::chrono::milliseconds(dice_.below(3000)));
    start_weir();
  }
  void move(const std::string& from, const std::string& to, const std::string& mode) {
    s_.move_shard(s_.shard_on(from), from, to, mode);
  }
  /// What was left over of a move that was cut off is cleaned up by Citus in time.
  void move_at_last(const std::string& from, const std::string& to) {
    REQUIRE(eventually(120s, [&] { return try_move(from, to); }));
  }
  bool try_move(const std::string& from, const std::string& to) {
    try {
      move(from, to, "force_logical");
      return true;
    } catch (const sql_error&) {
      return false;
    }
  }
  void kill_weir_in_move() {
    std::jthread mover([this] { (void)try_move("w1", "w2"); });
    std::this_thread::sleep_for(std::chrono::milliseconds(200 + dice_.below(1200)));
    kill_weir();
  }
  void kill_worker(const std::string& node) {
    s_.cluster().kill(node);
    std::this_thread::sleep_for(3s);
    s_.cluster().start(node);
  }
  void kill_worker_in_move() {
    {
      std::jthread mover([this] { (void)try_move("w1", "w2"); });
      std::this_thread::sleep_for(std::chrono::milliseconds(200 + dice_.below(1200)));
      kill_worker("w2");
    }
    move_at_last("w1", "w2");
  }
  void join() {
    s_.join("w3");
    writers_->add(s_.conninfo("w3"));
    s_.rebalance();
    REQUIRE(s_.shard_on("w3") != "");
  }
  void leave() {
    writers_->remove(s_.conninfo("w3"));
    s_.leave("w3");
  }
  void truncate() { s_.session("w1").run("begin; truncate orders;" + some_rows(1, 5000) + "; commit"); }

  const steady::time_point began_ = steady::now();
  std::chrono::minutes length_;
  test_cluster cluster_;
  citus_scenario& s_;
  seeded_random dice_;
  std::unique_ptr<child_process> weir_;
  std::unique_ptr<mixed_writers> writers_;
  std::unique_ptr<preparing_client> preparing_;
  int prepared_ = 0;
  int pauses_ = 0;
  double longest_ = 0;
};

} // namespace

TEST_CASE("soak", "[.soak]") {
  const char* minutes = std::getenv("WEIR_SOAK_MINUTES");
  const char* cdc = std::getenv("WEIR_SOAK_CDC");
  soak(std::chrono::minutes(minutes == nullptr ? 10 : std::atoi(minutes)), cdc != nullptr && std::string(cdc) == "on")
      .run();
}
