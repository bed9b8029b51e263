#include <fmt/format.h>

#include "runtime/postgres/registry.hpp"
#include "runtime/postgres/target_schema.hpp"
#include "tests/property/postgres_target_model.hpp"
#include "tests/property/postgres_target_server.hpp"
#include "tests/support/catch.hpp"

// What the registrar records of a pipeline: what holds its cuts, and its events, neither growing without bound.

namespace weir::test {
namespace {

using postgres::cut_hold;
using postgres::cut_state;

/// A registered pipeline `facts`; `others` is known by name alone.
struct recorded_pipeline {
  recorded_pipeline() {
    must(postgres::install_schema(target));
    must(postgres::register_pipeline(target, facts_plan(), "a definition"));
    db.sql.run("INSERT INTO weir.pipelines (pipeline, fingerprint, definition) VALUES ('others', '', '')");
  }
  void record(const cut_state& state, const std::string& pipeline = "facts") {
    must(postgres::record_cut_state(target, pipeline, state));
  }
  postgres::pipeline_status status() { return must(postgres::read_status(target)).at(0); }

  target_database db;
  postgres::connection target = db.connect();
};

const cut_hold undecided{"undecided",
                         "n2",
                         "weir_facts_n2",
                         "it's \"one\", {1}",
                         lsn{0x1'0000'00aa},
                         90.5,
                         "n1",
                         17,
                         "COMMIT PREPARED 'it''s …'"};
const cut_hold behind{"behind", "n3", "weir_facts_n3", "", lsn{7}, 1.25, "", 2, ""};

} // namespace

TEST_CASE("what holds a cut is recorded, replaced and taken back", "[target]") {
  recorded_pipeline p;
  p.record({"transaction", {behind, undecided}});
  p.record({"transaction", {behind}}, "others");
  auto status = p.status();
  CHECK(status.consistency == "transaction");
  REQUIRE(status.holds.size() == 2);
  const auto& first = status.holds[0]; // the longest
  CHECK(first.reason == "undecided");
  CHECK(first.node == "n2");
  CHECK(first.slot == undecided.slot);
  CHECK(first.transaction == undecided.transaction);
  CHECK(first.position == undecided.position);
  CHECK(first.age_seconds >= 90.5);
  CHECK(first.holds_node == "n1");
  CHECK(first.held == 17);
  CHECK(first.cure == undecided.cure);
  CHECK(status.holds[1].transaction.empty());
  CHECK(status.holds[1].cure.empty());

  p.record({"degraded: n2", {undecided}});
  CHECK(p.db.sql.value("SELECT reason FROM weir.holds WHERE pipeline = 'facts'") == "undecided");
  CHECK(p.db.sql.value("SELECT consistency FROM weir.status WHERE pipeline = 'facts'") == "degraded: n2");
  p.record({"node", {}});
  status = p.status();
  CHECK(status.consistency == "node");
  CHECK(status.holds.empty());
  CHECK(p.db.sql.value("SELECT node FROM weir.holds") == "n3"); // the others' stays
}

TEST_CASE("what does not change is not written", "[target]") {
  recorded_pipeline p;
  const auto written = [&] { return p.db.sql.value("SELECT xmin FROM weir.pipelines WHERE pipeline = 'facts'"); };
  p.record({"transaction", {}});
  const auto before = written();
  must(p.target.execute("BEGIN"));
  p.record({"transaction", {}});
  p.record({"transaction", {}});
  CHECK(must(p.target.query("SELECT pg_current_xact_id_if_assigned() IS NULL")).at(0, 0) == "t");
  must(p.target.execute("COMMIT"));
  CHECK(written() == before);
  p.record({"node", {}});
  CHECK(written() != before);
}

TEST_CASE("readers never see half of what holds a cut", "[target]") {
  recorded_pipeline p;
  p.record({"transaction", {undecided, behind}});
  p.db.sql.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
  CHECK(p.db.sql.number("SELECT count(*) FROM weir.holds") == 2);
  p.record({"degraded: n2", {behind}}); // waits for nobody who reads
  CHECK(p.db.sql.number("SELECT count(*) FROM weir.holds") == 2);
  CHECK(p.db.sql.value("SELECT consistency FROM weir.status WHERE pipeline = 'facts'") == "transaction");
  p.db.sql.run("COMMIT");
  CHECK(p.db.sql.number("SELECT count(*) FROM weir.holds") == 1);
}

TEST_CASE("what holds a cut goes with its pipeline", "[target]") {
  recorded_pipeline p;
  p.record({"transaction", {undecided}});
  must(postgres::unregister_pipeline(p.target, "facts", true));
  CHECK(p.db.sql.number("SELECT count(*) FROM weir.holds") == 0);
}

TEST_CASE("an isolated node is a failing one", "[target]") {
  recorded_pipeline p;
  std::vector<postgres::node_status> nodes(2);
  nodes[0].node = "n1";
  nodes[0].state = "streaming";
  nodes[1].node = "n2";
  nodes[1].state = "isolated";
  nodes[1].last_error = "no answer";
  must(postgres::record_nodes(p.target, "facts", nodes));
  CHECK(p.db.sql.number("SELECT failing_nodes FROM weir.status WHERE pipeline = 'facts'") == 1);
  CHECK_THAT(p.db.sql.value("SELECT reasons FROM weir.health"), WEIR_CONTAINS("node n2 is isolated: no answer"));
}

TEST_CASE("a status of an earlier schema says how it is brought up to date", "[target]") {
  recorded_pipeline p;
  p.db.sql.run("DROP TABLE weir.holds");
  const auto status = postgres::read_status(p.target);
  REQUIRE(!status);
  CHECK(status.error().code == errc::unsupported);
  CHECK_THAT(status.error().hint, WEIR_CONTAINS("weir run"));
}

TEST_CASE("events are kept up to a number", "[target]") {
  recorded_pipeline p;
  p.db.sql.run("INSERT INTO weir.events (pipeline, level, name, node, message) SELECT name, 'info', 'e', '', n::text "
               "FROM generate_series(1, 25000) AS n, (VALUES ('facts'), ('others')) AS p (name) ORDER BY n, name");
  const auto kept = [&](const char* pipeline) {
    return p.db.sql.value(fmt::format(
        "SELECT count(*) || ' of ' || max(id) FROM weir.events WHERE pipeline = '{}' AND id > 30000", pipeline));
  };
  const auto record_as = [&](int id) {
    p.db.sql.run(fmt::format("SELECT setval('weir.events_id_seq', {}, false)", id));
    must(postgres::record_event(p.target, "facts", {postgres::event_level::info, "last", "", ""}));
  };
  record_as(50'101);
  CHECK(p.db.sql.number("SELECT count(*) FROM weir.events") == 50'001);
  // The number is everybody's: the hundredth event cleans up for all, a part of a large heap at a time.
  record_as(50'200);
  CHECK(p.db.sql.number("SELECT count(*) FROM weir.events WHERE pipeline = 'facts'") == 15'002);
  record_as(50'300);
  CHECK(p.db.sql.number("SELECT count(*) FROM weir.events WHERE pipeline = 'facts'") == 10'000);
  CHECK(p.db.sql.number("SELECT count(*) FROM weir.events WHERE pipeline = 'others'") == 10'000);
  CHECK(kept("facts") == "10000 of 50300");
  CHECK(kept("others") == "10000 of 50000");
}

} // namespace weir::test
