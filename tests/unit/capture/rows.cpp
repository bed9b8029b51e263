#include "tests/unit/capture/orders.hpp"

namespace weir {
namespace {

using pgoutput::old_row;
using test::orders_oid;

} // namespace

TEST_CASE("normalizer: inserts, updates and deletes become signed rows of the views") {
  const auto plan = test::by_region_plan();
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(test::orders_relation(plan));
  wire.insert(orders_oid, {"1", "eu", "10.50", "1"});
  wire.insert(orders_oid, {"2", nullptr, "1.00", "1"}); // null <> 'test' is not true
  wire.insert(orders_oid, {"3", "us", nullptr, "1"});
  wire.update(orders_oid, old_row::full, {"1", "eu", "10.50", "1"}, {"1", "ap", "10.50", "1"});
  wire.update(orders_oid, old_row::full, {"3", "us", nullptr, "1"}, {"3", "test", nullptr, "1"});
  wire.remove(orders_oid, old_row::full, {"1", "ap", "10.50", "1"});
  wire.commit(lsn{16}, lsn{32}, 7);
  CHECK(test::effects_of(plan, wire) ==
        "begin final=0/10 time=7 xid=3\n"
        "  rows view 0: (+1 eu, 10.50) (+1 us, null) (-1 eu, 10.50) (+1 ap, 10.50) (-1 us, null) (-1 ap, 10.50)\n"
        "committed at=0/10 end=0/20 time=7\n");
}

TEST_CASE("normalizer: an update that changes no needed column has no effect") {
  const auto plan = test::by_region_plan();
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(test::orders_relation(plan));
  wire.update(orders_oid, old_row::full, {"1", "eu", "10.50", "1"}, {"1", "eu", "10.50", "1"});
  wire.commit(lsn{16}, lsn{32}, 7);
  CHECK(test::effects_of(plan, wire) == "begin final=0/10 time=7 xid=3\ncommitted at=0/10 end=0/20 time=7\n");
}

TEST_CASE("normalizer: an unchanged TOAST value is the old row's") {
  const auto plan = test::by_region_plan();
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(test::orders_relation(plan));
  wire.update(orders_oid, old_row::full, {"1", "long", "1.00", "1"}, {"1", test::unchanged(), "2.00", "1"});
  wire.update(orders_oid, old_row::full, {"1", nullptr, "1.00", "1"}, {"1", test::unchanged(), "2.00", "1"});
  wire.commit(lsn{16}, lsn{32}, 7);
  CHECK(test::effects_of(plan, wire) == "begin final=0/10 time=7 xid=3\n"
                                        "  rows view 0: (-1 long, 1.00) (+1 long, 2.00)\n"
                                        "committed at=0/10 end=0/20 time=7\n");
}

TEST_CASE("normalizer: an unchanged value of a new row is an error") {
  const auto plan = test::by_region_plan();
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(test::orders_relation(plan));
  wire.insert(orders_oid, {"1", test::unchanged(), "1.00", "1"});
  const auto refused = test::refusal_of(plan, wire);
  CHECK(refused.why.code == errc::invalid_value);
  CHECK_THAT(refused.why.message, WEIR_CONTAINS("\"region\" came as unchanged"));
}

TEST_CASE("normalizer: columns are found by name, whatever their order and company") {
  const auto plan = test::by_region_plan();
  auto relation = test::orders_relation(plan);
  std::swap(relation.columns[0], relation.columns[2]);
  relation.columns.insert(relation.columns.begin(), {false, "extra", 16, -1});
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(relation);
  wire.insert(orders_oid, {"t", "5.00", "eu", "1", "2"});
  wire.commit(lsn{16}, lsn{32}, 7);
  CHECK_THAT(test::effects_of(plan, wire), WEIR_CONTAINS("rows view 0: (+1 eu, 5.00)\n"));
}

TEST_CASE("normalizer: a relation may change in the middle of a transaction") {
  const auto plan = test::by_region_plan();
  auto relation = test::orders_relation(plan);
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(relation);
  wire.insert(orders_oid, {"1", "eu", "5.00", "2"});
  relation.columns.push_back({false, "extra", 25, -1});
  wire.relation(relation).insert(orders_oid, {"1", "us", "6.00", "2", "more"});
  wire.commit(lsn{16}, lsn{32}, 7);
  CHECK_THAT(test::effects_of(plan, wire), WEIR_CONTAINS("rows view 0: (+1 eu, 5.00) (+1 us, 6.00)\n"));
}

TEST_CASE("normalizer: tables that are no source are passed over") {
  const auto plan = test::by_region_plan();
  auto elsewhere = test::orders_relation(plan);
  elsewhere.oid = table_oid{7};
  elsewhere.schema = "public";
  elsewhere.columns.resize(1);
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(elsewhere);
  wire.insert(table_oid{7}, {"not even a number"}).truncate({table_oid{7}});
  wire.commit(lsn{16}, lsn{32}, 7);
  CHECK(test::effects_of(plan, wire) == "begin final=0/10 time=7 xid=3\ncommitted at=0/10 end=0/20 time=7\n");
}

TEST_CASE("normalizer: one table may be two sources") {
  auto plan = test::by_region_plan();
  plan.sources.push_back(plan.sources[0]);
  plan.views.push_back(plan.views[0]);
  plan.views[1].source = 1;
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(test::orders_relation(plan));
  wire.update(orders_oid, old_row::full, {"1", "eu", "1.00", "1"}, {"1", test::unchanged(), "2.00", "1"});
  wire.commit(lsn{16}, lsn{32}, 7);
  CHECK(test::effects_of(plan, wire) == "begin final=0/10 time=7 xid=3\n"
                                        "  rows view 0: (-1 eu, 1.00) (+1 eu, 2.00)\n"
                                        "  rows view 1: (-1 eu, 1.00) (+1 eu, 2.00)\n"
                                        "committed at=0/10 end=0/20 time=7\n");
}

TEST_CASE("normalizer: TRUNCATE comes between the rows before it and those after it, for every view") {
  auto plan = test::orders_plan();
  plan.sources.push_back(plan.sources[0]);
  plan.sources[1].table = "returns";
  auto returns = plan.views[0];
  returns.source = 1;
  plan.views.push_back(returns);
  auto returns_relation = test::relation_of(plan.sources[1], table_oid{101}, 'f');
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(test::orders_relation(plan)).relation(returns_relation);
  wire.insert(orders_oid, {"1", "eu", "1.00", "1"});
  wire.insert(table_oid{101}, {"1", "eu", "9.00", "1"});
  wire.truncate({orders_oid});
  wire.insert(orders_oid, {"2", "us", "2.00", "2"});
  wire.truncate({table_oid{101}, orders_oid});
  wire.commit(lsn{16}, lsn{32}, 7);
  CHECK(test::effects_of(plan, wire) == "begin final=0/10 time=7 xid=3\n"
                                        "  rows view 0: (+1 eu, 1.00)\n"
                                        "  rows view 1: (+1 12)\n"
                                        "  rows view 2: (+1 eu, 9.00)\n"
                                        "  truncate view 0\n"
                                        "  truncate view 1\n"
                                        "  rows view 0: (+1 us, 2.00)\n"
                                        "  rows view 1: (+1 6)\n"
                                        "  truncate view 2\n"
                                        "  truncate view 0\n"
                                        "  truncate view 1\n"
                                        "committed at=0/10 end=0/20 time=7\n");
}

} // namespace weir
