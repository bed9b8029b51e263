#include "tests/unit/doctor/healthy.hpp"

namespace weir::doctor {
namespace {

TEST_CASE("the target", "[doctor]") {
  target_facts well;
  well.server = healthy_server();
  well.server.may_create_in_database = true;
  well.wanted_version = 3;
  const auto of = [](const target_facts& t) {
    std::vector<finding> found;
    findings_of out("target", found);
    check_target(t, out);
    return troubles(found);
  };
  CHECK(of(well).empty());
  const auto spoiled = [&](auto spoil) {
    auto t = well;
    spoil(t);
    return of(t);
  };
  using one = std::vector<std::string>;
  CHECK(spoiled([](auto& t) { t.server.may_create_in_database = false; }) == one{"schema: error"});
  CHECK(spoiled([](auto& t) {
          t.schema_there = true;
          t.owns_schema = true;
          t.schema_version = 5;
        }) == one{"schema: error"});
  CHECK(spoiled([](auto& t) { t.schema_there = true; }) == one{"schema: error"});
  CHECK(spoiled([](auto& t) { t.server.synchronous_commit = false; }) == one{"synchronous_commit: error"});
  CHECK(spoiled([](auto& t) {
          t.server.zones = {"Europe/Berlin"};
          t.server.zone_difference = "it has no time zone Europe/Berlin";
        }) == one{"time_zones: error"});
  CHECK(spoiled([](auto& t) {
          t.server.uses_letters = true;
          t.server.letter_difference = "its lower('I') is 'ı'";
        }) == one{"letters: error"});
  CHECK(spoiled([](auto& t) { t.server.in_recovery = true; }) == one{"primary: error"});
  CHECK(spoiled([](auto& t) { t.server.connections = {10, 9}; }) == one{"connections: error"});
  CHECK(spoiled([](auto& t) {
          t.registered = true;
          t.same_definition = false;
        }) == one{"definition: error"});
  CHECK(spoiled([](auto& t) {
          t.sinks = {{"totals", "analytics.totals", error{errc::sink_unfit, "has rows", "TRUNCATE"}}};
        }) == one{"sink: error"});
}

} // namespace
} // namespace weir::doctor
