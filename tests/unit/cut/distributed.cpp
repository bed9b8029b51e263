#include "tests/unit/cut/watermark_cases.hpp"

namespace weir::cut {
namespace {

constexpr auto x_on_a = "citus_0_7_1_0";
constexpr auto x_on_b = "citus_0_7_1_1";

/// Answers the samples that are asked for.
void sample(watermark& w, lsn on_a, lsn on_b) {
  REQUIRE(w.wants_samples());
  w.sampled(a, on_a);
  w.sampled(b, on_b);
}

TEST_CASE("a part waits for the others to be decided", "[cut]") {
  auto w = continued();
  const auto on_a = prepare(w, a, x_on_a, 110);
  const auto on_b = prepare(w, b, x_on_b, 110);
  decide(w, a, x_on_a, 130);
  both_idle(w);
  sample(w, lsn{130}, lsn{120});
  const auto c = w.close(1h);
  CHECK((!c || c->transactions.empty()));
  const auto held = w.holds();
  REQUIRE(held.size() == 1);
  CHECK(held[0].why == hold::reason::undecided);
  CHECK(held[0].node == b);
  CHECK(held[0].transaction == x_on_b);
  CHECK(held[0].holds_node == a);
  CHECK(held[0].held == 1);
  decide(w, b, x_on_b, 130);
  CHECK(close(w).transactions == ids{on_a, on_b});
  CHECK(w.holds().empty());
}

TEST_CASE("a part waits until no other can come", "[cut]") {
  auto w = continued();
  const auto on_a = prepare(w, a, x_on_a, 110);
  decide(w, a, x_on_a, 130);
  sample(w, lsn{130}, lsn{200});
  w.progress(b, lsn{199});
  CHECK_FALSE(w.close(1ms));
  REQUIRE(w.holds().size() == 1);
  CHECK(w.holds()[0].why == hold::reason::behind);
  CHECK(w.holds()[0].node == b);
  CHECK(w.holds()[0].position == lsn{200});
  CHECK(w.awaits_position(b));
  w.progress(b, lsn{200});
  CHECK_FALSE(w.awaits_position(b));
  CHECK(close(w).transactions == ids{on_a});
}

TEST_CASE("what follows a part that waits, waits; other nodes go on", "[cut]") {
  auto w = continued();
  prepare(w, a, x_on_a, 110);
  prepare(w, b, x_on_b, 110);
  const auto before = commit(w, b, 125, 1);
  decide(w, a, x_on_a, 130);
  commit(w, a, 140, 1);
  CHECK(close(w).transactions == ids{before});
  CHECK(w.pinned(a).size() == 2); // both may have to leave the memory
}

TEST_CASE("opposite orders on two nodes go into one cut", "[cut]") {
  constexpr auto y_on_a = "citus_0_8_1_0";
  constexpr auto y_on_b = "citus_0_8_1_1";
  auto w = continued();
  for (const auto* gid : {x_on_a, y_on_a}) prepare(w, a, gid, 110);
  for (const auto* gid : {x_on_b, y_on_b}) prepare(w, b, gid, 110);
  decide(w, a, x_on_a, 130);
  decide(w, a, y_on_a, 140);
  decide(w, b, y_on_b, 130);
  both_idle(w);
  sample(w, lsn{140}, lsn{130});
  const auto early = w.close(1h);
  CHECK((!early || early->transactions.empty()));
  decide(w, b, x_on_b, 140);
  CHECK(close(w).transactions.size() == 4);
}

TEST_CASE("several branches on one node are parts all the same", "[cut]") {
  auto w = continued();
  prepare(w, a, "citus_0_7_1_0", 110);
  prepare(w, a, "citus_0_7_1_1", 120);
  decide(w, a, "citus_0_7_1_0", 140);
  sample(w, lsn{140}, lsn{100});
  both_idle(w);
  const auto c = w.close(1h);
  CHECK((!c || c->transactions.empty()));
}

TEST_CASE("parts that were rolled back hold nothing", "[cut]") {
  auto w = continued();
  const auto on_a = prepare(w, a, x_on_a, 110);
  prepare(w, b, x_on_b, 110);
  decide(w, a, x_on_a, 130);
  sample(w, lsn{130}, lsn{120});
  REQUIRE(w.decide(b, x_on_b, false, lsn{130}, 1, 0s));
  CHECK(close(w).transactions == ids{on_a});
}

TEST_CASE("the initiator's own part joins those that its stream names", "[cut]") {
  auto w = continued();
  w.describe(a, 0, initiator_link::streamed);
  const auto own = w.begin(a, 1, {});
  w.participant(a, x_on_b);
  REQUIRE_FALSE(w.commit(a, lsn{130}, 1, false, 0s));
  both_idle(w);
  const auto early = w.close(1h);
  CHECK((!early || early->transactions.empty()));
  const auto on_b = prepare(w, b, x_on_b, 110);
  decide(w, b, x_on_b, 130);
  CHECK(close(w).transactions == ids{own, on_b}); // no sample was needed: all parts are named
}

TEST_CASE("the first cut waits for what was prepared while the loads ran", "[cut]") {
  auto w = fresh(2);
  load(w, a, lsn{50});
  load(w, b, lsn{50});
  prepare(w, b, x_on_b, 60); // its other part may be in a's snapshot
  REQUIRE(w.wants_samples());
  w.sampled(a, lsn{50});
  w.sampled(b, lsn{70});
  w.progress(b, lsn{70});
  CHECK_FALSE(w.close(1h));
  REQUIRE(w.holds().size() == 1);
  CHECK(w.holds()[0].transaction == x_on_b);
  decide(w, b, x_on_b, 90);
  sample(w, lsn{50}, lsn{70});
  CHECK(close(w).transactions.size() == 3);
}

TEST_CASE("node consistency waits for nothing", "[cut]") {
  watermark_options options;
  options.whole_transactions = false;
  auto w = continued(options);
  const auto on_a = prepare(w, a, x_on_a, 110);
  prepare(w, b, x_on_b, 110);
  decide(w, a, x_on_a, 130);
  CHECK_FALSE(w.wants_samples());
  CHECK(close(w).transactions == ids{on_a});
}

// ---- a node that stays away

TEST_CASE("an isolated node holds nobody, and cuts are whole some time after its return", "[cut]") {
  auto w = continued();
  both_idle(w);
  const auto on_a = prepare(w, a, x_on_a, 110);
  const auto on_b = prepare(w, b, x_on_b, 110);
  w.node_down(b);
  decide(w, a, x_on_a, 130);
  REQUIRE(w.wants_samples());
  w.sampled(a, lsn{130});
  CHECK_FALSE(w.close(1ms));
  w.isolate(b);
  CHECK(w.degraded(b));
  const auto without = close(w);
  CHECK(without.transactions == ids{on_a});
  CHECK(without.frontier[b.value].isolated);
  w.durable(without.number);

  decide(w, b, x_on_b, 130); // it is back, with the part that the others have shown
  CHECK(close(w).transactions == ids{on_b});
  CHECK(w.degraded(b));
  for (int round = 0; round < 2; ++round) {
    REQUIRE(w.wants_samples());
    w.sampled(a, lsn{130});
    w.sampled(b, lsn{140});
    w.progress(b, lsn{150});
    w.close(1h + std::chrono::minutes(round));
  }
  CHECK_FALSE(w.degraded(b));
}

TEST_CASE("a part that stays in doubt on a node that has returned keeps it degraded", "[cut]") {
  auto w = continued();
  both_idle(w);
  prepare(w, a, x_on_a, 110);
  prepare(w, b, x_on_b, 110);
  w.node_down(b);
  w.isolate(b);
  decide(w, a, x_on_a, 130);
  close(w);
  w.progress(b, lsn{150});
  for (int round = 0; round < 2; ++round) {
    REQUIRE(w.wants_samples());
    w.sampled(a, lsn{130});
    w.sampled(b, lsn{150});
    w.close(1h + std::chrono::minutes(round));
  }
  CHECK(w.degraded(b));
  decide(w, b, x_on_b, 160);
  close(w, 2h);
  CHECK_FALSE(w.degraded(b));
}

TEST_CASE("a program that starts knows which nodes were isolated", "[cut]") {
  auto isolated = position_of(b, start, start);
  isolated.isolated = true;
  const watermark w(epoch{7}, {position_of(a, start, start), isolated}, {});
  CHECK(w.degraded(b));
  CHECK_FALSE(w.degraded(a));
}

} // namespace
} // namespace weir::cut
