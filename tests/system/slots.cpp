// Slots go with their pipeline, wherever they are, and what one keeps is known.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/system/scenario.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

long long leftovers(scenario& s, const std::string& worker) {
  return s.session(worker).number(
      fmt::format("select (select count(*) from pg_replication_slots where slot_name = '{}') + "
                  "(select count(*) from pg_publication where pubname = 'weir_{}')",
                  s.slot(worker), s.name()));
}

/// The definition without the worker w2.
std::string without_w2(const scenario& s) {
  auto text = s.definition({});
  const auto from = text.find(", w2 \"");
  text.erase(from, text.find('"', from + 6) + 1 - from);
  return text;
}

void run_once(scenario& s) {
  auto weir = s.run();
  s.await_first_cut();
  weir.signal(SIGTERM);
  REQUIRE(weir.wait(20s) == 0);
}

} // namespace

TEST_CASE("drop also cleans nodes that the definition does not name any more") {
  scenario s("departed");
  run_once(s);
  REQUIRE(leftovers(s, "w2") == 2);
  s.define(without_w2(s));
  const auto dropped = s.program({"drop", "FILE"});
  INFO(dropped.out << dropped.err);
  CHECK(dropped.exit_code == 0);
  CHECK_THAT(dropped.out, WEIR_CONTAINS("node w2, read before: slot and publication dropped"));
  CHECK(leftovers(s, "w1") == 0);
  CHECK(leftovers(s, "w2") == 0);
}

TEST_CASE("drop names a node that it cannot reach, with what to run there") {
  scenario s("stranded");
  run_once(s);
  s.define(without_w2(s));
  s.cluster().kill("w2");
  const auto dropped = s.program({"drop", "FILE", "--json"});
  s.cluster().start("w2");
  INFO(dropped.out << dropped.err);
  CHECK(dropped.exit_code == 4);
  CHECK_THAT(dropped.err, WEIR_CONTAINS("node w2: cannot connect"));
  CHECK(leftovers(s, "w1") == 0);
  REQUIRE(leftovers(s, "w2") == 2);
  const auto report = nlohmann::json::parse(dropped.out);
  REQUIRE(report["remaining"].size() == 1);
  s.session("w2").run(report["remaining"][0]["statements"].get<std::string>());
  CHECK(leftovers(s, "w2") == 0);
}
