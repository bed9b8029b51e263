#include <vector>

#include "tests/unit/cut/watermark_cases.hpp"

/// Nodes that are loaded again, nodes that join, and transactions that follow a move of a shard.
namespace weir::cut {
namespace {

constexpr node_index c{2};
constexpr const char* move_part = "citus_0_9_1_0";
constexpr const char* move_part_b = "citus_0_9_1_1";

const node_position* entry_of(const closed_cut& cut, node_index node) {
  for (const auto& p : cut.frontier)
    if (p.node == node) return &p;
  return nullptr;
}

/// Answers every round with what the nodes have passed, until none is asked for.
void answer_samples(watermark& w, std::vector<std::pair<node_index, lsn>> ends) {
  for (int i = 0; i < 10 && w.wants_samples(); ++i)
    for (const auto& [node, end] : ends)
      if (w.awaits_sample(node)) w.sampled(node, end);
}

// ---- read anew

TEST_CASE("a node that is read anew is in no cut until its load has ended, the others go on", "[cut]") {
  auto w = continued();
  commit(w, a, 110, 1);
  CHECK(w.read_anew(a).size() == 1);
  CHECK(w.unread(a));
  CHECK_FALSE(w.resume(a));
  CHECK_FALSE(w.durable_position(a));
  w.begin_load(a);
  const auto other = commit(w, b, 120, 2);
  w.progress(b, lsn{120});
  const auto cut = close(w);
  CHECK(cut.transactions == ids{other});
  CHECK(entry_of(cut, a) == nullptr); // its row in the frontier stays as it is
  CHECK(w.unread(a));
}

TEST_CASE("a node that is read anew may begin before the position it had", "[cut]") {
  auto w = continued();
  commit(w, a, 500, 1);
  both_idle(w);
  w.durable(close(w).number);
  w.read_anew(a);
  load(w, a, lsn{40}); // another server: its positions are others
  const auto cut = close(w);
  REQUIRE(entry_of(cut, a) != nullptr);
  CHECK(entry_of(cut, a)->position == lsn{40});
  CHECK(entry_of(cut, a)->confirmed == lsn{40});
  CHECK_FALSE(w.unread(a));
  w.durable(cut.number);
  REQUIRE(w.durable_position(a));
  CHECK(w.durable_position(a)->position == lsn{40});
  CHECK(w.resume(a) == lsn{40});
}

TEST_CASE("a cut of the old history that becomes durable late says nothing of the new one", "[cut]") {
  auto w = continued();
  commit(w, a, 500, 1);
  both_idle(w);
  const auto before = close(w);
  w.read_anew(a);
  w.durable(before.number);
  CHECK_FALSE(w.durable_position(a)); // 500 would make the slot forget, and what comes look as if it were shown
  load(w, a, lsn{40});
  const auto id = commit(w, a, 60, 2);
  const auto cut = close(w);
  CHECK(cut.transactions.size() == 2);
  CHECK(cut.transactions.back() == id);
  w.durable(cut.number);
  CHECK(w.durable_position(a)->position == lsn{60});
}

TEST_CASE("nodes that are read together are shown in one cut", "[cut]") {
  auto w = continued();
  w.read_anew(a);
  w.read_anew(b);
  load(w, a, lsn{200});
  commit(w, a, 210, 1);
  CHECK_FALSE(w.close(1h)); // b is still being read
  const auto load_of_b = w.begin_load(b);
  CHECK_FALSE(w.close(2h));
  w.end_load(b, lsn{300}, 0s);
  const auto cut = close(w, 3h);
  CHECK(cut.transactions.size() == 3);
  CHECK(cut.transactions.back() == load_of_b);
  CHECK(entry_of(cut, a)->position == lsn{210});
  CHECK(entry_of(cut, b)->position == lsn{300});
}

TEST_CASE("a load that breaks off begins again, and holds the others that are read", "[cut]") {
  auto w = continued();
  w.read_anew(a);
  w.read_anew(b);
  load(w, a, lsn{200});
  const auto broken = w.begin_load(b);
  CHECK(w.node_down(b) == ids{broken});
  CHECK_FALSE(w.resume(b));
  CHECK(w.resume(a) == lsn{200});
  CHECK_FALSE(w.close(1h));
  load(w, b, lsn{300});
  CHECK(close(w, 2h).transactions.size() == 2);
}

TEST_CASE("what a node had prepared is dropped when it is read anew, and holds nobody", "[cut]") {
  auto w = continued();
  prepare(w, a, "citus_0_1_1_0", 110);
  prepare(w, b, "citus_0_1_1_1", 110);
  decide(w, b, "citus_0_1_1_1", 130);
  CHECK(w.read_anew(a).size() == 1);
  load(w, a, lsn{200});
  w.progress(b, lsn{130});
  answer_samples(w, {{a, lsn{200}}, {b, lsn{130}}});
  const auto cut = close(w);
  CHECK(cut.transactions.size() == 2);
  CHECK(entry_of(cut, a)->confirmed == lsn{200});
}

TEST_CASE("a node that was read anew is isolated until it has caught up with the others", "[cut]") {
  auto w = continued();
  both_idle(w);
  w.read_anew(a);
  CHECK(w.degraded(a));
  load(w, a, lsn{200});
  CHECK(entry_of(close(w), a)->isolated);
  w.progress(a, lsn{220});
  w.progress(b, lsn{130});
  answer_samples(w, {{a, lsn{220}}, {b, lsn{130}}});
  close(w, 2h);
  answer_samples(w, {{a, lsn{220}}, {b, lsn{130}}});
  w.progress(a, lsn{230});
  w.progress(b, lsn{140});
  CHECK_FALSE(entry_of(close(w, 3h), a)->isolated);
}

TEST_CASE("before the first cut a node that is read again holds it", "[cut]") {
  auto w = fresh(2);
  load(w, a, lsn{100});
  load(w, b, lsn{100});
  answer_samples(w, {{a, lsn{100}}, {b, lsn{100}}});
  w.read_anew(a);
  CHECK_FALSE(w.close(1h));
  load(w, a, lsn{300});
  answer_samples(w, {{a, lsn{300}}, {b, lsn{100}}});
  const auto cut = close(w);
  CHECK(cut.number == epoch{1});
  CHECK(entry_of(cut, a)->position == lsn{300});
  CHECK_FALSE(entry_of(cut, a)->isolated);
}

// ---- nodes that join

TEST_CASE("a node that joins a pipeline is loaded, while the others go on, and isolated at first", "[cut]") {
  watermark w(epoch{7}, {position_of(a, start, start), position_of(b, start, start), std::nullopt}, {});
  CHECK(w.unread(c));
  CHECK(w.degraded(c));
  const auto id = commit(w, a, 110, 1);
  both_idle(w);
  const auto before = close(w);
  CHECK(before.transactions == ids{id});
  CHECK(entry_of(before, c) == nullptr);
  load(w, c, lsn{900});
  const auto joined = close(w, 2h);
  CHECK(joined.transactions.size() == 1);
  REQUIRE(entry_of(joined, c) != nullptr);
  CHECK(entry_of(joined, c)->position == lsn{900});
  CHECK(entry_of(joined, c)->isolated);
}

TEST_CASE("a part on a node that has not been loaded holds nobody", "[cut]") {
  watermark w(epoch{7}, {position_of(a, start, start), std::nullopt}, {});
  prepare(w, a, "citus_0_1_1_0", 110);
  decide(w, a, "citus_0_1_1_0", 130);
  w.progress(a, lsn{130});
  answer_samples(w, {{a, lsn{130}}});
  CHECK(close(w).transactions.size() == 1);
}

// ---- what comes after a move

/// Someone writes to the shard on its new owner b, before b has committed its part of the move.
transaction_id early_writer(watermark& w, std::uint64_t end) {
  const auto id = w.begin(b, 2, {});
  w.follows(b, move_part_b);
  REQUIRE_FALSE(w.commit(b, lsn{end}, 2, false, 0s));
  return id;
}

TEST_CASE("a transaction that follows a move is not shown without it", "[cut]") {
  auto w = continued();
  prepare(w, a, move_part, 110);
  prepare(w, b, move_part_b, 110);
  const auto first = commit(w, b, 125, 1);
  const auto early = early_writer(w, 130);
  both_idle(w);
  CHECK(close(w).transactions == ids{first});
  decide(w, a, move_part, 140);
  w.progress(a, lsn{140});
  CHECK_FALSE(w.close(2h)); // b has yet to commit its part
  decide(w, b, move_part_b, 150);
  w.progress(b, lsn{150});
  answer_samples(w, {{a, lsn{140}}, {b, lsn{150}}});
  const auto cut = close(w, 3h);
  CHECK(cut.transactions.size() == 3);
  CHECK(std::find(cut.transactions.begin(), cut.transactions.end(), early) != cut.transactions.end());
}

TEST_CASE("a transaction that follows a move that was shown is free", "[cut]") {
  auto w = continued();
  prepare(w, b, move_part_b, 110);
  decide(w, b, move_part_b, 120);
  w.progress(a, lsn{105});
  w.progress(b, lsn{120});
  answer_samples(w, {{a, lsn{105}}, {b, lsn{120}}});
  close(w);
  const auto id = early_writer(w, 130);
  w.progress(b, lsn{130});
  CHECK(close(w, 2h).transactions == ids{id});
}

TEST_CASE("a transaction that follows a move that was rolled back is free", "[cut]") {
  auto w = continued();
  prepare(w, b, move_part_b, 110);
  const auto id = early_writer(w, 130);
  REQUIRE(w.decide(b, move_part_b, false, lsn{140}, 3, 0s));
  both_idle(w);
  CHECK(close(w).transactions == ids{id});
}

TEST_CASE("where transactions may be shown in part, an early writer still waits for its own node's part of the move",
          "[cut]") {
  watermark_options options;
  options.whole_transactions = false;
  auto w = continued(options);
  prepare(w, b, move_part_b, 110);
  const auto id = early_writer(w, 130);
  both_idle(w);
  CHECK_FALSE(w.close(2h)); // rolled back, it would not be the owner's
  decide(w, b, move_part_b, 140);
  w.progress(b, lsn{140});
  const auto cut = close(w, 3h);
  CHECK(cut.transactions.size() == 2);
  CHECK(cut.transactions.front() == id);
}

TEST_CASE("who takes rows is not shown before the giver's part, also where transactions may be shown in part",
          "[cut]") {
  watermark_options options;
  options.whole_transactions = false;
  options.rows_move = true;
  auto w = continued(options);
  prepare(w, a, move_part, 110);
  prepare(w, b, move_part_b, 110);
  w.takes(b, move_part_b, {a, "citus_0_9_1"});
  decide(w, b, move_part_b, 120);
  both_idle(w);
  CHECK(close(w, 2h).transactions.empty()); // a's part is undecided
  decide(w, a, move_part, 140);
  w.progress(a, lsn{140});
  CHECK(close(w, 3h).transactions.size() == 2);
}

TEST_CASE("parts of a command on one node are shown together, whatever is chosen for transactions", "[cut]") {
  watermark_options options;
  options.whole_transactions = false;
  auto w = continued(options);
  const auto part = [&](const char* gid, std::uint64_t at) {
    w.begin(a, 1, gid);
    w.carries_out(a, "citus_0_1_9");
    w.prepare(a, lsn{at}, lsn{at});
  };
  part("citus_0_1_9_0", 110);
  part("citus_0_1_9_1", 112);
  decide(w, a, "citus_0_1_9_0", 120);
  both_idle(w);
  CHECK_FALSE(w.close(2h));
  decide(w, a, "citus_0_1_9_1", 130);
  w.progress(a, lsn{130});
  CHECK(close(w, 3h).transactions.size() == 2);
}

} // namespace
} // namespace weir::cut
