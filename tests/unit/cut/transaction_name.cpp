#include "runtime/cut/transaction_name.hpp"

#include "tests/support/catch.hpp"

namespace weir::cut {
namespace {

TEST_CASE("Citus' names: the first three fields are the distributed transaction's", "[cut]") {
  const name_rule rule;
  const auto name = rule.match("citus_12_21031_10_3");
  REQUIRE(name);
  CHECK(name->name == "citus_12_21031_10");
  CHECK(name->initiator == 12);
  CHECK(rule.match("citus_0_7_18446744073709551615_0")->initiator == 0);
}

TEST_CASE("what only looks like a name of Citus stands alone", "[cut]") {
  const name_rule rule;
  for (const auto* gid : {"", "citus_", "citus_0_1_2", "citus_0_1_2_", "citus_0_1_2_3_4", "citus_0_1_x_3",
                          "citus__1_2_3", "citus_99999999999_1_2_3", "Citus_0_1_2_3", "transfer-7"})
    CHECK_FALSE(rule.match(gid));
}

TEST_CASE("an application's names: the first group of its pattern, or all that matches", "[cut]") {
  const auto grouped = name_rule::make("^(xfer-[0-9]+)/");
  REQUIRE(grouped);
  CHECK(grouped->match("xfer-17/w1")->name == "xfer-17");
  CHECK_FALSE(grouped->match("xfer-17/w1")->initiator);
  CHECK_FALSE(grouped->match("other-17/w1"));
  CHECK(grouped->match("citus_0_1_2_3")->name == "citus_0_1_2");
  const auto whole = name_rule::make("^xfer-[0-9]+");
  REQUIRE(whole);
  CHECK(whole->match("xfer-17/w1")->name == "xfer-17");
}

TEST_CASE("a pattern that is none is an error that shows it", "[cut]") {
  const auto rule = name_rule::make("(xfer");
  REQUIRE_FALSE(rule);
  CHECK_THAT(rule.error().message, WEIR_CONTAINS("'(xfer'"));
}

} // namespace
} // namespace weir::cut
