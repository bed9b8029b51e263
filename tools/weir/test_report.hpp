#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "actors/rehearsal/rehearse.hpp"
#include "dsl/bind_test.hpp"
#include "dsl/source_text.hpp"

namespace weir::program {

struct test_result {
  const dsl::bound_test* test = nullptr;
  std::optional<rehearsal::failure> failed;
  std::chrono::nanoseconds took{0};
};

/// The tests of one program.
struct test_suite {
  std::string name; ///< of the pipeline
  dsl::source_text text;
  std::vector<dsl::bound_test> tests = {}; ///< what `results` points to
  std::vector<test_result> results = {};
};

/// The failure as people read it: place, the step as it is written, what was expected and found.
std::string text_of(const dsl::source_text& text, const test_result& result);

/// A line for a test, and its failure below it.
void print_result(const dsl::source_text& text, const test_result& result);
/// The last line. Returns whether all have passed.
bool print_summary(const std::vector<test_suite>& suites);

/// The report as JUnit's XML, as continuous integration reads it: a suite for each program.
std::string junit_text(const std::vector<test_suite>& suites);
/// Errors   `errc::io_failed` the file cannot be written
weir::status write_junit(const std::string& path, const std::vector<test_suite>& suites);

} // namespace weir::program
