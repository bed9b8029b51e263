#include "runtime/base/ids.hpp"

#include <limits>
#include <type_traits>
#include <unordered_set>

#include "runtime/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace weir {
namespace {

static_assert(!std::is_convertible_v<std::uint64_t, lsn>);
static_assert(!std::is_convertible_v<lsn, epoch>);
static_assert(!std::is_same_v<lsn, epoch>);

TEST_CASE("a position is written as PostgreSQL writes pg_lsn", "[base]") {
  CHECK(to_string(lsn{}) == "0/0");
  CHECK(to_string(lsn{0x16'B374D848}) == "16/B374D848");
  CHECK(to_string(lsn{0x1'00000000}) == "1/0");
  CHECK(to_string(lsn{std::numeric_limits<std::uint64_t>::max()}) == "FFFFFFFF/FFFFFFFF");
}

TEST_CASE("any position reads back as it was written", "[base]") {
  seeded_random random(test::seed());
  for (int i = 0; i < 1000; ++i) {
    const lsn position{random.next() >> random.below(64)};
    const auto read = parse_lsn(to_string(position));
    REQUIRE(read);
    REQUIRE(*read == position);
  }
}

TEST_CASE("lower case and leading zeros are read too", "[base]") {
  const auto read = parse_lsn("00000016/b374d848");
  REQUIRE(read);
  CHECK(*read == lsn{0x16'B374D848});
}

TEST_CASE("what is not a position is refused and named", "[base]") {
  for (const auto* text : {"", "/", "1", "1/", "/1", "1/2/3", "g/1", "1/g", " 1/2", "1/2 ", "-1/2", "1/-2", "+1/2",
                           "0x1/2", "123456789/0", "0/123456789"}) {
    INFO(text);
    const auto read = parse_lsn(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::invalid_value);
    CHECK_THAT(read.error().message, WEIR_CONTAINS(std::string("\"") + text + "\""));
  }
}

TEST_CASE("ids compare and hash by their value", "[base]") {
  CHECK(lsn{1} < lsn{2});
  CHECK(lsn{} == lsn{0});
  const std::unordered_set<xid> ids{xid{1}, xid{2}, xid{1}};
  CHECK(ids.size() == 2);
}

} // namespace
} // namespace weir
