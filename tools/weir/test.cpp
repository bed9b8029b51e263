#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "actors/rehearsal/rehearse.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/offline.hpp"
#include "tools/weir/programs.hpp"
#include "tools/weir/test_report.hpp"

namespace weir::program {
namespace {

using clock = std::chrono::steady_clock;

test_result run_one(const pipeline_plan& plan, const dsl::bound_test& test) {
  const auto began = clock::now();
  auto outcome = rehearsal::rehearse(plan, test.script);
  return {&test, std::move(outcome.failed), clock::now() - began};
}

/// What the programs of a command line have come to.
class test_run {
public:
  explicit test_run(const command_line& line) : line_(line) {}

  /// Runs the tests of one program. `several`: there may be others, so its name is told.
  int add(const std::vector<std::string>& files, bool several) {
    auto read = read_definition(files, line_.config);
    if (!read) {
      print_error(read.error());
      return bad_definition;
    }
    auto& d = *read;
    auto bound = bind_for(d, line_);
    test_suite suite{d.outline.pipeline, {}};
    if (bound) suite.tests = bind_tests(d, *bound);
    if (const int code = print_findings(d); code != success) return code;
    if (!bound) {
      print_error(bound.error());
      return server_unfit;
    }
    suite.text = std::move(d.text);
    return run(*bound->plan, std::move(suite), several);
  }

  bool empty() const { return suites_.empty(); }
  int finish() const {
    if (suites_.empty()) {
      print_error(
          {errc::config_invalid,
           !any_ ? "there is no test in these files" : fmt::format("no test has \"{}\" in its name", line_.filter),
           !any_ ? "a test is written: test \"NAME\" { … }; docs/language.md has its steps" : ""});
      return failed;
    }
    const bool passed = print_summary(suites_);
    if (line_.junit.empty()) return passed ? success : failed;
    const auto written = write_junit(line_.junit, suites_);
    if (!written) print_error(written.error());
    return written && passed ? success : failed;
  }

private:
  int run(const pipeline_plan& plan, test_suite suite, bool several) {
    any_ = any_ || !suite.tests.empty();
    for (const auto& t : suite.tests) {
      if (t.name.find(line_.filter) == std::string::npos) continue;
      if (several && suite.results.empty()) fmt::print("{}pipeline {}\n", suites_.empty() ? "" : "\n", suite.name);
      suite.results.push_back(run_one(plan, t));
      print_result(suite.text, suite.results.back());
    }
    if (!suite.results.empty()) suites_.push_back(std::move(suite));
    return success;
  }

  const command_line& line_;
  std::vector<test_suite> suites_; ///< of programs that had some test to run
  bool any_ = false;               ///< is there a test, be it one that the filter leaves out?
};

} // namespace

int test(const command_line& line) {
  test_run all(line);
  const bool several = programs_of(line.files).several;
  const int code = for_each_program(line.files, [&](const auto& files) { return all.add(files, several); });
  if (code != success && all.empty()) return code; // there is nothing to sum up
  const int outcome = all.finish();
  return code == success ? outcome : code;
}

} // namespace weir::program
