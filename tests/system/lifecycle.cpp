// Starting, stopping, a second runtime, and what the other commands say and do.

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"
#include "tests/system/random_writers.hpp"
#include "tests/system/scenario.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

TEST_CASE("SIGTERM and SIGINT stop it in order, and the next run goes on from there") {
  scenario s("stop");
  random_writers writers(s.worker_conninfos(), seed());
  for (const int signal : {SIGTERM, SIGINT}) {
    const auto before = s.log().size();
    auto weir = s.run();
    REQUIRE(eventually(30s, [&] { return s.logged("node_streaming", before); }));
    s.catch_up();
    weir.signal(signal);
    CHECK(weir.wait(20s) == 0); // two seconds are promised; a busy machine may take longer
    CHECK(s.target_says(
        fmt::format("not exists (select from weir.lease where pipeline = '{}' and holder is not null)", s.name()), 5s));
  }
  writers.stop();
  const auto before = s.log();
  CHECK_THAT(before, WEIR_CONTAINS("event=pipeline_stopped"));
  auto weir = s.run();
  s.expect_view_equals_query();
  CHECK(s.log().substr(before.size()).find("event=node_loading") ==
        std::string::npos); // nothing is loaded a second time
}

TEST_CASE("a second runtime of the pipeline is refused by the name of the first") {
  scenario s("second");
  auto weir = s.run();
  s.await_first_cut();
  const auto second = s.program({"run", "FILE"});
  CHECK(second.exit_code == 5);
  CHECK_THAT(second.err, WEIR_CONTAINS("is run by") && WEIR_CONTAINS(std::to_string(weir.pid())));
  CHECK_FALSE(weir.exit_code().has_value());
  weir.kill();
  auto third = s.run(); // a dead holder holds nothing
  s.expect_view_equals_query();
}

TEST_CASE("a changed definition is not continued on the old one's state") {
  scenario s("changed");
  auto weir = s.run();
  s.await_first_cut();
  weir.kill();
  s.define(pipeline_options{.select =
                                "select region, count(*) as orders, sum(amount) as revenue, avg(amount) as average "
                                "from orders where status = 'open' group by region"});
  const auto changed = s.program({"run", "FILE"});
  CHECK(changed.exit_code == 4);
  CHECK_THAT(changed.err, WEIR_CONTAINS("weir drop"));
}

TEST_CASE("check, plan and status say what there is, also as JSON") {
  scenario s("reports");
  const auto check = s.program({"check", "FILE"});
  INFO(check.err);
  CHECK(check.exit_code == 0);
  CHECK(nlohmann::json::accept(s.program({"check", "FILE", "--json"}).out));
  const auto plan = s.program({"plan", "FILE"});
  CHECK(plan.exit_code == 0);
  CHECK_THAT(plan.out, WEIR_CONTAINS("totals"));
  CHECK(nlohmann::json::accept(s.program({"plan", "FILE", "--json"}).out));
  CHECK_THAT(s.program({"--version"}).out, WEIR_CONTAINS("0."));
  CHECK_THAT(s.program({"--help"}).out, WEIR_CONTAINS("weir run") && WEIR_CONTAINS("status"));
  CHECK(s.program({"run"}).exit_code == 2);
  CHECK(s.program({"runn", "FILE"}).exit_code == 2);

  auto weir = s.run();
  s.await_first_cut();
  REQUIRE(s.target_says("(select count(*) = 2 and bool_and(state = 'streaming') from weir.nodes)"));
  for (const auto& arguments :
       {std::vector<std::string>{"status", "FILE"}, {"status", "--target", s.conninfo("coordinator")}}) {
    const auto status = s.program(arguments);
    CHECK(status.exit_code == 0);
    CHECK_THAT(status.out,
               WEIR_CONTAINS("reports") && WEIR_CONTAINS("w1") && WEIR_CONTAINS("w2") && WEIR_CONTAINS("streaming"));
    auto json = arguments;
    json.push_back("--json");
    CHECK(nlohmann::json::accept(s.program(json).out));
  }
}

TEST_CASE("the log is one line an event, as text or as JSON") {
  scenario s("logs");
  for (const auto& options : {std::vector<std::string>{}, {"--log-format", "json"}}) {
    const auto before = s.log().size();
    auto weir = s.run(options);
    REQUIRE(eventually(30s, [&] { return s.logged("node_streaming", before); }));
    weir.signal(SIGTERM);
    REQUIRE(weir.wait(20s) == 0);
    std::istringstream lines(s.log().substr(before));
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      if (options.empty())
        CHECK_THAT(line, WEIR_CONTAINS("event=") && WEIR_CONTAINS("pipeline=logs"));
      else
        CHECK(nlohmann::json::parse(line).contains("event"));
    }
    CHECK_THAT(s.log().substr(before), WEIR_CONTAINS("pipeline_stopped"));
  }
}

TEST_CASE("the servers of weir.yaml take the place of those in the definition") {
  scenario s("configured");
  s.define(s.definition({}, "host=127.0.0.1 port=1", "host=127.0.0.1 port=1"));
  const auto config = s.definition_path() + ".yaml";
  std::string nodes;
  for (const auto& w : s.workers()) nodes += fmt::format("      {}: \"{}\"\n", w, s.conninfo(w));
  write_file(config, fmt::format("clusters:\n  shop:\n    coordinator: \"{}\"\n    nodes:\n{}",
                                 s.conninfo("coordinator"), nodes));
  const auto check = s.program({"check", "FILE", "--config", config});
  INFO(check.err);
  CHECK(check.exit_code == 0);
}

TEST_CASE("drop leaves no slot, no publication and no row; the view table only if asked to keep nothing") {
  scenario s("dropped");
  for (const auto& w : s.workers()) s.session(w).run("insert into orders values (1, 'north', 'paid', 1)");
  const auto run_once = [&] {
    auto weir = s.run();
    s.await_first_cut();
    weir.signal(SIGTERM);
    REQUIRE(weir.wait(20s) == 0);
  };
  const auto leftovers = [&] {
    long long n = 0;
    for (const auto& w : s.workers())
      n +=
          s.session(w).number(fmt::format("select (select count(*) from pg_replication_slots where slot_name = '{}') + "
                                          "(select count(*) from pg_publication where pubname = 'weir_{}')",
                                          s.slot(w), s.name()));
    auto target = s.session("coordinator");
    for (const auto& table :
         target.rows("select table_name from information_schema.columns where table_schema = 'weir' "
                     "and column_name = 'pipeline'"))
      n += target.number(fmt::format("select count(*) from weir.{} where pipeline = '{}'", *table[0], s.name()));
    return n + target.number(fmt::format(
                   "select count(*) from pg_tables where schemaname = 'weir' and tablename like 'state\\_{}\\_%'",
                   s.name()));
  };
  run_once();
  CHECK(leftovers() > 0);
  const auto dropped = s.program({"drop", "FILE"});
  INFO(dropped.err);
  CHECK(dropped.exit_code == 0);
  CHECK(leftovers() == 0);
  CHECK(s.session("coordinator").value("select orders from " + totals) == "2"); // the view stays
  CHECK(s.program({"drop", "FILE"}).exit_code == 0);                            // nothing left to drop is no error

  auto target = s.session("coordinator");
  target.run("drop table " + totals);
  run_once();
  CHECK(s.program({"drop", "FILE", "--views"}).exit_code == 0);
  CHECK(leftovers() == 0);
  CHECK(target.value("select to_regclass('analytics.totals')").empty());
}
