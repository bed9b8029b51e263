// Views that compute by the clocks of a place.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/system/scenario.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* table = "create table orders (order_id bigint primary key, region text, placed_at timestamptz, "
                              "shipped_at timestamp, amount numeric(12,2))";

pipeline_options by_day_in_berlin() {
  return {.select =
              "select date_trunc('day', placed_at at time zone 'Europe/Berlin') as day, "
              "date_trunc('week', placed_at, 'America/New_York') as week, count(*) as orders, "
              "count(shipped_at at time zone 'Australia/Lord_Howe') as shipped, sum(amount) as revenue from orders "
              "where shipped_at at time zone 'Europe/Dublin' >= placed_at group by 1, 2"};
}

/// Every 20 minutes through two changes of the clocks, and of other centuries.
constexpr const char* rows =
    "insert into orders select row_number() over (), 'r', t, t at time zone 'Europe/Dublin' + interval '1 minute', "
    "1.25 "
    "from (select generate_series(timestamptz '2024-03-30 00:00+00', '2024-04-01 00:00+00', '20 minutes') union all "
    "select generate_series(timestamptz '2024-10-26 00:00+00', '2024-10-28 00:00+00', '20 minutes') union all values "
    "(timestamptz '1850-06-01 00:00+00'), ('2500-07-01 22:30+00'), ('infinity')) as moments(t)";

/// Files by which Berlin's clocks are London's.
class other_zone_files {
public:
  explicit other_zone_files(const std::filesystem::path& in) : dir_(in / "zoneinfo") {
    std::filesystem::create_directories(dir_ / "Europe");
    for (const std::string area : {"America", "Australia"})
      std::filesystem::copy("/usr/share/zoneinfo/" + area, dir_ / area, std::filesystem::copy_options::recursive);
    for (const auto& [name, file] : std::map<std::string, std::string>{{"Berlin", "London"}, {"Dublin", "Dublin"}})
      std::filesystem::copy_file("/usr/share/zoneinfo/Europe/" + file, dir_ / "Europe" / name);
    ::setenv("TZDIR", dir_.c_str(), 1);
  }
  ~other_zone_files() {
    ::unsetenv("TZDIR");
    std::filesystem::remove_all(dir_);
  }
  other_zone_files(const other_zone_files&) = delete;
  other_zone_files& operator=(const other_zone_files&) = delete;

private:
  std::filesystem::path dir_;
};

} // namespace

TEST_CASE("days and weeks begin when the clocks of a zone say so, in the first load and in the stream") {
  scenario s("zones", table);
  s.define(by_day_in_berlin());
  s.session("w1").run(rows);
  auto weir = s.run();
  s.await_first_cut();
  s.expect_view_equals_query();
  s.session("w2").run(rows);
  s.expect_view_equals_query();
  s.session("w1").run(
      "update orders set placed_at = placed_at - interval '1 hour'; delete from orders where order_id % 3 = 0");
  s.expect_view_equals_query();
  CHECK_FALSE(weir.exit_code().has_value());
}

TEST_CASE("a server whose time zone files say otherwise than weir's is not read, and doctor says why") {
  scenario s("zone_files", table);
  auto options = by_day_in_berlin();
  options.supervise += " on schema change stop;";
  s.define(options);
  {
    auto weir = s.run();
    s.await_first_cut();
    weir.signal(SIGTERM);
    CHECK(weir.wait(30s) == 0);
  }
  const other_zone_files files(std::filesystem::path(s.definition_path()).parent_path());
  const auto doctor = s.program({"doctor", "FILE"});
  CHECK(doctor.exit_code != 0);
  CHECK_THAT(doctor.out, WEIR_CONTAINS("by its time zone files Europe/Berlin is"));
  // Its views were computed by other rules than those that there are now.
  CHECK_THAT(doctor.out, WEIR_CONTAINS("registered with another definition"));
  CHECK(s.program({"drop", "FILE"}).exit_code == 0);
  auto weir = s.run();
  CHECK(weir.wait(30s) == 4);
  CHECK(s.logged("by its time zone files Europe/Berlin is 3600 s ahead of UTC"));
  CHECK(s.logged("install the same release of tzdata"));
}
