#include "tests/support/golden.hpp"
#include "tests/support/source_file.hpp"
#include "tests/support/wire_capture.hpp"
#include "tests/unit/capture/orders.hpp"

namespace weir {
namespace {

using test::orders_oid;

/// `count` transactions of one row each.
test::wire_builder small_transactions(const pipeline_plan& plan, std::uint64_t count) {
  test::wire_builder wire;
  for (std::uint64_t i = 1; i <= count; ++i) {
    wire.begin(lsn{16 * i}, 7, xid{3});
    if (i == 1) wire.relation(test::orders_relation(plan));
    wire.insert(orders_oid, {std::to_string(i), i % 2 == 0 ? "test" : "eu", "1.00", "1"});
    wire.commit(lsn{16 * i}, lsn{16 * i + 8}, 7);
  }
  return wire;
}

std::vector<capture::item> items_of(const std::vector<capture::effect>& effects) {
  std::vector<capture::item> items;
  for (const auto& e : effects) {
    if (const auto* i = std::get_if<capture::item>(&e)) items.push_back(*i);
  }
  return items;
}

/// The recorded messages as the frames of one stream.
test::wire_builder recorded_stream() {
  test::wire_builder wire;
  for (const auto& m : test::postgres15_capture()) wire.at(m.position).payload(m.payload);
  return wire;
}

/// What the recording holds: orders (all columns in one view, by replica identity only the id in the other), journal.
pipeline_plan recorded_plan() {
  pipeline_plan plan;
  plan.sources.push_back({"orders", "public", "orders", {{"id", test::int8_type, true}}});
  plan.sources.push_back(
      {"journal",
       "public",
       "journal",
       {{"id", test::int4_type, false}, {"payload", test::text_type, false}, {"flag", test::bool_type, false}}});
  view_plan orders;
  orders.inputs = {test::column_of(plan.sources[0], 0)};
  view_plan journal;
  journal.source = 1;
  journal.keys = {test::column_of(plan.sources[1], 2)};
  journal.inputs = {test::column_of(plan.sources[1], 0)};
  plan.views = {orders, journal};
  return plan;
}

} // namespace

TEST_CASE("normalizer: small transactions share one batch, each with its slice") {
  const auto plan = test::by_region_plan();
  auto machine = test::normalizer_of(plan);
  std::vector<capture::effect> out;
  REQUIRE(machine.consume(small_transactions(plan, 10).chunk(), out));
  const auto items = items_of(out);
  REQUIRE(items.size() == 5);
  for (std::uint32_t i = 0; i < items.size(); ++i) {
    CHECK(items[i].rows == items[0].rows);
    CHECK(items[i].first == i);
    CHECK(items[i].last == i + 1);
    if (i > 0) CHECK(capture::joins(items[i - 1], items[i]));
  }
  CHECK(items[0].rows->rows() == 5);
  CHECK_FALSE(capture::joins(items[1], items[0]));
}

TEST_CASE("normalizer: a large transaction leaves in batches while it is read") {
  const auto plan = test::by_region_plan();
  auto machine = test::normalizer_of(plan, {1 << 20, 4});
  std::vector<capture::effect> out;
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(test::orders_relation(plan));
  for (int i = 0; i < 10; ++i) wire.insert(orders_oid, {"1", "eu", "1.00", "1"});
  REQUIRE(machine.consume(wire.chunk(), out));
  REQUIRE(out.size() == 3); // two rows wait
  CHECK(std::holds_alternative<capture::transaction_begin>(out[0]));
  for (const auto& i : items_of(out)) CHECK(i.last - i.first == 4);
  REQUIRE(machine.consume(test::wire_builder().commit(lsn{16}, lsn{32}, 7).chunk(), out));
  REQUIRE(out.size() == 5);
  CHECK(items_of(out)[2].last == 2);
  CHECK(std::holds_alternative<capture::transaction_end>(out[4]));
}

TEST_CASE("normalizer: batches are bounded in bytes") {
  const auto plan = test::by_region_plan();
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(test::orders_relation(plan));
  for (int i = 0; i < 100; ++i) wire.insert(orders_oid, {"1", std::string(1000, 'r'), "1.00", "1"});
  wire.commit(lsn{16}, lsn{32}, 7);
  auto machine = test::normalizer_of(plan, {10'000, 8192});
  std::vector<capture::effect> out;
  REQUIRE(machine.consume(wire.chunk(), out));
  CHECK(items_of(out).size() >= 10);
  for (const auto& i : items_of(out)) CHECK(i.rows->size_bytes() < 12'000);
}

TEST_CASE("normalizer: rows of pg_dist_transaction name the parts of a distributed transaction") {
  const auto plan = test::by_region_plan();
  constexpr table_oid parts{77};
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(test::orders_relation(plan));
  wire.relation({parts,
                 "pg_catalog",
                 "pg_dist_transaction",
                 'n',
                 {{false, "groupid", 23, -1}, {false, "gid", 25, -1}, {false, "outer_xid", 5069, -1}}});
  wire.insert(orders_oid, {"1", "eu", "1.00", "1"});
  wire.insert(parts, {"2", "citus_0_7_1_0", "9"});
  wire.insert(parts, {"3", "citus_0_7_1_1", "9"});
  wire.commit(lsn{16}, lsn{32}, 7);
  // Forgetting it later is no news.
  wire.begin(lsn{48}, 7, xid{4}).remove(parts, pgoutput::old_row::full, {"2", "citus_0_7_1_0", "9"});
  wire.commit(lsn{48}, lsn{64}, 7);
  CHECK(test::effects_of(plan, wire) == "begin final=0/10 time=7 xid=3\n"
                                        "  rows view 0: (+1 eu, 1.00)\n"
                                        "  participant 'citus_0_7_1_0'\n"
                                        "  participant 'citus_0_7_1_1'\n"
                                        "committed at=0/10 end=0/20 time=7\n"
                                        "begin final=0/30 time=7 xid=4\n"
                                        "committed at=0/30 end=0/40 time=7\n");
}

TEST_CASE("normalizer: prepared transactions and their decisions") {
  const auto plan = test::by_region_plan();
  test::wire_builder wire;
  wire.begin_prepare(lsn{16}, lsn{24}, 7, xid{3}, "citus_1_2_3_4").relation(test::orders_relation(plan));
  wire.insert(orders_oid, {"1", "eu", "1.00", "1"});
  wire.prepare(lsn{16}, lsn{24}, 7, xid{3}, "citus_1_2_3_4");
  wire.commit_prepared(lsn{32}, lsn{40}, 8, xid{3}, "citus_1_2_3_4");
  wire.rollback_prepared(lsn{41}, lsn{48}, 9, xid{4}, "long ago");
  CHECK(test::effects_of(plan, wire) ==
        "begin final=0/10 time=7 xid=3 'citus_1_2_3_4'\n"
        "  rows view 0: (+1 eu, 1.00)\n"
        "prepared at=0/10 end=0/18 time=7\n"
        "commit prepared 'citus_1_2_3_4' xid=3 prepare_end=0/0 at=0/20 end=0/28 time=8\n"
        "rollback prepared 'long ago' xid=4 prepare_end=0/29 at=0/0 end=0/30 time=9\n");
}

TEST_CASE("normalizer: keepalives are progress between transactions, heartbeats are empty transactions") {
  const auto plan = test::by_region_plan();
  test::wire_builder wire;
  wire.keepalive(lsn{8}, 5, true).logical_message(false, lsn{9}, "weir", "loose");
  wire.begin(lsn{16}, 7, xid{3}).keepalive(lsn{12}, 6).logical_message(true, lsn{16}, "weir", "tick");
  wire.commit(lsn{16}, lsn{32}, 7).keepalive(lsn{40}, 8);
  CHECK(test::effects_of(plan, wire) == "progress 0/8 time=5 reply\n"
                                        "begin final=0/10 time=7 xid=3\n"
                                        "committed at=0/10 end=0/20 time=7\n"
                                        "progress 0/28 time=8\n");
}

TEST_CASE("normalizer: a literal that is not of its type is found when it is made") {
  auto plan = test::by_region_plan();
  plan.views[0].inputs = {test::literal(test::int4_type, "twelve")};
  const auto made = capture::normalizer::make(plan, {});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == errc::invalid_text_representation);
}

TEST_CASE("normalizer: what PostgreSQL 15 sent") {
  const auto plan = recorded_plan();
  const auto text = test::effects_of(plan, recorded_stream());
  CHECK(text == test::golden(weir::test::source_file("tests/unit/capture/postgres15.effects.txt"), text));
}

TEST_CASE("normalizer: what PostgreSQL 15 sent, in two chunks, is the same wherever it is cut") {
  const auto plan = recorded_plan();
  const auto wire = recorded_stream();
  const auto whole = test::effects_of(plan, wire);
  for (std::size_t cut = 0; cut <= wire.frames(); ++cut) {
    auto machine = test::normalizer_of(plan);
    std::vector<capture::effect> out;
    REQUIRE(machine.consume(wire.slice(0, cut), out));
    REQUIRE(machine.consume(wire.slice(cut, wire.frames()), out));
    REQUIRE(test::to_text(out) == whole);
  }
}

TEST_CASE("normalizer: a chunk cut inside a frame is an error, after what came whole") {
  const auto plan = recorded_plan();
  const auto wire = recorded_stream();
  const std::span<const std::byte> all = wire.chunk();
  std::size_t frame = 0;
  for (std::size_t size = 1; size < all.size(); ++size) {
    if (frame + 1 < wire.frames() && size == wire.slice(0, frame + 1).size()) {
      ++frame;
      continue;
    }
    auto machine = test::normalizer_of(plan);
    std::vector<capture::effect> out;
    const auto outcome = machine.consume(all.first(size), out);
    REQUIRE_FALSE(outcome);
    REQUIRE(outcome.error().code == errc::truncated);
  }
}

} // namespace weir
