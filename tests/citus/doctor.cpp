// Doctor on a real cluster: nothing on one that is well, and what is broken is named with a cure that cures it.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <functional>

#include "tests/citus/changes.hpp"
#include "tests/support/catch.hpp"

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

nlohmann::json examined(const citus_scenario& s) {
  const auto outcome = s.program({"doctor", "FILE", "--json"}, 60s);
  INFO(outcome.out << outcome.err);
  REQUIRE(nlohmann::json::accept(outcome.out));
  return nlohmann::json::parse(outcome.out);
}

/// What is not well of one kind; of every kind if none is named.
std::vector<nlohmann::json> troubles(const nlohmann::json& report, const std::string& code = "") {
  std::vector<nlohmann::json> found;
  for (const auto& f : report["findings"])
    if (f["severity"] != "ok" && (code.empty() || f["code"] == code)) found.push_back(f);
  return found;
}

std::string text_of(const std::vector<nlohmann::json>& findings) {
  std::string text;
  for (const auto& f : findings) text += f.dump() + "\n";
  return text;
}

std::string server_of(const citus_scenario& s, const std::string& place) {
  for (const auto& node : s.members())
    if (place == fmt::format("g{}", s.group(node))) return node;
  return "coordinator";
}

void restart(citus_scenario& s, const std::string& node) {
  s.cluster().stop(node);
  s.cluster().start(node);
}

/// Does what a cure says: each of its statements, where it says or at its place; then a restart, if that is said.
void follow(citus_scenario& s, const nlohmann::json& finding) {
  const auto cure = finding["cure"].get<std::string>();
  INFO(finding.dump());
  const bool elsewhere = cure.find("on the coordinator") != std::string::npos;
  const auto node = elsewhere ? std::string("coordinator") : server_of(s, finding["place"]);
  auto admin = s.admin(node);
  std::string rest = cure.substr(0, cure.find("--"));
  for (auto end = rest.find(';'); end != std::string::npos; end = rest.find(';')) {
    admin.run(rest.substr(0, end));
    rest.erase(0, end + 1);
  }
  if (cure.find("restart the server") != std::string::npos) restart(s, node);
}

struct ailment {
  std::string code;
  std::string place; ///< where it has to be named
  std::function<void(citus_scenario&)> bring_about;
};

/// Each is named after it was brought about, and not any more after its cures.
void expect_cured(citus_scenario& s, const std::vector<ailment>& all) {
  for (const auto& a : all) {
    INFO(a.code);
    CHECK(text_of(troubles(examined(s), a.code)) == "");
    a.bring_about(s);
    const auto found = troubles(examined(s), a.code);
    INFO(text_of(found));
    CHECK(std::any_of(found.begin(), found.end(), [&](const auto& f) { return f["place"] == a.place; }));
    for (const auto& f : found) follow(s, f);
    CHECK(text_of(troubles(examined(s), a.code)) == "");
  }
}

void read_logical(citus_scenario& s) {
  auto text = s.text_of({kept_view{}});
  const std::string raw = "capture raw;";
  s.define(text.replace(text.find(raw), raw.size(), "capture logical;"));
}

} // namespace

TEST_CASE("doctor finds nothing on a cluster that is well, before the first run and while it runs") {
  citus_scenario s("well", GENERATE(false, true));
  s.sql(some_rows(1, 100));
  CHECK(text_of(troubles(examined(s))) == "");
  CHECK(s.program({"doctor", "FILE", "--strict"}).exit_code == 0);
  auto weir = s.start();
  some_changes(s, 1000);
  s.move_shard(s.shard_on("w1"), "w1", "w2");
  s.expect_views_equal_queries();
  CHECK(text_of(troubles(examined(s))) == "");
}

TEST_CASE("raw capture: what doctor names is cured by what it says") {
  test_cluster own(2, server_kind::citus);
  citus_scenario s("ailing_raw", own);
  const auto restarted_with = [](const std::string& node, const std::string& setting) {
    return [=](citus_scenario& on) {
      on.admin(node).run("alter system set " + setting);
      restart(on, node);
    };
  };
  expect_cured(s, {{"replica_identity", "g1", [](auto& on) { on.sql("alter table orders replica identity nothing"); }},
                   {"tables_at_risk", "g0", [](auto& on) { on.sql("create table note (a int)"); }},
                   {"slots", "g2", restarted_with("w2", "max_replication_slots = 0")},
                   {"wal_level", "g1", restarted_with("w1", "wal_level = replica")},
                   {"citus_metadata", "g1",
                    [](auto& on) { on.sql(fmt::format("select stop_metadata_sync_to_node({})", on.place("w1"))); }},
                   {"statement_timeout", "g1", [](auto& on) {
                      on.admin("w1").run(
                          "set citus.enable_ddl_propagation = off; alter role weir set statement_timeout = '1s'");
                    }}});
  CHECK(text_of(troubles(examined(s))) == "");

  // What was not published for a while was not sent.
  {
    auto weir = s.start();
    some_changes(s, 1);
    s.expect_views_equal_queries();
  }
  s.admin("w1").run("set citus.enable_ddl_propagation = off; drop publication weir_ailing_raw");
  const auto gone = troubles(examined(s), "raw_publication");
  REQUIRE(gone.size() == 1);
  CHECK(gone[0]["place"] == "g1");
  REQUIRE(s.program({"drop", "FILE", "--views"}).exit_code == 0); // what the cure says
  auto weir = s.start();
  CHECK(text_of(troubles(examined(s))) == "");
  s.expect_views_equal_queries();
}

TEST_CASE("logical capture: what doctor names is cured by what it says") {
  test_cluster own(2, server_kind::citus);
  citus_scenario s("ailing_logical", own);
  s.sql(some_rows(1, 100));
  read_logical(s);
  const auto off = troubles(examined(s), "change_data_capture");
  REQUIRE(off.size() == 3);
  for (const auto& f : off) follow(s, f);
  for (const auto& node : s.members())
    restart(s, node); // Citus takes the path of its decoders for granted from then on
  CHECK(text_of(troubles(examined(s))) == "");
  expect_cured(
      s,
      {{"change_data_capture", "g2",
        [](auto& on) {
          on.admin("w2").run("set citus.enable_ddl_propagation = off; alter role weir in database ailing_logical set "
                             "citus.enable_change_data_capture = off");
        }},
       {"decoder", "g1",
        [](auto& on) {
          on.admin("w1").run("alter system set dynamic_library_path = '/nowhere:$libdir'");
          restart(on, "w1");
        }},
       {"shard_like_names", "g0",
        [](auto& on) { on.sql(fmt::format("create table metrics_{} (a int primary key)", on.shard_on("w1"))); }},
       {"dropped_columns", "g1", [](auto& on) { on.sql("alter table orders drop column note"); }}});
  CHECK(text_of(troubles(examined(s))) == "");
}

TEST_CASE("shards with two placements count once, and doctor has nothing against them") {
  citus_scenario s("placements", GENERATE(false, true), "set citus.shard_replication_factor = 2;" + distributed_orders);
  s.sql(some_rows(1, 300));
  CHECK(text_of(troubles(examined(s))) == "");
  auto weir = s.start();
  some_changes(s, 1000);
  s.expect_views_equal_queries();
}
