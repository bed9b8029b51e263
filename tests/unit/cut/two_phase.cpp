#include "tests/unit/cut/watermark_cases.hpp"

namespace weir::cut {
namespace {

// ---- two-phase commit

TEST_CASE("a prepared transaction is in no cut before it is committed", "[cut]") {
  auto w = continued();
  const auto prepared = prepare(w, a, "g1", 110);
  const auto plain = commit(w, a, 130, 10);
  both_idle(w);
  CHECK(close(w).transactions == ids{plain});
  decide(w, a, "g1", 150);
  w.progress(a, {});
  const auto c = close(w);
  CHECK(c.transactions == ids{prepared});
  CHECK(c.frontier[a.value].position == lsn{150});
}

TEST_CASE("a rolled back transaction is dropped", "[cut]") {
  auto w = continued();
  const auto prepared = prepare(w, a, "g1", 110);
  const auto dropped = w.decide(a, "g1", false, lsn{150}, 50, 0s);
  REQUIRE(dropped);
  CHECK(*dropped == prepared);
  both_idle(w);
  CHECK(close(w).transactions.empty());
}

TEST_CASE("the rollback of what was prepared before the slot is no matter", "[cut]") {
  auto w = continued();
  const auto dropped = w.decide(a, "unknown", false, lsn{150}, 50, 0s);
  REQUIRE(dropped);
  CHECK_FALSE(dropped->has_value());
}

TEST_CASE("a commit whose PREPARE never came cannot be followed", "[cut]") {
  auto w = continued();
  const auto outcome = w.decide(a, "g9", true, lsn{150}, 50, 0s);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == errc::slot_invalidated);
  CHECK_THAT(outcome.error().message, WEIR_CONTAINS("\"g9\"") && WEIR_CONTAINS("0/96"));
}

TEST_CASE("a transaction prepared again takes the place of its first sending", "[cut]") {
  auto w = continued();
  const auto first = prepare(w, a, "g1", 110);
  const auto second = w.begin(a, 0, "g1");
  CHECK(w.prepare(a, lsn{110}, lsn{120}) == first);
  decide(w, a, "g1", 150);
  both_idle(w);
  CHECK(close(w).transactions == ids{second});
}

TEST_CASE("a name may be used again once it was decided", "[cut]") {
  auto w = continued();
  const auto first = prepare(w, a, "g1", 110);
  decide(w, a, "g1", 130);
  const auto second = prepare(w, a, "g1", 140);
  decide(w, a, "g1", 160);
  both_idle(w);
  CHECK(close(w).transactions == ids{first, second});
}

TEST_CASE("nodes may prepare under the same name", "[cut]") {
  auto w = continued();
  const auto on_a = prepare(w, a, "g1", 110);
  const auto on_b = prepare(w, b, "g1", 105);
  decide(w, b, "g1", 150);
  both_idle(w);
  CHECK(close(w).transactions == ids{on_b});
  decide(w, a, "g1", 150);
  w.progress(a, {});
  CHECK(close(w).transactions == ids{on_a});
}

// ---- what a slot may forget

TEST_CASE("without prepared transactions a slot may forget what is shown", "[cut]") {
  auto w = continued();
  commit(w, a, 110, 10);
  both_idle(w);
  const auto c = close(w);
  CHECK(c.frontier[a.value].confirmed == lsn{110});
}

TEST_CASE("a slot keeps a prepared transaction until it is shown", "[cut]") {
  auto w = continued();
  prepare(w, a, "g1", 110);
  commit(w, a, 130, 10);
  both_idle(w);
  const auto held = close(w).frontier[a.value];
  CHECK(held.position == lsn{130});
  CHECK(held.confirmed == lsn{110});
  decide(w, a, "g1", 150);
  w.progress(a, {});
  CHECK(close(w).frontier[a.value].confirmed == lsn{150});
}

TEST_CASE("a slot keeps a transaction that is committed and waits for its cut", "[cut]") {
  auto w = continued();
  prepare(w, a, "g1", 110);
  const auto plain = commit(w, a, 130, 10, 0s);
  decide(w, a, "g1", 150, 5ms); // at commit time 50, which b has not reached
  commit(w, b, 105, 20, 0s);
  const auto c = close(w, 6ms);
  REQUIRE(c.transactions.front() == plain);
  REQUIRE(c.frontier[a.value].position == lsn{130});
  CHECK(c.frontier[a.value].confirmed == lsn{110});
}

TEST_CASE("the rollback of a prepared transaction frees its slot", "[cut]") {
  auto w = continued();
  prepare(w, a, "g1", 110);
  REQUIRE(w.decide(a, "g1", false, lsn{150}, 50, 0s));
  both_idle(w);
  CHECK(close(w).frontier[a.value].confirmed == lsn{150});
}

TEST_CASE("a slot keeps a prepared transaction that changed nothing, as long as its decision may come again", "[cut]") {
  auto w = continued();
  w.begin(a, 0, "g1");
  w.prepare(a, lsn{110}, lsn{120}); // no row of it is in any view
  decide(w, a, "g1", 150, 5ms);     // at commit time 50, which b has not reached
  const auto plain = commit(w, b, 105, 20, 0s);
  const auto c = close(w, 6ms);
  REQUIRE(c.transactions == ids{plain});
  CHECK(c.frontier[a.value].confirmed <= lsn{110});
}

TEST_CASE("after a start a slot keeps what has not come again yet", "[cut]") {
  watermark w(epoch{7}, {position_of(a, lsn{200}, lsn{110})}, {});
  const auto waits = prepare(w, a, "g2", 120);
  commit(w, a, 210, 10);
  w.progress(a, {});
  const auto c = close(w);
  CHECK(c.frontier[a.value].position == lsn{210});
  CHECK(c.frontier[a.value].confirmed == lsn{120});
  decide(w, a, "g2", 220);
  w.progress(a, {});
  CHECK(close(w).transactions == ids{waits});
}

TEST_CASE("after a start an idle cut confirms no more than was received", "[cut]") {
  watermark w(epoch{7}, {position_of(a, lsn{200}, lsn{110}), position_of(b, start, start)}, {});
  w.progress(a, lsn{110});
  commit(w, b, 120, 10);
  const auto c = close(w);
  CHECK(c.frontier[a.value].position == lsn{200});
  CHECK(c.frontier[a.value].confirmed == lsn{110});
}

// ---- what comes again

TEST_CASE("after a start what is shown already is dropped by its position", "[cut]") {
  watermark w(epoch{7}, {position_of(a, lsn{200}, lsn{110})}, {});
  const auto again = w.begin(a, 10, {});
  CHECK(w.commit(a, lsn{200}, 10, false, 0s) == again);
  const auto fresh_one = commit(w, a, 201, 20);
  w.progress(a, {});
  CHECK(close(w).transactions == ids{fresh_one});
}

TEST_CASE("after a start a shown two-phase transaction is dropped at its decision", "[cut]") {
  watermark w(epoch{7}, {position_of(a, lsn{200}, lsn{110})}, {});
  const auto again = prepare(w, a, "g1", 120);
  const auto dropped = w.decide(a, "g1", true, lsn{150}, 50, 0s);
  REQUIRE(dropped);
  CHECK(*dropped == again);
}

TEST_CASE("after a start the decision of a shown transaction may come without its PREPARE", "[cut]") {
  watermark w(epoch{7}, {position_of(a, lsn{200}, lsn{110})}, {});
  const auto dropped = w.decide(a, "g1", true, lsn{150}, 50, 0s);
  REQUIRE(dropped);
  CHECK_FALSE(dropped->has_value());
}

TEST_CASE("a stream that broke off continues behind the last whole transaction", "[cut]") {
  auto w = continued();
  CHECK(w.resume(a) == start);
  commit(w, a, 110, 10);
  const auto open = w.begin(a, 20, {});
  CHECK(w.node_down(a) == ids{open});
  CHECK(w.resume(a) == lsn{110});
}

TEST_CASE("prepared and committed transactions survive a broken stream", "[cut]") {
  auto w = continued();
  const auto prepared = prepare(w, a, "g1", 110);
  const auto plain = commit(w, a, 130, 10);
  CHECK(w.node_down(a).empty());
  decide(w, a, "g1", 150);
  both_idle(w);
  CHECK(close(w).transactions == ids{plain, prepared});
}

} // namespace
} // namespace weir::cut
