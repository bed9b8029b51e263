#include "runtime/expr/time_zone.hpp"

#include <algorithm>

#include "runtime/rows/calendar.hpp"
#include "tests/support/catch.hpp"

namespace weir {
namespace {

std::shared_ptr<const time_zone> zone_called(std::string_view name) {
  auto zone = time_zone::find(name);
  REQUIRE(zone);
  return *std::move(zone);
}

std::int64_t at(std::int64_t year, unsigned month, unsigned day, int hour, int minute = 0) {
  return days_from_civil(year, month, day) * 86'400 + hour * 3'600 + minute * 60;
}

} // namespace

TEST_CASE("a zone is found whatever the case of its name, and goes by summer time for ever", "[expr]") {
  const auto berlin = zone_called("europe/berlin");
  CHECK(berlin->name() == "Europe/Berlin");
  std::size_t place = 0;
  for (const std::int64_t year : {1985, 2024, 2100, 2437, 2438, 2500, 12'345, 200'000}) {
    INFO(year);
    CHECK(berlin->offset_at(at(year, 1, 15, 12), place) == 3'600);
    CHECK(berlin->offset_at(at(year, 7, 15, 12), place) == 7'200);
    CHECK(berlin->moment_of(at(year, 7, 15, 12), place) == at(year, 7, 15, 10));
  }
  CHECK(berlin->offset_at(at(1800, 7, 1, 0), place) == 3'208); // by the sun
}

TEST_CASE("clocks that skip an hour, or show it twice", "[expr]") {
  const auto berlin = zone_called("Europe/Berlin");
  std::size_t place = 0;
  CHECK(berlin->moment_of(at(2024, 3, 31, 1, 59), place) == at(2024, 3, 31, 0, 59));
  CHECK(berlin->moment_of(at(2024, 3, 31, 2, 30), place) == at(2024, 3, 31, 1, 30)); // skipped: as before
  CHECK(berlin->moment_of(at(2024, 3, 31, 3, 0), place) == at(2024, 3, 31, 1, 0));
  CHECK(berlin->moment_of(at(2024, 10, 27, 1, 59), place) == at(2024, 10, 26, 23, 59));
  CHECK(berlin->moment_of(at(2024, 10, 27, 2, 30), place) == at(2024, 10, 27, 1, 30)); // twice: the second
  const auto apia = zone_called("Pacific/Apia");
  CHECK(apia->moment_of(at(2011, 12, 29, 12), place) == at(2011, 12, 29, 22));
  CHECK(apia->moment_of(at(2011, 12, 31, 12), place) == at(2011, 12, 30, 22)); // the 30th was left out
}

TEST_CASE("what is no zone is told, with what may have been meant", "[expr]") {
  const auto misspelt = time_zone::find("Europe/Berlim");
  REQUIRE_FALSE(misspelt);
  CHECK(misspelt.error().message == "no time zone 'Europe/Berlim'");
  CHECK(misspelt.error().hint == "did you mean \"Europe/Berlin\"?");
  for (const auto* name :
       {"CET", "EST5EDT", "+02", "", "Europe/", "right/Europe/Berlin", "../etc/passwd", "posix/Europe/Berlin"})
    CHECK_FALSE(time_zone::find(name));
}

TEST_CASE("the samples of a zone have both sides of each change", "[expr]") {
  const auto berlin = zone_called("Europe/Berlin");
  const auto samples = berlin->samples();
  const auto change = at(2024, 3, 31, 1);
  const auto has = [&](std::int64_t moment, std::int32_t offset) {
    return std::find(samples.begin(), samples.end(), std::pair(moment, offset)) != samples.end();
  };
  CHECK(has(change - 1, 3'600));
  CHECK(has(change, 7'200));
  CHECK(berlin->rules() == zone_called("Europe/Berlin")->rules());
  CHECK(berlin->rules() != zone_called("Europe/Paris")->rules());
}

} // namespace weir
