#include "runtime/base/result.hpp"

#include <memory>
#include <string>

#include "tests/support/catch.hpp"

namespace weir {
namespace {

const error failure{errc::timeout, "too late", "wait"};

result<int> parsed(bool well) {
  if (!well) return failure;
  return 7;
}

result<std::string> doubled(bool well) {
  WEIR_ASSIGN(const int n, parsed(well));
  return std::to_string(2 * n);
}

status tried(bool well, bool& passed) {
  WEIR_TRY(parsed(well));
  passed = true;
  return {};
}

TEST_CASE("a result holds a value or an error", "[base]") {
  const auto good = parsed(true);
  REQUIRE(good);
  CHECK(*good == 7);
  const auto bad = parsed(false);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == errc::timeout);
  CHECK(bad.error().hint == "wait");
}

TEST_CASE("a status is well unless it has an error", "[base]") {
  CHECK(status{});
  CHECK_FALSE(status{failure});
}

TEST_CASE("a value that only moves can be taken out", "[base]") {
  result<std::unique_ptr<int>> made(std::make_unique<int>(3));
  const auto taken = *std::move(made);
  CHECK(*taken == 3);
}

TEST_CASE("WEIR_ASSIGN gives the value or returns the error", "[base]") {
  REQUIRE(doubled(true));
  CHECK(*doubled(true) == "14");
  REQUIRE_FALSE(doubled(false));
  CHECK(doubled(false).error().message == "too late");
}

TEST_CASE("WEIR_TRY goes on or returns the error", "[base]") {
  bool passed = false;
  CHECK_FALSE(tried(false, passed));
  CHECK_FALSE(passed);
  CHECK(tried(true, passed));
  CHECK(passed);
}

TEST_CASE("every error code has a name of its own and a kind", "[base]") {
  CHECK(std::string(to_string(errc::slot_in_use)) == "slot_in_use");
  CHECK(kind_of(errc::slot_in_use) == failure_kind::transient);
  CHECK(kind_of(errc::slot_missing) == failure_kind::fatal);
  CHECK(kind_of(errc::division_by_zero) == failure_kind::poison);
  for (int code = 0; code <= static_cast<int>(errc::invalid_text_representation); ++code)
    CHECK(std::string(to_string(static_cast<errc>(code))) != "unknown");
}

} // namespace
} // namespace weir
