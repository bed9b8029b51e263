#include "runtime/cluster/translation.hpp"

#include "runtime/cluster/ownership_tracker.hpp"
#include "tests/support/catch.hpp"

namespace weir {

using change = translation_change;

TEST_CASE("what Citus' translation rests on: moves are told from what loses changes") {
  const translation before{"16384 h s 1;7 16384;99", "1 7 1", {{500, 500}, {501, 501}}};
  auto now = before;
  CHECK(compare(before, now) == change::none);
  SECTION("another shard") { now.tables += ",8 16384"; }
  SECTION("TRUNCATE") { now.files[500] = 777; }
  SECTION("a shard's table is another one, and nothing has moved") {
    now.files.erase(500);
    now.files[600] = 600;
  }
  SECTION("a move, and a TRUNCATE") {
    now.placements = "2 7 2";
    now.files.erase(500);
    now.files[501] = 777;
  }
  const bool same = now == before;
  CHECK(compare(before, now) == (same ? change::none : change::reshaped));
}

TEST_CASE("what Citus' translation rests on: a shard that comes or goes with its placement has moved") {
  const translation before{"16384 h s 1;7 16384;99", "1 7 1", {{500, 500}, {501, 501}}};
  auto gone = before;
  gone.placements = "2 7 2";
  gone.files.erase(500);
  CHECK(compare(before, gone) == change::moved);
  CHECK(compare(gone, before) == change::moved);
}

TEST_CASE("ownership: what the translation rests on is recorded, and only with logical capture") {
  ownership owned(2);
  owned.put(shard{7, 0, {}, 500, "orders_7"});
  CHECK(ownership_tracker(owned).text().find("translated") == std::string::npos);
  owned.translated = translation{"tables", "placements", {{500, 501}}};
  const auto parsed = ownership_tracker::parse(ownership_tracker(owned).text());
  REQUIRE(parsed);
  CHECK(parsed->committed() == owned);
}

} // namespace weir
