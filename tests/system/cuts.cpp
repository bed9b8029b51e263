// What can be said about cuts from outside: which one a query sees, whether a write is in it, and what holds the next.

#include <fmt/format.h>

#include <future>
#include <map>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"
#include "tests/system/random_writers.hpp"
#include "tests/system/scenario.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// Two views of one pipeline: what is in `east` and what is in `west`.
std::string two_views(const scenario& s) {
  auto text = s.definition(pipeline_options{.every = "0 ms"});
  text.insert(text.find("  coordinator"), "  transaction name 'pay_([0-9]+)_.*';\n");
  const auto from = text.find("view totals as ");
  text.erase(from, text.find("supervise") - from);
  for (const auto* side : {"east", "west"})
    text += fmt::format("view {0} as select count(*) as moves, sum(amount) as total from orders where region = '{0}';\n"
                        "sink {0} into shop.analytics.{0} every 0 ms;\n",
                        side);
  return text;
}

/// Moves money from east to west: in one transaction of one worker, or in two parts of two.
void transfer(scenario& s, std::map<std::string, sql_session>& workers, int number, seeded_random& dice) {
  const auto amount = 1 + dice.below(100);
  const auto insert = [&](int id, const char* side, const char* sign) {
    return fmt::format("insert into orders values ({}, '{}', 'paid', {}{})", id, side, sign, amount);
  };
  if (dice.chance(1, 2)) {
    workers.at(s.workers()[dice.below(2)])
        .run(fmt::format("begin; {}; {}; commit", insert(2 * number, "east", "-"), insert(2 * number + 1, "west", "")));
    return;
  }
  auto& w1 = workers.at("w1");
  auto& w2 = workers.at("w2");
  w1.run(fmt::format("begin; {}; prepare transaction 'pay_{}_w1'", insert(2 * number, "east", "-"), number));
  w2.run(fmt::format("begin; {}; prepare transaction 'pay_{}_w2'", insert(2 * number, "west", ""), number));
  w1.run(fmt::format("commit prepared 'pay_{}_w1'", number));
  if (dice.chance(1, 4)) std::this_thread::sleep_for(20ms); // half of it is committed
  w2.run(fmt::format("commit prepared 'pay_{}_w2'", number));
}

} // namespace

TEST_CASE("two views of a pipeline are always at one cut, which the query can name") {
  scenario s("one_cut");
  s.define(two_views(s));
  auto weir = s.run();
  s.await_first_cut();
  auto clients = std::async(std::launch::async, [&] {
    std::map<std::string, sql_session> workers;
    for (const auto& w : s.workers()) workers.emplace(w, s.session(w));
    seeded_random dice(seed());
    for (int i = 0; i < 3000; ++i) transfer(s, workers, i, dice);
  });
  auto reader = s.session("coordinator");
  reader.run("set jit = off");              // tables that were never analysed seem large
  std::map<long long, std::string> content; // of each cut that was seen
  long long last = 0;
  while (clients.wait_for(0s) != std::future_status::ready) {
    const auto row = reader
                         .rows("select weir.cut_of('analytics.east'), weir.cut_of('analytics.west'), "
                               "coalesce(east.total, 0) + coalesce(west.total, 0), (east, west)::text "
                               "from analytics.east, analytics.west")
                         .at(0);
    INFO("cut " << *row[0] << ": " << *row[3]);
    REQUIRE(*row[0] == *row[1]);
    REQUIRE(std::stod(*row[2]) == 0);
    const auto cut = std::stoll(*row[0]);
    REQUIRE(cut >= last);
    last = cut;
    REQUIRE(content.emplace(cut, *row[3]).first->second == *row[3]); // one number, one state
  }
  clients.get();
  CHECK(content.size() > 20);
  REQUIRE(s.target_says("(select e.moves = 3000 and w.moves = 3000 from analytics.east e, analytics.west w)"));
  // Every cut has the position of every node, and none goes back.
  CHECK(reader.value("select bool_and(positions ?& array['w1', 'w2'] and w1 >= before_1 and w2 >= before_2) from ("
                     "select positions, w1, w2, lag(w1, 1, w1) over past as before_1, lag(w2, 1, w2) over past as "
                     "before_2 from (select *, (positions->>'w1')::pg_lsn as w1, (positions->>'w2')::pg_lsn as w2 "
                     "from weir.cuts) as cuts window past as (order by number)) as steps") == "t");
}

TEST_CASE("whoever waits reads its own writes") {
  scenario s("own_writes");
  s.define(pipeline_options{.every = "0 ms"});
  auto weir = s.run();
  s.await_first_cut();
  random_writers others(s.worker_conninfos(), seed(), {.truncate = false});
  auto w1 = s.session("w1");
  auto target = s.session("coordinator");
  for (int i = 1; i <= 100; ++i) { // every other time by the command
    w1.run(fmt::format("insert into orders values ({}, 'mine {}', 'paid', 1)", -i, i));
    const auto lsn = w1.value("select pg_current_wal_lsn()");
    if (i % 2 == 0) {
      const auto waited = s.program({"wait", "FILE", "--node", "w1", "--lsn", lsn, "--timeout", "1min"});
      INFO(waited.out << waited.err);
      REQUIRE(waited.exit_code == 0);
      REQUIRE_THAT(waited.out, WEIR_CONTAINS("shows w1 up to " + lsn));
    } else {
      REQUIRE(target.number(fmt::format("select weir.wait('w1', '{}', '1 min')", lsn)) > 0);
    }
    REQUIRE(target.value(fmt::format("select orders from {} where region = 'mine {}'", totals, i)) == "1");
  }
  others.stop();
  const auto json = nlohmann::json::parse(
      s.program({"wait", "--target", s.conninfo("coordinator"), "--node", "w1", "--lsn", "0/1", "--json"}).out);
  CHECK(json.at("visible") == true);
  CHECK(json.at("cut").get<int>() > 1);
  s.expect_view_equals_query();
}

TEST_CASE("what is not visible in time, or never will be, is an error with a hint") {
  scenario s("waiting");
  const auto wait = [&](const std::vector<std::string>& options) {
    std::vector<std::string> words{"wait", "FILE"};
    words.insert(words.end(), options.begin(), options.end());
    return s.program(words);
  };
  const auto too_early = wait({"--node", "w1", "--lsn", "0/1"});
  CHECK(too_early.exit_code == 4);
  CHECK_THAT(too_early.err, WEIR_CONTAINS("weir run"));
  auto weir = s.run();
  s.await_first_cut();

  const auto late = wait({"--node", "w1", "--lsn", "FFFFFFFF/0", "--timeout", "200ms"});
  CHECK(late.exit_code == 6);
  CHECK_THAT(late.err, WEIR_CONTAINS("does not show node w1 up to FFFFFFFF/0") && WEIR_CONTAINS("hint: weir why"));
  const auto json =
      nlohmann::json::parse(wait({"--node", "w1", "--lsn", "FFFFFFFF/0", "--timeout", "200ms", "--json"}).out);
  CHECK(json.at("visible") == false);
  CHECK_FALSE(json.at("hint").get<std::string>().empty());
  const auto nobody = wait({"--node", "w9", "--lsn", "0/1"});
  CHECK(nobody.exit_code == 2);
  CHECK_THAT(nobody.err,
             WEIR_CONTAINS("reads a node \"w9\"") && WEIR_CONTAINS("there are: w1 of waiting, w2 of waiting"));
  for (const auto& wrong : {std::vector<std::string>{"--node", "w1", "--lsn", "12"},
                            {"--node", "w1", "--lsn", "0/1", "--timeout", "soon"},
                            {"--node", "w1"}}) {
    const auto refused = wait(wrong);
    INFO(refused.err);
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.err, WEIR_CONTAINS("lsn") || WEIR_CONTAINS("--timeout"));
  }
}

TEST_CASE("why says in words what holds the next cut") {
  scenario s("why");
  auto text = s.definition({});
  s.define(text.insert(text.find("  coordinator"), "  transaction name 'pay_([0-9]+)_.*';\n"));
  const auto why = [&](const std::vector<std::string>& options) {
    std::vector<std::string> words{"why"};
    words.insert(words.end(), options.begin(), options.end());
    return s.program(words);
  };
  CHECK_THAT(why({"FILE"}).out, WEIR_CONTAINS("no pipeline is registered"));
  auto weir = s.run();
  s.await_first_cut();
  const auto free = why({"totals", "FILE"});
  INFO(free.err);
  CHECK(free.exit_code == 0);
  CHECK_THAT(free.out, WEIR_CONTAINS("pipeline why (totals): cut ") && WEIR_CONTAINS("nothing holds the next"));
  const auto unknown = why({"total", "FILE"});
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err, WEIR_CONTAINS("no view \"total\"") && WEIR_CONTAINS("did you mean \"totals\"?"));

  // w1 has committed its part, w2 has not: what w1 did waits for w2
  for (const auto& w : s.workers())
    s.session(w).run(
        fmt::format("begin; insert into orders values (1, 'x', 'paid', 1); prepare transaction 'pay_17_{}'", w));
  s.session("w1").run("commit prepared 'pay_17_w1'");
  program_outcome held;
  const bool shown = eventually(30s, [&] {
    held = why({"FILE", totals});
    return held.out.find("the next is held") != std::string::npos;
  });
  INFO(held.out << held.err);
  REQUIRE(shown);
  CHECK(held.exit_code == 0);
  for (const auto* part : {"w2 has transaction 'pay_17_w2' prepared at", "neither committed nor rolled back",
                           "slot weir_why_w2", "1 transaction of w1 waits", "COMMIT PREPARED 'pay_17_w2'"})
    CHECK_THAT(held.out, WEIR_CONTAINS(part));
  const auto json = nlohmann::json::parse(why({"--target", s.conninfo("coordinator"), "--json"}).out);
  CHECK(json.at(0).at("holds").at(0).at("transaction") == "pay_17_w2");
  CHECK_THAT(s.program({"status", "FILE"}).out,
             WEIR_CONTAINS("the next cut is held (undecided)") && WEIR_CONTAINS("consistency transaction"));
  s.session("w2").run("commit prepared 'pay_17_w2'"); // the cure
  CHECK(eventually(30s, [&] { return why({"FILE"}).out.find("nothing holds the next") != std::string::npos; }));
  s.expect_view_equals_query();

  weir.signal(SIGTERM);
  REQUIRE(weir.wait(20s) == 0);
  CHECK_THAT(why({"FILE"}).out, WEIR_CONTAINS("no runtime runs it") && WEIR_CONTAINS("weir run"));
}
