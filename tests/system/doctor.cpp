// What doctor finds on real servers, and what setup prints for an administrator: run by one, it is all that is needed.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/citus_catalogs.hpp"
#include "tests/system/administration.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// "place code severity" of all findings that are not ok.
std::vector<std::string> troubles(const nlohmann::json& report) {
  std::vector<std::string> out;
  for (const auto& f : report["findings"])
    if (f["severity"] != "ok")
      out.push_back(fmt::format("{} {} {}", f["place"].get<std::string>(), f["code"].get<std::string>(),
                                f["severity"].get<std::string>()));
  return out;
}

nlohmann::json examined(const scenario& s) {
  const auto outcome = s.program({"doctor", "FILE", "--json"});
  INFO(outcome.out << outcome.err);
  REQUIRE(nlohmann::json::accept(outcome.out));
  return nlohmann::json::parse(outcome.out);
}

bool found(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

} // namespace

TEST_CASE("doctor finds nothing on servers that fit, before the first run and while it runs") {
  scenario s("hale");
  const auto before = s.program({"doctor", "FILE", "--strict"});
  INFO(before.out << before.err);
  CHECK(before.exit_code == 0);
  CHECK_THAT(before.out, WEIR_CONTAINS("pipeline hale, capture tables") && WEIR_CONTAINS("w1") &&
                             WEIR_CONTAINS("target") && WEIR_CONTAINS("no warnings, no errors"));
  CHECK_THAT(s.program({"doctor", "FILE", "--verbose"}).out, WEIR_CONTAINS("wal_level is logical"));
  auto weir = s.run();
  s.await_first_cut();
  const auto report = examined(s);
  INFO(report.dump(2));
  CHECK(troubles(report).empty());
  CHECK_THAT(report.dump(), WEIR_CONTAINS("is being read") && WEIR_CONTAINS("it is run by"));
}

TEST_CASE("doctor names what is wrong, where, and what cures it; a node that is down keeps it from nothing") {
  scenario s("ailing");
  auto run = s.run();
  s.await_first_cut();
  run.kill();
  s.admin("w1").run("alter table orders replica identity default; alter database ailing set synchronous_commit = off");
  s.session("coordinator").run("drop table analytics.totals");
  s.session("coordinator").run("create table analytics.totals (region int)");
  {
    const auto report = examined(s);
    INFO(report.dump(2));
    const auto all = troubles(report);
    CHECK(found(all, "w1 slot warning")); // nobody reads it
    CHECK(found(all, "w1 synchronous_commit warning"));
    CHECK(found(all, "definition W0506 error"));
  }
  s.admin("w1").run("alter table orders replica identity full; drop publication weir_ailing");
  s.cluster().kill("w2");
  const auto report = examined(s);
  s.cluster().start("w2");
  INFO(report.dump(2));
  const auto all = troubles(report);
  CHECK(found(all, "w2 reachable error"));
  CHECK(found(all, "w1 publication error"));
  CHECK(found(all, "target sink error"));
  const auto outcome = s.program({"doctor", "FILE"});
  CHECK(outcome.exit_code == 4);
  CHECK_THAT(outcome.out, WEIR_CONTAINS("publication weir_ailing is gone"));
}

TEST_CASE("doctor: warnings count with --strict only") {
  scenario s("mild");
  s.admin("w1").run("alter database mild set synchronous_commit = off");
  CHECK(s.program({"doctor", "FILE"}).exit_code == 0);
  CHECK(s.program({"doctor", "FILE", "--strict"}).exit_code == 8);
}

TEST_CASE("doctor looks into Citus' catalogs where they are") {
  scenario s("shaped");
  s.session("coordinator")
      .run("create table orders (order_id bigint primary key, region text, status text not null, "
           "amount numeric(12,2) not null, note text); alter table orders replica identity full");
  int group = 0;
  for (const auto& node : s.cluster().nodes()) {
    auto admin = s.admin(node);
    admin.run(citus_catalogs(group++));
    for (std::size_t w = 0; w < s.workers().size(); ++w)
      admin.run(fmt::format("insert into pg_dist_node(nodeid, groupid, nodename, nodeport) values ({0}, {0}, "
                            "'127.0.0.1', {1})",
                            w + 1, s.session(s.workers()[w]).value("show port")));
    admin.run("insert into pg_dist_partition values ('orders', 'h', null, 1, 's'); create table note(a int)");
  }
  auto text = s.definition({});
  const auto nodes = text.find("  nodes ");
  text.erase(nodes, text.find('\n', nodes) - nodes); // they are found through the coordinator
  s.define(text);

  const auto report = examined(s);
  INFO(report.dump(2));
  CHECK(report["capture"] == "logical"); // the role is no superuser, and nothing is published
  CHECK(found(troubles(report), "g1 raw_capture warning"));
  CHECK(found(troubles(report), "g2 change_data_capture error"));
  for (const auto& f : report["findings"])
    if (f["code"] == "raw_capture") {
      const auto place = f["place"].get<std::string>();
      s.admin(place == "g0" ? "coordinator" : "w" + place.substr(1)).run(f["cure"].get<std::string>());
    }
  const auto raw = examined(s);
  INFO(raw.dump(2));
  CHECK(raw["capture"] == "raw");
  CHECK(found(troubles(raw), "g1 tables_at_risk warning"));
  CHECK_FALSE(found(troubles(raw), "g1 raw_publication error"));
  CHECK_THAT(raw.dump(), WEIR_CONTAINS("public.note"));
}

TEST_CASE("what setup prints, run by an administrator, lets a role without other rights run the pipeline") {
  const lean_role role("lean_reader", test_cluster::shared());
  scenario s("lean");
  role.take_over(s);
  for (const auto& w : s.workers()) s.session(w).run("insert into orders values (1, 'north', 'paid', 1)");
  const auto printed = s.program({"setup", "--print-sql", "FILE", "--as", superuser(s)});
  INFO(printed.out << printed.err);
  REQUIRE(printed.exit_code == 0);
  for (int twice = 0; twice < 2; ++twice) administer(s, printed.out);
  role.let_in(s, s.cluster().nodes());
  for (const auto& node : s.cluster().nodes()) CHECK(role.is_lean(s, node));

  const auto doctor = s.program({"doctor", "FILE"});
  INFO(doctor.out);
  CHECK(doctor.exit_code == 0);
  auto weir = s.run();
  s.await_first_cut();
  s.session("w2").run(
      "insert into orders values (2, 'south', 'paid', 7); update orders set amount = 3 where order_id = 1");
  s.expect_view_equals_query();
  weir.signal(SIGTERM);
  REQUIRE(weir.wait(20s) == 0);
  CHECK(s.program({"drop", "FILE", "--views"}).exit_code == 0);
  for (const auto& w : s.workers())
    CHECK(s.admin(w).number("select (select count(*) from pg_publication) + (select count(*) from pg_replication_slots "
                            "where database = 'lean')") == 0);
}

TEST_CASE("setup names a server that it cannot look into, and prints the rest") {
  scenario s("half");
  s.cluster().kill("w2");
  const auto printed = s.program({"setup", "--print-sql", "FILE", "--role", "o'reader"});
  s.cluster().start("w2");
  CHECK(printed.exit_code == 4);
  CHECK_THAT(printed.out, WEIR_CONTAINS("node w1") && WEIR_CONTAINS("w2: left out") && WEIR_CONTAINS("\"o'reader\"") &&
                              WEIR_CONTAINS("rolname = 'o''reader'"));
  CHECK_THAT(printed.err, WEIR_CONTAINS("node w2"));
}
