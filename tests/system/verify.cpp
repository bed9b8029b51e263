// weir verify: says equal when the views are, also while everything moves; says which groups are not when they are not.

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "runtime/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"
#include "tests/system/random_writers.hpp"
#include "tests/system/scenario.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

struct verdict {
  int exit_code = -1;
  nlohmann::json found; ///< null if there was an error
  std::string err;

  const nlohmann::json& view() const { return found["views"].at(0); }
  long different() const { return view()["different"]; }
  long compared() const { return view()["rows_compared"]; }
};

verdict verify(const scenario& s, const std::vector<std::string>& options = {}) {
  std::vector<std::string> words{"verify", "FILE", "--json"};
  words.insert(words.end(), options.begin(), options.end());
  const auto outcome = s.program(words, 120s);
  INFO(outcome.err << outcome.out);
  return {outcome.exit_code, nlohmann::json::parse(outcome.out, nullptr, false), outcome.err};
}

void expect_equal(const verdict& v) {
  INFO(v.err << v.found.dump(2));
  CHECK(v.exit_code == 0);
  REQUIRE(v.found.is_object());
  CHECK(v.found["equal"] == true);
}

/// Something happens on every worker all the time, so that nobody waits for the cut of a pipeline at rest.
class ticking {
public:
  explicit ticking(const scenario& s, const std::string& change = "amount = 3 - amount") {
    for (const auto& w : s.workers())
      threads_.emplace_back([session = s.session(w), change](const std::stop_token& stop) mutable {
        while (!stop.stop_requested()) {
          session.run("update orders set " + change + " where order_id = 1");
          std::this_thread::sleep_for(20ms);
        }
      });
  }

private:
  std::vector<std::jthread> threads_;
};

/// How many slots of verify there are on the workers.
long slots_left(const scenario& s) {
  long n = 0;
  for (const auto& w : s.workers())
    n += s.session(w).number("select count(*) from pg_replication_slots where temporary and slot_name like "
                             "'weir\\_verify\\_%'");
  return n;
}

} // namespace

TEST_CASE("verify finds every view equal while clients write, prepare, roll back and truncate") {
  scenario s("verified");
  s.define(
      fmt::format("{}view paid as select status, region, count(*) as n, avg(amount) as a from orders where amount > 0 "
                  "group by status, region;\nsink paid into shop.analytics.paid every 20 ms;\n"
                  "view all_orders as select count(*) as n, sum(amount) as s from orders;\n"
                  "sink all_orders into shop.analytics.all_orders every 20 ms;\n",
                  s.definition({})));
  for (const auto& w : s.workers())
    s.session(w).run(
        "insert into orders select -i, 'r' || i % 500, 'paid', i % 100, 'n' from generate_series(1, 20000) i");
  random_writers writers(s.worker_conninfos(), seed(), {.prepare = true});
  auto weir = s.run();
  s.await_first_cut();
  std::uint64_t last_cut = 0;
  for (int i = 0; i < 6; ++i) {
    const auto all = verify(s);
    expect_equal(all);
    REQUIRE(all.found["views"].size() == 3);
    for (const auto& view : all.found["views"]) CHECK(view["rows_compared"] >= 1);
    CHECK(all.found["cut"] > last_cut);
    last_cut = all.found["cut"];
    const auto named = verify(s, {"paid", "--sample", "40"});
    expect_equal(named);
    REQUIRE(named.found["views"].size() == 1);
    CHECK(named.view()["view"] == "paid");
    expect_equal(verify(s, {"totals", "--keys", "east.."}));
  }
  writers.stop();
  s.expect_view_equals_query();
}

TEST_CASE("verify has a right answer or none while the runtime is killed and started again") {
  scenario s("verified_kills");
  seeded_random dice(seed());
  random_writers writers(s.worker_conninfos(), seed(), {.prepare = true});
  std::optional<child_process> weir(s.run());
  s.await_first_cut();
  std::atomic<bool> done = false;
  std::jthread killer([&] {
    while (!done) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200 + dice.below(800)));
      weir->kill();
      weir.emplace(s.run());
    }
  });
  int answers = 0;
  for (int i = 0; i < 40; ++i) {
    const auto v = verify(s, {"--timeout", "5s"});
    INFO(v.err << v.found.dump(2));
    CHECK((v.exit_code == 0 || v.exit_code == 6));
    answers += v.exit_code == 0 ? 1 : 0;
  }
  done = true;
  killer.join();
  // The last one goes with the thread that started it.
  weir->kill();
  weir.emplace(s.run());
  CHECK(answers > 0);
  writers.stop();
  s.expect_view_equals_query();
}

TEST_CASE("verify names exactly the groups that somebody has tampered with") {
  scenario s("tampered");
  for (const auto& w : s.workers())
    s.session(w).run("insert into orders select i, nullif('r' || lpad((i % 100)::text, 2, '0'), 'r99'), 'paid', 1, 'n' "
                     "from generate_series(1, 1000) i");
  auto weir = s.run();
  s.catch_up();
  const ticking clock(s);
  auto admin = s.admin("coordinator");
  const auto all = verify(s);
  expect_equal(all);
  CHECK(all.compared() == 100);

  SECTION("a value") {
    admin.run("update " + totals + " set revenue = 20.000 where region is null");
    admin.run("update " + totals + " set revenue = 21 where region = 'r42'");
    const auto v = verify(s);
    CHECK(v.exit_code == 7);
    CHECK(v.compared() == 100);
    REQUIRE(v.different() == 2);
    CHECK(v.view()["first"].at(1)["key"]["region"].is_null()); // 20.000 is the same number, and not what sum() gives
    const auto& d = v.view()["first"].at(0);
    CHECK(d["key"]["region"] == "r42");
    CHECK(d["shown"]["revenue"] == "21");
    CHECK(d["expected"]["revenue"] == "20.00");
    CHECK(d["expected"]["orders"] == "20");
  }
  SECTION("a group that is missing, one that is too much, and one of NULL") {
    admin.run("delete from " + totals + " where region = 'r07'");
    admin.run("insert into " + totals + " values ('r07x', 1, 2, 2)");
    admin.run("update " + totals + " set average = null where region is null");
    const auto v = verify(s);
    CHECK(v.exit_code == 7);
    CHECK(v.compared() == 101);
    REQUIRE(v.different() == 3);
    const auto& first = v.view()["first"];
    CHECK(first.at(0)["key"]["region"] == "r07");
    CHECK(first.at(0)["shown"].is_null());
    CHECK(first.at(0)["expected"]["orders"] == "20");
    CHECK(first.at(1)["key"]["region"] == "r07x");
    CHECK(first.at(1)["expected"].is_null());
    CHECK(first.at(2)["key"]["region"].is_null());
    CHECK(first.at(2)["shown"]["average"].is_null());
    const auto text = s.program({"verify", "FILE"});
    CHECK(text.exit_code == 7);
    CHECK_THAT(text.out, WEIR_CONTAINS("DIFFERS") && WEIR_CONTAINS("3 of 101") && WEIR_CONTAINS("region=r07x") &&
                             WEIR_CONTAINS("region=NULL") && WEIR_CONTAINS("no such row"));
  }
  SECTION("more than are shown") {
    admin.run("update " + totals + " set orders = orders + 1 where region is distinct from 'r01'");
    const auto v = verify(s);
    CHECK(v.different() == 99);
    CHECK(v.view()["first"].size() == 10);
  }
  SECTION("only groups in the range are looked at") {
    admin.run("update " + totals + " set orders = 0 where region = 'r42'");
    CHECK(verify(s, {"--keys", "r42..r42"}).different() == 1);
    CHECK(verify(s, {"--keys", "r4..r43"}).compared() == 4);
    CHECK(verify(s, {"--keys", "..r41"}).exit_code == 0);
    CHECK(verify(s, {"--keys", "..r41"}).compared() == 42);
    expect_equal(verify(s, {"--keys", "r43.."}));
  }
  SECTION("a sample is a part of the groups, other ones for another seed, and the same on every server") {
    admin.run("update " + totals + " set orders = 0 where region = 'r42'");
    int found = 0;
    for (int seed_of_sample = 1; seed_of_sample <= 12; ++seed_of_sample) {
      const auto v = verify(s, {"--sample", "50", "--seed", std::to_string(seed_of_sample)});
      CHECK(v.compared() > 20);
      CHECK(v.compared() < 80);
      if (v.exit_code == 0) continue;
      CHECK(v.exit_code == 7);
      ++found;
      REQUIRE(v.different() == 1);
      CHECK(v.view()["first"].at(0)["key"]["region"] == "r42");
    }
    CHECK(found > 0);
    CHECK(found < 12);
  }
}

TEST_CASE("verify compares keys and values of every type as PostgreSQL shows them") {
  scenario s("verified_types", "create table orders (order_id bigint primary key, i2 int2, i8 int8, t text, b bool, d "
                               "date, tz timestamptz, u uuid, n numeric, f8 float8, f4 float4, x numeric)");
  s.define(pipeline_options{.select = "select n, t, i2, b, d, tz, u, count(*) as orders, sum(f8) as s8, avg(f8) as a8, "
                                      "sum(f4) as s4, sum(x) as sx, avg(x) as ax, avg(i8) as ai from orders "
                                      "group by n, t, i2, b, d, tz, u"});
  const auto fill = [&](int first) {
    for (const auto& w : s.workers())
      s.session(w).run(fmt::format(
          "insert into orders select i, nullif(k, 1), 9223372036854775807 - i, 'ä\\ \"' || k, nullif(k = 1, false), "
          "date "
          "'2000-02-29' + k, timestamptz '2026-03-29 02:30:00+02' + k * interval '1 hour', "
          "('00000000-0000-0000-0000-00000000000' || k)::uuid, ((k / 2)::text || repeat('.0', i % 2))::numeric, "
          "case i % 50 when 7 then 'NaN' when 8 then 'Infinity' else 1e300 / i end, i / 3.0, ('1' || repeat('0', i % "
          "60) "
          "|| '.' || repeat('3', i % 20 + 1))::numeric from generate_series({0}, {0} + 200) i, lateral (select i % 6 "
          "as "
          "k) g",
          first));
  };
  fill(1);
  auto weir = s.run();
  s.catch_up();
  const ticking clock(s, "i8 = i8 # 1");
  expect_equal(verify(s));
  fill(1000);
  s.session("w1").run("delete from orders where order_id % 3 = 0; update orders set n = n * 1.00, f8 = f8 * 2");
  expect_equal(verify(s));
  for (int sample = 1; sample <= 5; ++sample) expect_equal(verify(s, {"--sample", "50"}));
  expect_equal(verify(s, {"--keys", "1.00..1"}));
}

TEST_CASE("what happens between the snapshot of verify and its cut counts, once; what happens after it does not") {
  scenario s("verified_window", "create table orders (order_id bigint primary key, region text, status text not null, "
                                "amount numeric not null, parts int4, f8 float8)");
  const auto sums = std::string("count(*) as n, sum(amount) as s, avg(amount) as a, sum(f8) as s8, avg(f8) as a8");
  s.define(fmt::format("{}view ratios as select region, sum(amount / parts) as r from orders group by region;\n"
                       "sink ratios into shop.analytics.ratios every 20 ms;\n",
                       s.definition({.select = "select region, " + sums + " from orders group by region"})));
  for (const auto& w : s.workers())
    s.session(w).run(
        "insert into orders select i, 'r' || i % 5, 'paid', case when i = 7 then 1.00000 when i = 8 then 'NaN' "
        "else i end, i % 9, case i when 9 then 'Infinity' when 10 then 'NaN' else i / 3.0 end from "
        "generate_series(1, 3000) i");
  auto weir = s.run();
  s.catch_up();
  weir.signal(SIGSTOP); // no cut: verify waits behind its snapshot
  const auto out = s.definition_path() + ".out";
  child_process child({std::getenv("WEIR_PROGRAM"), "verify", s.definition_path(), "--timeout", "60s"}, out, out);
  for (const auto& w : s.workers())
    REQUIRE(eventually(30s, [&] { // the slot is made, and what read at its snapshot is gone
      return s.admin(w).value(
                 "select bool_and(backend_type = 'walsender') and count(*) = 1 from pg_stat_activity where "
                 "datname = current_database() and application_name = 'weir verified_window verify'") == "t";
    }));
  child.signal(SIGSTOP);
  auto w1 = s.session("w1"), w2 = s.session("w2"), open = s.session("w1");
  open.run("begin; insert into orders values (-1, 'r1', 'paid', 1000, 1, 1)");
  for (auto* w : {&w1, &w2}) {
    w->run("delete from orders where order_id in (7, 8, 9)"); // the one of scale 5, a NaN, the Infinity
    w->run("update orders set f8 = 0.5, region = 'r1' where order_id = 10");
    w->run("begin; insert into orders values (-2, 'new', 'paid', 2, 0, 1), (-3, 'new', 'paid', 2, 1, 1); savepoint p; "
           "delete "
           "from orders where order_id < 100; rollback to p; commit");
    w->run("insert into orders select i, 'r' || i % 7, 'paid', i, 1, 1 from generate_series(10001, 60000) i");
    w->run("begin; insert into orders values (-4, 'kept', 'paid', 1.50, 3, 1); prepare transaction 'kept'");
    w->run("begin; insert into orders values (-5, 'gone', 'paid', 1.50, 3, 1); prepare transaction 'gone'");
    w->run("commit prepared 'kept'");
    w->run("rollback prepared 'gone'");
  }
  w2.run("begin; insert into orders values (-6, 'before', 'paid', 1, 1, 1); truncate orders; insert into orders values "
         "(-7, "
         "'r1', 'paid', 3.0, 1, 1); commit");
  weir.signal(SIGCONT);
  s.catch_up();
  child.signal(SIGCONT);
  const auto code = child.wait(60s);
  INFO(read_file(out));
  CHECK(code == 0);
  open.run("commit");
  expect_equal(verify(s));
  s.expect_view_equals_query();
}

TEST_CASE("verify leaves out rows that cannot be computed, as the view does") {
  scenario s("verified_letters",
             "create table orders (order_id bigint primary key, region text, amount numeric(12,2), parts int4)");
  s.define(pipeline_options{
      .select = "select region, count(*) as orders, sum(amount / parts) as per_part from orders group by region"});
  auto w1 = s.session("w1");
  w1.run("insert into orders select i, 'r' || i % 50, i, i % 10 from generate_series(1, 30000) i");
  auto weir = s.run();
  s.catch_up();
  const ticking clock(s);
  const auto v = verify(s);
  expect_equal(v);
  CHECK(v.compared() == 45);
  w1.run("insert into orders values (-1, 'r1', 1, 0), (-2, 'r1', 1, 1)");
  expect_equal(verify(s));
  expect_equal(verify(s, {"--sample", "20"}));
}

TEST_CASE("verify leaves no slot behind, however it ends") {
  scenario s("verify_killed");
  for (const auto& w : s.workers())
    s.session(w).run("insert into orders select i, 'r' || i, 'paid', 1, 'n' from generate_series(1, 50000) i");
  auto weir = s.run();
  s.await_first_cut();
  const ticking clock(s);
  const auto start = [&] {
    const auto out = s.definition_path() + ".out";
    return child_process({std::getenv("WEIR_PROGRAM"), "verify", s.definition_path()}, out, out);
  };
  SECTION("killed while its slot waits for a transaction") {
    auto w1 = s.session("w1");
    w1.run("begin; insert into orders values (-1, 'r', 'open', 1)");
    auto child = start();
    REQUIRE(eventually(20s, [&] {
      return s.session("w1").number(
                 "select count(*) from pg_replication_slots where slot_name like 'weir\\_verify\\_%' "
                 "and temporary and active") == 1;
    }));
    child.kill();
    CHECK(eventually(20s, [&] { return slots_left(s) == 0; })); // the transaction is still open
    w1.run("rollback");
  }
  SECTION("killed at any moment") {
    seeded_random dice(seed());
    for (int i = 0; i < 20; ++i) {
      auto child = start();
      std::this_thread::sleep_for(std::chrono::milliseconds(dice.below(400)));
      child.kill();
    }
    CHECK(eventually(20s, [&] { return slots_left(s) == 0; }));
  }
  expect_equal(verify(s));
  CHECK(eventually(20s, [&] { return slots_left(s) == 0; }));
}

TEST_CASE("verify says what keeps it from an answer") {
  scenario s("verify_refused");
  for (const auto& w : s.workers()) s.session(w).run("insert into orders values (1, 'r1', 'paid', 1, 'n')");
  const auto without = verify(s);
  CHECK(without.exit_code == 4);
  CHECK_THAT(without.err, WEIR_CONTAINS("has never run"));
  {
    auto weir = s.run();
    s.catch_up();
    const ticking clock(s);

    SECTION("a transaction that its slot waits for") {
      auto w2 = s.session("w2");
      w2.run("begin; insert into orders values (2, 'r', 'paid', 1); prepare transaction 'forgotten'");
      const auto v = verify(s, {"--timeout", "500ms"});
      CHECK(v.exit_code == 6);
      CHECK_THAT(v.err, WEIR_CONTAINS("node w2") && WEIR_CONTAINS("prepared transaction 'forgotten'"));
      w2.run("rollback prepared 'forgotten'");
      expect_equal(verify(s));
    }
    SECTION("a view or a range that is none") {
      CHECK(verify(s, {"total"}).exit_code == 2);
      CHECK_THAT(verify(s, {"total"}).err, WEIR_CONTAINS("totals"));
      CHECK(verify(s, {"--keys", "a-b"}).exit_code == 2);
      CHECK(verify(s, {"--sample", "101"}).exit_code == 2);
    }
    SECTION("a role that may not replicate, or not read") {
      auto admin = s.admin("w1");
      admin.run("drop role if exists verifier; create role verifier login password 'for this test'");
      s.define(
          s.definition({}, s.conninfo("coordinator"), s.conninfo("w1") + " user=verifier password='for this test'"));
      const auto no_slot = verify(s);
      CHECK(no_slot.exit_code == 4);
      CHECK_THAT(no_slot.err, WEIR_CONTAINS("verifier may not replicate") && WEIR_CONTAINS("ALTER ROLE"));
      CHECK(no_slot.err.find("for this test") == std::string::npos);
      admin.run("alter role verifier replication");
      const auto no_rows = verify(s);
      CHECK(no_rows.exit_code == 4);
      CHECK_THAT(no_rows.err, WEIR_CONTAINS("node w1") && WEIR_CONTAINS("permission denied") && WEIR_CONTAINS("GRANT"));
      admin.run("grant select (order_id, region, status, amount) on orders to verifier");
      expect_equal(verify(s)); // SELECT and REPLICATION are enough
      admin.run("drop owned by verifier; drop role verifier");
      s.define(pipeline_options{});
    }
    SECTION("another definition") {
      s.define(pipeline_options{.select = "select region, count(*) as orders from orders group by region"});
      const auto v = verify(s);
      CHECK(v.exit_code == 4);
      CHECK_THAT(v.err, WEIR_CONTAINS("another definition"));
      s.define(pipeline_options{});
    }
    weir.signal(SIGTERM);
    CHECK(weir.wait(20s) == 0);
  }
  const auto stopped = verify(s, {"--timeout", "300ms"});
  CHECK(stopped.exit_code == 6);
  CHECK_THAT(stopped.err, WEIR_CONTAINS("does not run") && WEIR_CONTAINS("node w"));
}
