#include "tests/unit/capture/orders.hpp"

namespace weir {
namespace {

using pgoutput::old_row;
using test::orders_oid;

std::string lines_of(const pipeline_plan& plan, const std::vector<test::wire_row>& rows) {
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(test::orders_relation(plan));
  for (const auto& row : rows) wire.insert(orders_oid, row);
  wire.commit(lsn{16}, lsn{32}, 7);
  return test::effects_of(plan, wire);
}

} // namespace

TEST_CASE("normalizer: a row that a view cannot compute is dead for that view alone") {
  CHECK(
      lines_of(test::orders_plan(), {{"1", "eu", "1.00", "3"}, {"2", "us", nullptr, "0"}, {"3", "ap", "3.00", "6"}}) ==
      "begin final=0/10 time=7 xid=3\n"
      "  rows view 0: (+1 eu, 1.00) (+1 us, null) (+1 ap, 3.00)\n"
      "  rows view 1: (+1 4) (+1 2)\n"
      "  dead view 1 at 0/10: +1 {id=2, region=us, amount=NULL, pieces=0} division by zero\n"
      "committed at=0/10 end=0/20 time=7\n");
}

TEST_CASE("normalizer: a value that its type does not take kills the row for the views that read it") {
  const auto text = lines_of(test::orders_plan(), {{"1", "eu", "ten", "3"}, {"2", "us", "2.00", "many"}});
  CHECK_THAT(text, WEIR_CONTAINS("  rows view 0: (+1 us, 2.00)\n"));
  CHECK_THAT(text,
             WEIR_CONTAINS("  dead view 0 at 0/10: +1 {id=1, region=eu, amount=ten, pieces=3} invalid input syntax"
                           " for type numeric: \"ten\"\n"));
  CHECK_THAT(text, WEIR_CONTAINS("  rows view 1: (+1 4)\n"));
  CHECK_THAT(text, WEIR_CONTAINS("  dead view 1 at 0/10: +1 {id=2, region=us, amount=2.00, pieces=many}"));
}

TEST_CASE("normalizer: a row is dead once, for its first bad value; a value that no view reads harms nothing") {
  const auto text = lines_of(test::orders_plan(), {{"x", "eu", "ten", "nothing"}, {"y", "us", "1.00", "1"}});
  CHECK(text == "begin final=0/10 time=7 xid=3\n"
                "  rows view 0: (+1 us, 1.00)\n"
                "  dead view 0 at 0/10: +1 {id=x, region=eu, amount=ten, pieces=nothing} invalid input syntax for type "
                "numeric: \"ten\"\n"
                "  rows view 1: (+1 12)\n"
                "  dead view 1 at 0/10: +1 {id=x, region=eu, amount=ten, pieces=nothing} invalid input syntax for type "
                "integer: \"nothing\"\n"
                "committed at=0/10 end=0/20 time=7\n");
}

TEST_CASE("normalizer: a row that its filter cannot compute is dead") {
  auto plan = test::by_region_plan();
  const auto& orders = plan.sources[0];
  const auto share = test::apply(operation::divide, test::int4_type,
                                 {test::literal(test::int4_type, "12"), test::column_of(orders, 3)});
  plan.views[0].filter = test::apply(operation::greater, test::bool_type, {share, test::literal(test::int4_type, "3")});
  CHECK(lines_of(plan, {{"1", "eu", "1.00", "3"}, {"2", "us", "1.00", "0"}, {"3", "ap", "1.00", "6"}}) ==
        "begin final=0/10 time=7 xid=3\n"
        "  rows view 0: (+1 eu, 1.00)\n"
        "  dead view 0 at 0/10: +1 {id=2, region=us, amount=1.00, pieces=0} division by zero\n"
        "committed at=0/10 end=0/20 time=7\n");
}

TEST_CASE("normalizer: what the filter leaves out is never computed") {
  auto plan = test::orders_plan();
  plan.views[1].filter = plan.views[0].filter;
  CHECK(lines_of(plan, {{"1", "test", "1.00", "0"}}) ==
        "begin final=0/10 time=7 xid=3\ncommitted at=0/10 end=0/20 time=7\n");
}

TEST_CASE("normalizer: dead rows stand in the transaction they came in, with its position and their weight") {
  const auto plan = test::orders_plan();
  test::wire_builder wire;
  wire.begin(lsn{16}, 7, xid{3}).relation(test::orders_relation(plan));
  wire.insert(orders_oid, {"1", "test", "1.00", "0"}).commit(lsn{16}, lsn{32}, 7);
  wire.begin(lsn{48}, 8, xid{4}).insert(orders_oid, {"2", "test", "1.00", "2"}).commit(lsn{48}, lsn{64}, 8);
  wire.begin(lsn{80}, 9, xid{5});
  wire.update(orders_oid, old_row::full, {"1", "test", "1.00", "0"}, {"1", "test", "1.00", "1"});
  wire.commit(lsn{80}, lsn{96}, 9);
  CHECK(test::effects_of(plan, wire) ==
        "begin final=0/10 time=7 xid=3\n"
        "  dead view 1 at 0/10: +1 {id=1, region=test, amount=1.00, pieces=0} division by zero\n"
        "committed at=0/10 end=0/20 time=7\n"
        "begin final=0/30 time=8 xid=4\n"
        "  rows view 1: (+1 6)\n"
        "committed at=0/30 end=0/40 time=8\n"
        "begin final=0/50 time=9 xid=5\n"
        "  rows view 1: (+1 12)\n"
        "  dead view 1 at 0/50: -1 {id=1, region=test, amount=1.00, pieces=0} division by zero\n"
        "committed at=0/50 end=0/60 time=9\n");
}

TEST_CASE("normalizer: a dead row's long values are cut, between characters") {
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "ü";
  const auto text = lines_of(test::orders_plan(), {{"1", "x" + umlauts, "1.00", "0"}});
  CHECK_THAT(text, WEIR_CONTAINS("ü..., amount=1.00"));
  CHECK(text.find("region=x" + umlauts.substr(0, 254) + "...") != std::string::npos);
}

} // namespace weir
