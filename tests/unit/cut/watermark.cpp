#include "tests/unit/cut/watermark_cases.hpp"

namespace weir::cut {
namespace {

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

} // namespace
} // namespace weir::cut
