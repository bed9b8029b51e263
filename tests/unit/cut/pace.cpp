#include "tests/unit/cut/watermark_cases.hpp"

namespace weir::cut {
namespace {

// ---- advances without transactions

TEST_CASE("an idle node advances with the cut of another", "[cut]") {
  auto w = continued();
  commit(w, a, 110, 10);
  w.progress(b, lsn{400});
  CHECK(close(w).frontier[b.value].position == lsn{400});
}

TEST_CASE("the first idle advance after transactions is worth a cut soon", "[cut]") {
  auto w = continued({.idle_interval = 10s, .settle_interval = 250ms});
  commit(w, a, 110, 10, 0s);
  both_idle(w);
  close(w, 100s);
  w.progress(b, lsn{400});
  CHECK_FALSE(w.close(100s + 249ms));
  CHECK(w.wake_at() == instant{100s + 250ms});
  const auto c = close(w, 100s + 250ms);
  CHECK(c.transactions.empty());
  CHECK(c.frontier[b.value].position == lsn{400});
}

TEST_CASE("another idle advance is worth a cut after the interval", "[cut]") {
  auto w = continued({.idle_interval = 10s, .settle_interval = 250ms});
  commit(w, a, 110, 10, 0s);
  both_idle(w);
  close(w, 99s);
  w.progress(b, lsn{400});
  close(w, 100s);
  w.progress(b, lsn{500});
  CHECK_FALSE(w.close(109s));
  CHECK(w.wake_at() == instant{110s});
  CHECK(close(w, 110s).frontier[b.value].position == lsn{500});
}

TEST_CASE("an idle advance of many bytes is worth a cut at once", "[cut]") {
  auto w = continued({.idle_interval = 10s, .idle_bytes = 1000});
  commit(w, a, 110, 10, 0s);
  both_idle(w);
  close(w, 100s);
  w.progress(b, lsn{1099});
  CHECK_FALSE(w.close(100s));
  w.progress(b, lsn{1100});
  CHECK(close(w, 100s).frontier[b.value].position == lsn{1100});
}

TEST_CASE("a keepalive inside a transaction is no progress", "[cut]") {
  auto w = continued();
  w.begin(a, 10, {});
  w.progress(a, lsn{500});
  CHECK(w.resume(a) == start);
}

// ---- the pace of cuts

TEST_CASE("the first cut waits for no interval", "[cut]") {
  const watermark w(epoch{0}, {std::nullopt}, {.every = 200ms});
  CHECK(w.due(0, true) == instant{0});
}

TEST_CASE("cuts keep the interval", "[cut]") {
  auto w = continued({.every = 200ms});
  commit(w, a, 110, 10, 0s);
  both_idle(w);
  close(w, 100s);
  CHECK(w.due(0, true) == instant{100s + 200ms});
}

TEST_CASE("cuts are larger while a node is catching up and there is room", "[cut]") {
  auto w = continued({.every = 200ms, .catch_up_interval = 5s, .behind_after = 1s});
  commit(w, a, 110, 10, 0s);
  close(w, 100s);
  const auto long_after = std::chrono::microseconds(2s).count();
  CHECK(w.due(long_after, true) == instant{105s});
  CHECK(w.due(long_after, false) == instant{100s + 200ms});
  w.progress(a, lsn{110});
  CHECK(w.due(long_after, true) == instant{100s + 200ms});
}

// ---- durability

TEST_CASE("a cut is confirmed only once it is durable", "[cut]") {
  auto w = continued();
  commit(w, a, 110, 10);
  both_idle(w);
  const auto c = close(w);
  CHECK(w.durable_position(a)->position == start);
  w.durable(c.number);
  CHECK(w.durable_position(a)->position == lsn{110});
}

TEST_CASE("a durable cut makes those before it durable", "[cut]") {
  auto w = continued();
  commit(w, a, 110, 10);
  both_idle(w);
  const auto first = close(w);
  commit(w, a, 120, 20);
  both_idle(w);
  const auto second = close(w);
  w.durable(second.number);
  CHECK(w.durable_position(a)->position == lsn{120});
  w.durable(first.number); // no step back
  CHECK(w.durable_position(a)->position == lsn{120});
}

TEST_CASE("a node that was never in a durable cut has no durable position", "[cut]") {
  auto w = fresh(1);
  CHECK_FALSE(w.durable_position(a));
  CHECK(w.settled(a) == lsn{});
}

TEST_CASE("settled follows a node that has nothing to show", "[cut]") {
  auto w = continued();
  w.progress(a, lsn{300});
  CHECK(w.settled(a) == lsn{300});
}

TEST_CASE("settled stays at the durable position while something is not", "[cut]") {
  auto w = continued();
  const auto pending = [&] { return w.settled(a) == start; };
  commit(w, a, 110, 10);
  w.progress(a, lsn{300});
  CHECK(pending()); // in no cut
  const auto c = close(w);
  CHECK(pending()); // in a cut that is not durable
  w.durable(c.number);
  CHECK(w.settled(a) == lsn{300});
  prepare(w, a, "g1", 310);
  CHECK(w.settled(a) == lsn{300}); // prepared
}

TEST_CASE("settled stays at the durable position while a transaction is open", "[cut]") {
  auto w = continued();
  w.progress(a, lsn{300});
  w.begin(a, 10, {});
  CHECK(w.settled(a) == start);
}

// ---- what holds memory

TEST_CASE("open and prepared transactions are pinned, committed ones are not", "[cut]") {
  auto w = continued();
  const auto prepared = prepare(w, a, "g1", 110);
  commit(w, a, 130, 10);
  const auto open = w.begin(a, 20, {});
  CHECK(w.pinned(a) == ids{open, prepared});
  CHECK(w.pinned(b).empty());
}

TEST_CASE("before the first cut everything is pinned", "[cut]") {
  auto w = fresh(2);
  const auto loaded = w.begin_load(a);
  CHECK(w.pinned(a) == ids{loaded});
  w.end_load(a, lsn{50}, 0s);
  const auto streamed = commit(w, a, 60, 10);
  CHECK(w.pinned(a) == ids{loaded, streamed});
}

// ---- backlogs

TEST_CASE("a node that tells of long ago is catching up, until it is idle or in the present", "[cut]") {
  auto w = continued({.behind_after = 1s});
  CHECK_FALSE(w.catching_up(10'000'000)); // it has told nothing
  commit(w, a, 110, 1'000'000);
  CHECK_FALSE(w.catching_up(2'000'000));
  CHECK(w.catching_up(2'000'001));
  w.progress(a, {});
  CHECK_FALSE(w.catching_up(10'000'000));
}

TEST_CASE("a node that is down does not catch up", "[cut]") {
  auto w = continued();
  commit(w, a, 110, 1'000'000);
  w.node_down(a);
  CHECK_FALSE(w.catching_up(10'000'000));
}

} // namespace
} // namespace weir::cut
