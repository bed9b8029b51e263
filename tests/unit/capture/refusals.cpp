#include "runtime/capture/binding.hpp"
#include "tests/unit/capture/orders.hpp"

namespace weir {
namespace {

using pgoutput::old_row;
using test::orders_oid;

test::wire_builder opened(const pgoutput::relation& relation) {
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(relation);
  return wire;
}

error changed(void (*change)(std::vector<pgoutput::relation_column>&)) {
  const auto plan = test::by_region_plan();
  auto relation = test::orders_relation(plan);
  change(relation.columns);
  return test::refusal_of(plan, opened(relation)).why;
}

using columns = std::vector<pgoutput::relation_column>;
constexpr std::int32_t numeric_typmod(int precision, int scale) { return ((precision << 16) | scale) + 4; }

} // namespace

TEST_CASE("normalizer: a key is not enough where views need more of the old row") {
  const auto plan = test::by_region_plan();
  const auto relation = test::relation_of(plan.sources[0], orders_oid, 'd', {"id"});
  const auto expect = [&](const test::wire_builder& wire, const std::string& what) {
    const auto refused = test::refusal_of(plan, wire);
    CHECK(refused.why.code == errc::replica_identity);
    CHECK(refused.why.message == "table \"shop\".\"orders\": " + what +
                                     " came without the old values of \"region\", \"amount\", \"pieces\", which its "
                                     "views need");
    CHECK_THAT(refused.why.hint, WEIR_CONTAINS("ALTER TABLE \"shop\".\"orders\" REPLICA IDENTITY FULL;"));
  };
  expect(opened(relation).remove(orders_oid, old_row::key, {"1", nullptr, nullptr, nullptr}), "a DELETE");
  expect(opened(relation).update(orders_oid, {"1", "eu", "1.00", "1"}), "an UPDATE");
  expect(opened(relation).update(orders_oid, old_row::key, {"1", nullptr, nullptr, nullptr}, {"2", "eu", "1.00", "1"}),
         "an UPDATE");
}

TEST_CASE("normalizer: a key is enough where it holds all that views need") {
  const auto plan = test::by_region_plan();
  const auto relation = test::relation_of(plan.sources[0], orders_oid, 'i', {"id", "region", "amount", "pieces"});
  auto wire = opened(relation);
  wire.update(orders_oid, {"1", "eu", "1.00", "1"}); // no column of the identity has changed
  wire.update(orders_oid, old_row::key, {"1", "eu", "1.00", "1"}, {"1", "us", test::unchanged(), "1"});
  wire.remove(orders_oid, old_row::key, {"1", "us", "1.00", "1"}).commit(lsn{16}, lsn{32}, 7);
  CHECK(test::effects_of(plan, wire) == "begin final=0/10 time=7 xid=3\n"
                                        "  rows view 0: (-1 eu, 1.00) (+1 us, 1.00) (-1 us, 1.00)\n"
                                        "committed at=0/10 end=0/20 time=7\n");
}

TEST_CASE("a shard of a partitioned table that lost FULL in a move brings whole old rows under the mark of a key") {
  auto source = test::by_region_plan().sources[0];
  source.partitioned = true;
  const auto bound_to = [&](const char* table, std::initializer_list<std::string_view> key) {
    auto relation = test::relation_of(source, orders_oid, 'd', key);
    relation.table = table;
    auto bound = capture::bind(0, source, relation, capture::wire_types());
    REQUIRE(bound);
    return std::pair{bound->key_suffices, bound->always_old};
  };
  CHECK(bound_to("orders_102008", {"id"}) == std::pair{true, true});
  CHECK(bound_to("orders_102008", {"id", "region", "amount", "pieces"}) == std::pair{true, false});
  CHECK(bound_to("orders", {"id"}) == std::pair{false, false}); // no shard: somebody weakened it
}

TEST_CASE("normalizer: what Citus translates does not tell whose rows a TRUNCATE took away") {
  auto plan = test::by_region_plan();
  const auto relation = test::orders_relation(plan);
  plan.capture = capture_mode::logical;
  for (auto& source : plan.sources) source.kind = table_kind::distributed;
  const auto refused = test::refusal_of(plan, opened(relation).truncate({orders_oid}));
  CHECK(refused.why.code == errc::source_reshaped);
  CHECK_THAT(refused.why.message, WEIR_CONTAINS("was truncated"));
  for (auto& source : plan.sources) source.kind = table_kind::coordinator;
  auto wire = opened(relation); // one that Citus does not know
  wire.truncate({orders_oid}).commit(lsn{16}, lsn{32}, 7);
  CHECK_THAT(test::effects_of(plan, wire), WEIR_CONTAINS("truncate view 0"));
}

TEST_CASE("normalizer: an update without the old row is no silence under REPLICA IDENTITY FULL") {
  const auto plan = test::by_region_plan();
  const auto refused =
      test::refusal_of(plan, opened(test::orders_relation(plan)).update(orders_oid, {"1", "eu", "1.00", "1"}));
  CHECK(refused.why.code == errc::replica_identity);
  CHECK_THAT(refused.why.message, WEIR_CONTAINS("old values of \"id\", \"region\""));
}

TEST_CASE("normalizer: inserts need no replica identity") {
  const auto plan = test::by_region_plan();
  auto wire = opened(test::relation_of(plan.sources[0], orders_oid, 'n'));
  wire.insert(orders_oid, {"1", "eu", "1.00", "1"}).commit(lsn{16}, lsn{32}, 7);
  CHECK_THAT(test::effects_of(plan, wire), WEIR_CONTAINS("(+1 eu, 1.00)"));
}

TEST_CASE("normalizer: a needed column that went or has another type stops the pipeline") {
  auto why = changed([](columns& c) { c.erase(c.begin() + 1); });
  CHECK(why.code == errc::schema_changed);
  CHECK(why.message == "table \"shop\".\"orders\": column \"region\" is gone, or left out of the publication");
  CHECK_THAT(why.hint, WEIR_CONTAINS("weir drop"));

  why = changed([](columns& c) { c[3].type_oid = oid_of(type_id::int8); });
  CHECK(why.message == "table \"shop\".\"orders\": column \"pieces\" is now bigint, was integer");
  why = changed([](columns& c) { c[3].type_oid = 3802; });
  CHECK(why.message == "table \"shop\".\"orders\": column \"pieces\" is now the type with oid 3802, was integer");
  why = changed([](columns& c) { c[2].typmod = numeric_typmod(12, 3); });
  CHECK(why.message == "table \"shop\".\"orders\": column \"amount\" is now numeric(12,3), was numeric(12,2)");
  why = changed([](columns& c) { c[2].typmod = numeric_typmod(14, 2); });
  CHECK(why.code == errc::schema_changed);
  why = changed([](columns& c) { c[2].typmod = -1; });
  CHECK(why.message == "table \"shop\".\"orders\": column \"amount\" is now numeric, was numeric(12,2)");
}

TEST_CASE("normalizer: a type that became narrower still fits") {
  auto plan = test::by_region_plan();
  plan.sources[0].columns[1].type = {type_id::varchar, 20 + 4};
  auto relation = test::orders_relation(plan);
  relation.columns[1].typmod = 10 + 4;
  relation.columns[2].typmod = numeric_typmod(10, 2);
  auto wire = opened(relation);
  wire.commit(lsn{16}, lsn{32}, 7);
  CHECK_FALSE(test::effects_of(plan, wire).empty());

  relation.columns[1].typmod = 21 + 4;
  CHECK(test::refusal_of(plan, opened(relation)).why.code == errc::schema_changed);
}

TEST_CASE("normalizer: binary values are refused by table and column") {
  const auto plan = test::by_region_plan();
  test::wire_row row{"1", "eu", "1.00", "1"};
  row[2].kind = pgoutput::value_kind::binary;
  const auto refused = test::refusal_of(plan, opened(test::orders_relation(plan)).insert(orders_oid, row));
  CHECK(refused.why.code == errc::unsupported);
  CHECK_THAT(refused.why.message, WEIR_CONTAINS("\"shop\".\"orders\": column \"amount\" came in binary form"));
}

TEST_CASE("normalizer: what came before an error is handed out") {
  const auto plan = test::by_region_plan();
  auto wire = opened(test::orders_relation(plan));
  wire.insert(orders_oid, {"1", "eu", "1.00", "1"}).commit(lsn{16}, lsn{32}, 7);
  test::wire_row bad{"1", "eu", "1.00", "1"};
  bad[1].kind = pgoutput::value_kind::binary;
  wire.begin(lsn{48}, 8, xid{4}).insert(orders_oid, {"2", "us", "2.00", "1"}).insert(orders_oid, bad);
  CHECK(test::refusal_of(plan, wire).before == "begin final=0/10 time=7 xid=3\n"
                                               "  rows view 0: (+1 eu, 1.00)\n"
                                               "committed at=0/10 end=0/20 time=7\n"
                                               "begin final=0/30 time=8 xid=4\n"
                                               "  rows view 0: (+1 us, 2.00)\n");
}

TEST_CASE("normalizer: messages out of place are refused") {
  const auto plan = test::by_region_plan();
  const auto relation = test::orders_relation(plan);
  const auto refused = [&](const test::wire_builder& wire, const std::string& words) {
    const auto why = test::refusal_of(plan, wire).why;
    CHECK(why.code == errc::invalid_value);
    CHECK_THAT(why.message, WEIR_CONTAINS(words));
  };
  using builder = test::wire_builder;
  refused(builder().relation(relation).insert(orders_oid, {"1", "eu", "1.00", "1"}), "a row outside a transaction");
  refused(builder().relation(relation).truncate({orders_oid}), "Truncate outside a transaction");
  refused(builder().commit(lsn{1}, lsn{2}, 0), "Commit without Begin");
  refused(builder().prepare(lsn{1}, lsn{2}, 0, xid{1}, "g"), "Prepare without Begin Prepare");
  refused(opened(relation).begin(lsn{1}, 0, xid{1}), "Begin inside a transaction");
  refused(opened(relation).begin_prepare(lsn{1}, lsn{2}, 0, xid{1}, "g"), "Begin Prepare inside a transaction");
  refused(opened(relation).prepare(lsn{1}, lsn{2}, 0, xid{1}, "g"), "Prepare without Begin Prepare");
  refused(opened(relation).commit_prepared(lsn{1}, lsn{2}, 0, xid{1}, "g"), "Commit Prepared inside a transaction");
  refused(opened(relation).rollback_prepared(lsn{1}, lsn{2}, 0, xid{1}, "g"), "Rollback Prepared inside a transaction");
  refused(builder().begin_prepare(lsn{1}, lsn{2}, 0, xid{1}, "g").commit(lsn{1}, lsn{2}, 0), "Commit without Begin");
  refused(opened(relation).insert(table_oid{9}, {"1"}), "no Relation message came for oid 9");
  refused(opened(relation).truncate({table_oid{9}}), "no Relation message came for oid 9");
  refused(opened(relation).insert(orders_oid, {"1", "eu"}), "a row of 2 columns came, its Relation message has 4");
  refused(opened(relation).update(orders_oid, old_row::full, {"1"}, {"1", "eu", "1.00", "1"}), "a row of 1 columns");
}

} // namespace weir
