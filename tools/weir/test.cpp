#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "actors/rehearsal/rehearse.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/offline.hpp"
#include "tools/weir/test_report.hpp"

namespace weir::program {
namespace {

using clock = std::chrono::steady_clock;

test_result run_one(const pipeline_plan& plan, const dsl::bound_test& test) {
  const auto began = clock::now();
  auto outcome = rehearsal::rehearse(plan, test.script);
  return {&test, std::move(outcome.failed), clock::now() - began};
}

} // namespace

int test(const command_line& line) {
  auto read = read_definition(line.files, line.config);
  if (!read) {
    print_error(read.error());
    return bad_definition;
  }
  auto& d = *read;
  auto bound = bind_for(d, line);
  std::vector<dsl::bound_test> tests;
  if (bound) tests = bind_tests(d, *bound);
  if (const int code = print_findings(d); code != success) return code;
  if (!bound) {
    print_error(bound.error());
    return server_unfit;
  }
  std::vector<test_result> results;
  for (const auto& t : tests) {
    if (t.name.find(line.filter) == std::string::npos) continue;
    results.push_back(run_one(*bound->plan, t));
    print_result(d.text, results.back());
  }
  if (results.empty()) {
    print_error(
        {errc::config_invalid,
         tests.empty() ? "there is no test in these files" : fmt::format("no test has \"{}\" in its name", line.filter),
         tests.empty() ? "a test is written: test \"NAME\" { … }; docs/language.md has its steps" : ""});
    return failed;
  }
  const bool passed = print_summary(results);
  if (!line.junit.empty()) {
    if (auto written = write_junit(line.junit, bound->plan->name, d.text, results); !written) {
      print_error(written.error());
      return failed;
    }
  }
  return passed ? success : failed;
}

} // namespace weir::program
