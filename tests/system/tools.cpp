// What README's commands promise, at sizes that suit a test: the answer is checked, not the speed.

#include "tests/support/catch.hpp"
#include "tests/support/source_file.hpp"
#include "tests/system/scenario.hpp"

#include <unistd.h>

using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// tools/COMMAND…; it takes the program under test from WEIR_PROGRAM instead of building one.
program_outcome tool(const std::vector<std::string>& command) {
  const auto log = (std::filesystem::temp_directory_path() / ("weir-tool-" + std::to_string(::getpid()))).string();
  std::filesystem::remove(log);
  auto words = command;
  words[0] = weir::test::source_file("tools/" + words[0]);
  child_process child(words, log, log);
  const auto code = child.wait(180s);
  if (code < 0) child.kill();
  program_outcome outcome{code, read_file(log), ""};
  std::filesystem::remove(log);
  return outcome;
}

} // namespace

TEST_CASE("the demo's view equals its query") {
  const auto demo = tool({"demo", "--seconds", "4"});
  INFO(demo.out);
  CHECK(demo.exit_code == 0);
  CHECK_THAT(demo.out, WEIR_CONTAINS("view equals query: yes ("));
}

TEST_CASE("the benchmarks give the right answer") {
  const auto drain = tool({"bench", "drain", "--changes", "20000", "--runs", "1"});
  INFO(drain.out);
  CHECK(drain.exit_code == 0);
  CHECK_THAT(drain.out, WEIR_CONTAINS("view equals query: yes (") && WEIR_CONTAINS("ratio"));
  const auto latency = tool({"bench", "latency", "--seconds", "3", "--rate", "200"});
  INFO(latency.out);
  CHECK(latency.exit_code == 0);
  CHECK_THAT(latency.out, WEIR_CONTAINS("p50") && WEIR_CONTAINS("p99"));
  const auto expr = tool({"bench", "expr", "--rows", "5000"});
  INFO(expr.out);
  CHECK(expr.exit_code == 0);
  CHECK_THAT(expr.out, WEIR_CONTAINS("counts agree: yes (5000 rows)"));
  const auto cuts = tool({"bench", "cuts", "--seconds", "2", "--rate", "50"});
  INFO(cuts.out);
  CHECK(cuts.exit_code == 0);
  CHECK_THAT(cuts.out, WEIR_CONTAINS("consistency node") && WEIR_CONTAINS("consistency transaction") &&
                           WEIR_CONTAINS(" 0 at half a transfer") && WEIR_CONTAINS("view equals query: yes ("));
}
