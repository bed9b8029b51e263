// Programs of several files, and several programs in one process.

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/system/scenario.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

/// The scenario's definition in two files, and another pipeline beside it, in a directory.
class directory {
public:
  explicit directory(const scenario& s) : path_(fs::path(s.definition_path()).parent_path() / "pipes") {
    fs::create_directories(path_);
    const auto whole = s.definition({});
    const auto view = whole.find("view totals"), cluster = whole.find("cluster shop");
    write("servers.pipe", whole.substr(cluster, view - cluster));
    write("one.pipe",
          fmt::format("pipeline {};\ninclude \"servers.pipe\";\nmemory 64 MiB;\n", s.name()) + whole.substr(view));
    write("two.pipe", fmt::format("pipeline {}_two;\ninclude \"servers.pipe\";\nmemory 5 %;\n", s.name()) +
                          "view notes as select note, count(*) as orders from orders group by note;\n"
                          "sink notes into shop.analytics.notes every 20 ms;\n");
  }
  void write(const std::string& name, const std::string& text) const { write_file((path_ / name).string(), text); }
  std::string path() const { return path_.string(); }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

private:
  fs::path path_;
};

void insert(const scenario& s, int from, int to) {
  for (const auto& w : s.workers())
    s.session(w).run(fmt::format("insert into orders select i, 'r' || i % 3, 'paid', i, 'n' || i % 2 "
                                 "from generate_series({}, {}) i",
                                 from, to));
}

constexpr const char* notes_of_two = "(select coalesce(sum(orders), 0) = {} from analytics.notes)";

} // namespace

TEST_CASE("a directory's pipelines run in one process, and one that fails leaves the others alone") {
  scenario s("directories");
  const directory pipes(s);
  pipes.write("broken.pipe", fmt::format("pipeline {}_broken;\ninclude \"servers.pipe\";\n"
                                         "view lost as select nowhere, count(*) from orders group by nowhere;\n"
                                         "sink lost into shop.analytics.lost;\n",
                                         s.name()));
  insert(s, 1, 100);

  const auto check = s.program({"check", pipes.path(), "--json"});
  CHECK(check.exit_code == 3);
  const auto found = nlohmann::json::parse(check.out);
  REQUIRE(found["diagnostics"].size() == 1);
  CHECK(found["diagnostics"][0]["code"] == "W0203");
  CHECK(found["diagnostics"][0]["file"] == pipes.path("broken.pipe"));
  CHECK(found["pipelines"].size() == 3);
  CHECK(found["pipelines"][0]["ok"] == false);
  CHECK(found["pipelines"][1]["ok"] == true);
  const auto plan = s.program({"plan", pipes.path()});
  CHECK(plan.exit_code == 3);
  CHECK_THAT(plan.out, WEIR_CONTAINS(fmt::format("pipeline {} (", s.name())) &&
                           WEIR_CONTAINS(fmt::format("pipeline {}_two (", s.name())) &&
                           WEIR_CONTAINS("memory       64 MiB (the definition)") &&
                           WEIR_CONTAINS(R"(CREATE PUBLICATION "weir_directories_two" FOR TABLE "public"."orders")"));

  auto weir = s.start_program({"run", pipes.path()});
  s.await_first_cut();
  INFO(s.log());
  const auto rows = [&](int each) { return fmt::format(fmt::runtime(notes_of_two), each * s.workers().size()); };
  CHECK(s.target_says(rows(100)));
  CHECK_THAT(s.log(), WEIR_CONTAINS("no column \"nowhere\"") && WEIR_CONTAINS("event=pipeline_ended") &&
                          WEIR_CONTAINS("pipeline=directories_broken"));
  insert(s, 101, 200);
  CHECK(s.target_says(rows(200)));
  s.expect_view_equals_query();

  const auto status = s.program({"status", pipes.path(), "--json"});
  CHECK(status.exit_code == 0);
  CHECK(nlohmann::json::parse(status.out).size() == 2); // both in one target, which is asked once

  // A column that only the second pipeline uses goes: it ends, the first does not.
  const auto from = s.log().size();
  for (const auto& w : s.workers()) s.session(w).run("alter table orders rename note to remark");
  CHECK(eventually(60s, [&] { return s.logged("pipeline=directories_two exit_code=", from); }));
  insert(s, 201, 300);
  s.expect_view_equals_query();
  CHECK_FALSE(weir.exit_code().has_value());
  CHECK(s.target_says(rows(200)));

  weir.signal(SIGTERM);
  CHECK(weir.wait(20s) == 3); // of the first by name that did not end well: broken.pipe
  fs::remove(pipes.path("broken.pipe"));
  fs::remove(pipes.path("two.pipe"));
  auto again = s.start_program({"run", pipes.path()});
  s.expect_view_equals_query();
  again.signal(SIGTERM);
  CHECK(again.wait(20s) == 0);
}

TEST_CASE("a directory's pipelines are dropped together") {
  scenario s("dropped");
  const directory pipes(s);
  auto weir = s.start_program({"run", pipes.path()});
  s.await_first_cut();
  CHECK(s.target_says("count(distinct pipeline) = 2 from weir.cuts"));
  weir.signal(SIGINT);
  CHECK(weir.wait(20s) == 0);
  const auto drop = s.program({"drop", pipes.path(), "--views"});
  INFO(drop.err);
  CHECK(drop.exit_code == 0);
  CHECK(s.target_says("count(*) = 0 from weir.pipelines"));
  CHECK(s.target_says("to_regclass('analytics.notes') is null and to_regclass('analytics.totals') is null"));
  for (const auto& w : s.workers())
    CHECK(s.admin(w).value(fmt::format("select count(*) from pg_replication_slots where database = '{}'", s.name())) ==
          "0");
}

TEST_CASE("doctor, setup, verify and wait look at every pipeline of a directory") {
  scenario s("looked_at");
  const directory pipes(s);
  insert(s, 1, 50);
  const auto well = s.program({"doctor", pipes.path(), "--strict"});
  INFO(well.out << well.err);
  CHECK(well.exit_code == 0);
  CHECK_THAT(well.out, WEIR_CONTAINS("pipeline looked_at, capture tables") &&
                           WEIR_CONTAINS("\n\npipeline looked_at_two, capture tables"));
  const auto setup = s.program({"setup", "--print-sql", pipes.path(), "--role", "reader"});
  CHECK(setup.exit_code == 0);
  CHECK_THAT(setup.out, WEIR_CONTAINS("weir keeps pipeline looked_at as") &&
                            WEIR_CONTAINS("weir keeps pipeline looked_at_two as"));

  auto weir = s.start_program({"run", pipes.path()});
  s.await_first_cut();
  CHECK(s.target_says("count(distinct pipeline) = 2 from weir.cuts"));
  insert(s, 51, 100);
  const auto lsn = s.session("w1").value("select pg_current_wal_lsn()");
  const auto wait = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"wait", pipes.path(), "--lsn", lsn, "--timeout", "60s"};
    words.insert(words.end(), more.begin(), more.end());
    return s.program(words, 90s);
  };
  const auto both = wait({"--node", "w1"});
  INFO(both.out << both.err);
  CHECK(both.exit_code == 0);
  CHECK_THAT(both.out, WEIR_CONTAINS(", pipeline looked_at\n") && WEIR_CONTAINS(", pipeline looked_at_two\n"));
  CHECK(s.target_says(fmt::format("sum(orders) >= {} from analytics.notes", 100 + 50 * (s.workers().size() - 1)), 0ms));
  const auto one = wait({"--node", "w1", "--pipeline", "looked_at_two", "--json"});
  CHECK(nlohmann::json::parse(one.out)["pipeline"] == "looked_at_two");
  const auto none = wait({"--node", "w9"});
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.err, WEIR_CONTAINS("no pipeline here reads a node \"w9\""));
  CHECK(wait({"--node", "w1", "--pipeline", "looked_at_too"}).exit_code == 2);

  const auto equal = s.program({"verify", pipes.path()}, 120s);
  INFO(equal.out << equal.err);
  CHECK(equal.exit_code == 0);
  CHECK_THAT(equal.out, WEIR_CONTAINS("view totals (analytics.totals): equals its query") &&
                            WEIR_CONTAINS("view notes (analytics.notes): equals its query"));
  const auto named = s.program({"verify", pipes.path(), "notes"}, 120s);
  CHECK(named.exit_code == 0);
  CHECK_THAT(named.out, WEIR_CONTAINS("view notes") && !WEIR_CONTAINS("view totals"));
  const auto unknown = s.program({"verify", pipes.path(), "note"});
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.err,
             WEIR_CONTAINS("no pipeline here has a view note") && WEIR_CONTAINS("did you mean \"notes\"?"));

  // What is wrong with one is told of it, and of no other.
  weir.signal(SIGTERM);
  CHECK(weir.wait(20s) == 0);
  s.admin("w1").run("drop publication weir_looked_at_two");
  const auto ill = s.program({"doctor", pipes.path()});
  CHECK(ill.exit_code == 4);
  CHECK_THAT(ill.out, WEIR_CONTAINS("publication weir_looked_at_two is gone") &&
                          !WEIR_CONTAINS("publication weir_looked_at is gone"));
}

TEST_CASE("plan --diff tells what run will do, and run does it") {
  scenario s("differs");
  const auto diff = [&] {
    const auto outcome = s.program({"plan", "FILE", "--diff", "--json"});
    INFO(outcome.err);
    REQUIRE(outcome.exit_code == 0);
    return nlohmann::json::parse(outcome.out);
  };
  const auto first = diff();
  CHECK(first["registered"] == false);
  CHECK(first["run"]["effect"] == "first_run");
  CHECK(first["tables"][0]["exists"] == false);
  CHECK_THAT(first["tables"][0]["sql"].get<std::string>(), WEIR_CONTAINS(R"(CREATE TABLE "analytics"."totals" ()"));
  CHECK_THAT(first["publication"][0]["statements"][0].get<std::string>(),
             WEIR_CONTAINS(R"(CREATE PUBLICATION "weir_differs" FOR TABLE "public"."orders")"));
  CHECK(s.target_says("to_regnamespace('weir') is null")); // it changes nothing

  {
    auto weir = s.run();
    s.await_first_cut();
    const auto running = diff();
    CHECK(running["run"]["effect"] == "goes_on");
    CHECK(running["running"] == true);
    CHECK(running["changes"].empty());
    CHECK(running["tables"][0]["exists"] == true);
    CHECK(running["publication"][0]["statements"].empty());
    weir.signal(SIGTERM);
    CHECK(weir.wait(20s) == 0);
  }

  pipeline_options slower;
  slower.every = "5 s";
  slower.supervise = "retry 7, backoff 50 ms to 300 ms;";
  s.define(slower);
  const auto settings = diff();
  CHECK(settings["run"]["effect"] == "goes_on");
  REQUIRE(settings["changes"].size() == 2);
  CHECK(settings["changes"][0] ==
        nlohmann::json{{"change", "changed"}, {"name", "retry"}, {"before", "3"}, {"after", "7"}, {"setting", true}});
  CHECK(settings["changes"][1]["name"] == "totals.every");
  {
    auto weir = s.run();
    s.expect_view_equals_query();
    CHECK(diff()["changes"].empty()); // what runs now is what is registered now
    weir.signal(SIGTERM);
    CHECK(weir.wait(20s) == 0);
  }

  for (const auto& w : s.workers()) s.session(w).run("alter table orders alter amount type numeric(14,2)");
  const auto evolved = diff();
  CHECK(evolved["run"]["effect"] == "evolves");
  {
    auto weir = s.run();
    CHECK(eventually(60s, [&] { return diff()["run"]["effect"] == "goes_on"; }));
    weir.signal(SIGTERM);
    CHECK(weir.wait(20s) == 0);
  }

  slower.select = "select region, count(*) as orders, sum(amount) as revenue, avg(amount) as average "
                  "from orders where status = 'open' group by region";
  s.define(slower);
  const auto other = diff();
  CHECK(other["run"]["effect"] == "refuses");
  REQUIRE(other["changes"].size() == 1);
  CHECK(other["changes"][0]["name"] == "totals.filter");
  CHECK_THAT(other["run"]["cure"].get<std::string>(), WEIR_CONTAINS("weir drop"));
  const auto text = s.program({"plan", "FILE", "--diff"});
  CHECK_THAT(text.out, WEIR_CONTAINS("~ totals.filter  status = 'paid'  →  status = 'open'") &&
                           WEIR_CONTAINS("refuses: differs is registered with another definition"));
  CHECK(s.program({"run", "FILE"}).exit_code == 4);
}

TEST_CASE("check says as JSON what is wrong with weir.yaml") {
  scenario s("yaml");
  const auto config = (fs::path(s.definition_path()).parent_path() / "weir.yaml").string();
  write_file(config, "memory: lots\n");
  const auto check = s.program({"check", "FILE", "--json", "--config", config});
  CHECK(check.exit_code == 3);
  const auto out = nlohmann::json::parse(check.out);
  CHECK(out["ok"] == false);
  CHECK_THAT(out["configuration"]["message"].get<std::string>(), WEIR_CONTAINS("weir.yaml:1:9: memory is a number"));
  // weir.yaml has the last word
  write_file(config, "memory: 10 %\n");
  s.define(s.definition({}) + "memory 64 MiB;\n");
  CHECK_THAT(s.program({"plan", "FILE"}).out, WEIR_CONTAINS("memory       64 MiB (the definition)"));
  CHECK_THAT(s.program({"plan", "FILE", "--config", config}).out, WEIR_CONTAINS("memory       10 % (weir.yaml)"));
}
