#include "runtime/cluster/consistency.hpp"
#include "tests/support/catch.hpp"

namespace {

std::string fault_of(const std::string& pattern) {
  const auto fit = weir::check_transaction_name(pattern);
  return fit ? "none" : fit.error().message;
}

} // namespace

TEST_CASE("patterns that name transactions") {
  for (const auto* fit : {"transfer_([0-9]+)_.*", "(pay|refund)-[^-]+", "^x\\d{3}", "a|b", ".*"})
    CHECK(fault_of(fit) == "none");
}

TEST_CASE("patterns that cannot be read say why, and never end the program") {
  for (const auto* unfit :
       {"a(", "a)(", "*a", "+", "a{2,1}", "a{x}", "[b-a]", "[a", "a\\", "(a)\\2", "[[:letters:]]"}) {
    INFO(unfit);
    CHECK_THAT(fault_of(unfit), WEIR_CONTAINS("this is no regular expression: "));
  }
  CHECK_THAT(fault_of("(((a{999}){999}){999})"), WEIR_CONTAINS("too large"));
  CHECK_THAT(fault_of(std::string(1000, '(')), WEIR_CONTAINS("this is no regular expression"));
  CHECK(fault_of(std::string(500, '(') + std::string(500, ')')) == "none");
  CHECK(fault_of(std::string(1'000'000, '(')) == "this pattern has 1000000 bytes");
  CHECK(fault_of("") == "this pattern is empty");
}

TEST_CASE("a pattern that names all transactions alike is none") {
  CHECK_THAT(fault_of("transfer_"), WEIR_CONTAINS("reads alike"));
  CHECK_THAT(fault_of("^transfer$"), WEIR_CONTAINS("reads alike"));
}
