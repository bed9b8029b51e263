#include "runtime/cut/watermark.hpp"

#include <chrono>

#include "tests/support/catch.hpp"

namespace weir::cut {
namespace {

using namespace std::chrono_literals;

constexpr node_index a{0};
constexpr node_index b{1};
constexpr lsn start{100};

using ids = std::vector<transaction_id>;

node_position position_of(node_index node, lsn position, lsn confirmed) { return {node, position, confirmed, 0}; }

/// A pipeline of two nodes whose views hold everything up to `start`.
watermark continued(watermark_options options = {}) {
  return {epoch{7}, {position_of(a, start, start), position_of(b, start, start)}, options};
}

/// A pipeline that was never run.
watermark fresh(std::size_t nodes) { return {epoch{}, std::vector<std::optional<node_position>>(nodes), {}}; }

transaction_id commit(watermark& w, node_index node, std::uint64_t end, std::int64_t time_us, instant now = 0s) {
  const auto id = w.begin(node, time_us, {});
  REQUIRE_FALSE(w.commit(node, lsn{end}, time_us, false, now));
  return id;
}

transaction_id prepare(watermark& w, node_index node, const char* gid, std::uint64_t at) {
  const auto id = w.begin(node, 0, gid);
  REQUIRE_FALSE(w.prepare(node, lsn{at}, lsn{at + 10}));
  return id;
}

void decide(watermark& w, node_index node, const char* gid, std::uint64_t end, instant now = 0s) {
  const auto dropped = w.decide(node, gid, true, lsn{end}, 50, now);
  REQUIRE(dropped);
  REQUIRE_FALSE(dropped->has_value());
}

/// Both nodes have nothing more to tell.
void both_idle(watermark& w) {
  w.progress(a, {});
  w.progress(b, {});
}

closed_cut close(watermark& w, instant now = 1h) {
  auto c = w.close(now);
  REQUIRE(c);
  return *std::move(c);
}

void load(watermark& w, node_index node, lsn consistent_point) {
  w.begin_load(node);
  w.end_load(node, consistent_point, 0s);
}

// ---- what is in a cut

TEST_CASE("a cut holds each node's transactions in their commit order", "[cut]") {
  auto w = continued();
  const auto a1 = commit(w, a, 110, 10);
  const auto b1 = commit(w, b, 105, 11);
  const auto a2 = commit(w, a, 120, 5); // its clock went back: its place is still behind a1
  both_idle(w);
  const auto c = close(w);
  CHECK(c.number == epoch{8});
  CHECK(c.transactions == ids{a1, a2, b1});
  CHECK(c.frontier[a.value].position == lsn{120});
  CHECK(c.frontier[b.value].position == lsn{105});
}

TEST_CASE("an open transaction is in no cut", "[cut]") {
  auto w = continued();
  const auto first = commit(w, a, 110, 10);
  w.begin(a, 20, {});
  w.progress(b, {});
  const auto c = close(w);
  CHECK(c.transactions == ids{first});
  CHECK(c.frontier[a.value].position == lsn{110});
}

TEST_CASE("a transaction is in one cut only", "[cut]") {
  auto w = continued();
  commit(w, a, 110, 10);
  both_idle(w);
  close(w);
  CHECK_FALSE(w.close(1h));
}

TEST_CASE("the frontier says the commit time of the last transaction shown", "[cut]") {
  auto w = continued();
  commit(w, a, 110, 10);
  commit(w, a, 120, 30);
  both_idle(w);
  CHECK(close(w).frontier[a.value].commit_time_us == 30);
}

TEST_CASE("nothing new makes no cut", "[cut]") {
  auto w = continued();
  both_idle(w);
  CHECK_FALSE(w.close(1h));
  CHECK_FALSE(w.wake_at());
}

// ---- alignment

TEST_CASE("a transaction waits for a node that has yet to tell of that moment", "[cut]") {
  auto w = continued();
  commit(w, a, 110, 20, 0s);
  const auto other = commit(w, b, 105, 10, 0s);
  const auto c = close(w, 1ms);
  CHECK(c.transactions == ids{other});
  CHECK(c.frontier[a.value].position == start);
  REQUIRE(w.wake_at());
  CHECK(*w.wake_at() == 10ms);
}

TEST_CASE("what follows a transaction that waits, waits with it", "[cut]") {
  auto w = continued();
  commit(w, a, 110, 20, 0s);
  commit(w, a, 120, 5, 0s);
  commit(w, b, 105, 10, 0s);
  CHECK(close(w, 1ms).transactions.size() == 1);
}

TEST_CASE("no transaction waits longer than the alignment", "[cut]") {
  auto w = continued();
  const auto first = commit(w, a, 110, 20, 0s);
  const auto second = commit(w, b, 105, 10, 0s);
  CHECK(close(w, 10ms).transactions == ids{first, second});
}

TEST_CASE("an idle node holds nobody back", "[cut]") {
  auto w = continued();
  const auto first = commit(w, a, 110, 20, 0s);
  w.progress(b, lsn{103});
  CHECK(close(w, 0s).transactions == ids{first});
}

TEST_CASE("a node that is down holds nobody back", "[cut]") {
  auto w = continued();
  commit(w, b, 105, 10, 0s);
  close(w, 0s);
  CHECK(w.node_down(b).empty());
  const auto first = commit(w, a, 110, 20, 0s);
  CHECK(close(w, 0s).transactions == ids{first});
}

TEST_CASE("a node in the middle of a later transaction has told all before it", "[cut]") {
  auto w = continued();
  const auto first = commit(w, a, 110, 20, 0s);
  w.begin(b, 21, {});
  CHECK(close(w, 0s).transactions == ids{first});
}

TEST_CASE("a node in the middle of an earlier transaction holds the others back", "[cut]") {
  auto w = continued();
  commit(w, a, 110, 20, 0s);
  w.begin(b, 20, {});
  CHECK_FALSE(w.close(1ms));
}

// ---- nodes that are waited for

TEST_CASE("wait_for_all closes nothing before every node was heard", "[cut]") {
  auto w = continued({.wait_for_all = true});
  commit(w, a, 110, 20);
  CHECK_FALSE(w.close(1h));
  CHECK_FALSE(w.wake_at()); // only an event can help
  w.progress(b, start);
  CHECK(close(w).transactions.size() == 1);
}

TEST_CASE("wait_for_all closes nothing while a node is down", "[cut]") {
  auto w = continued({.wait_for_all = true});
  both_idle(w);
  commit(w, a, 110, 20);
  w.node_down(b);
  CHECK_FALSE(w.close(1h));
  w.progress(b, start);
  CHECK(close(w).transactions.size() == 1);
}

// ---- the first cut

TEST_CASE("the first cut holds the loads, then what was streamed behind them", "[cut]") {
  auto w = fresh(2);
  const auto load_a = w.begin_load(a);
  const auto load_b = w.begin_load(b);
  w.end_load(a, lsn{50}, 0s);
  const auto streamed = commit(w, a, 60, 1000);
  w.end_load(b, lsn{70}, 0s);
  REQUIRE(w.wants_samples());
  w.sampled(a, lsn{60});
  w.sampled(b, lsn{70});
  const auto c = close(w, 0s);
  CHECK(c.number == epoch{1});
  CHECK(c.transactions == ids{load_a, streamed, load_b});
  CHECK(c.frontier[a.value].position == lsn{60});
  CHECK(c.frontier[b.value].position == lsn{70});
  CHECK(w.first_cut_closed());
}

TEST_CASE("no first cut while a load runs", "[cut]") {
  auto w = fresh(2);
  load(w, a, lsn{50});
  w.begin_load(b);
  CHECK_FALSE(w.wants_samples());
  CHECK_FALSE(w.close(1h));
  CHECK_FALSE(w.wake_at());
}

TEST_CASE("positions are asked for once, when the last load has ended", "[cut]") {
  auto w = fresh(2);
  load(w, a, lsn{50});
  CHECK_FALSE(w.awaits_sample(a));
  load(w, b, lsn{70});
  CHECK(w.wants_samples());
  CHECK_FALSE(w.wants_samples());
  CHECK(w.awaits_sample(a));
  w.sampled(a, lsn{50});
  CHECK_FALSE(w.awaits_sample(a));
  CHECK(w.awaits_sample(b));
}

TEST_CASE("no first cut before every node has passed its sample", "[cut]") {
  auto w = fresh(2);
  load(w, a, lsn{50});
  load(w, b, lsn{70});
  REQUIRE(w.wants_samples());
  w.sampled(a, lsn{50});
  CHECK_FALSE(w.close(1h)); // b has not answered
  w.sampled(b, lsn{90});
  CHECK_FALSE(w.close(1h)); // b is at 70
  CHECK_FALSE(w.wake_at());
  w.progress(b, lsn{90});
  CHECK(close(w).transactions.size() == 2);
}

TEST_CASE("a continued pipeline needs no samples", "[cut]") {
  auto w = continued();
  CHECK_FALSE(w.wants_samples());
  CHECK_FALSE(w.awaits_sample(a));
}

TEST_CASE("a load that breaks off is dropped, and begins again", "[cut]") {
  auto w = fresh(1);
  const auto broken = w.begin_load(a);
  CHECK(w.node_down(a) == ids{broken});
  CHECK_FALSE(w.resume(a));
  const auto again = w.begin_load(a);
  CHECK(again != broken);
  w.end_load(a, lsn{80}, 0s);
  CHECK(w.resume(a) == lsn{80});
  REQUIRE(w.wants_samples());
  w.sampled(a, lsn{80});
  CHECK(close(w).transactions == ids{again});
}

TEST_CASE("a loaded node that breaks off before the first cut streams on", "[cut]") {
  auto w = fresh(2);
  load(w, a, lsn{50});
  commit(w, a, 60, 10);
  CHECK(w.node_down(a).empty());
  CHECK(w.resume(a) == lsn{60});
}

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

// ---- transactions that change nothing

TEST_CASE("an empty transaction is dropped and makes no cut", "[cut]") {
  auto w = continued();
  const auto empty = w.begin(a, 10, {});
  CHECK(w.commit(a, lsn{110}, 10, true, 0s) == empty);
  both_idle(w);
  CHECK_FALSE(w.close(1ms));
}

TEST_CASE("an empty transaction tells the time of its node", "[cut]") {
  auto w = continued();
  const auto first = commit(w, a, 110, 20, 0s);
  w.begin(b, 30, {});
  w.commit(b, lsn{105}, 30, true, 0s);
  CHECK(close(w, 0s).transactions == ids{first});
}

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
