#include "tools/weir/test_report.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "runtime/base/xml_text.hpp"

namespace weir::program {
namespace {

double seconds(std::chrono::nanoseconds t) { return std::chrono::duration<double>(t).count(); }

std::string place_text(const dsl::source_text& text, dsl::span where) {
  const auto at = text.locate(where.file, where.begin);
  return fmt::format("{}:{}:{}", text.files[where.file].name, at.line, at.column);
}

/// The line in which it begins, without blanks around it.
std::string line_at(const dsl::source_text& text, dsl::span where) {
  const auto& all = text.files[where.file].text;
  const auto begin = all.find_first_not_of(" \t", all.rfind('\n', where.begin) + 1);
  return all.substr(begin, all.find_first_of("\r\n", begin) - begin);
}

/// How many tests there were, how many of them failed, and how long all took.
struct totals {
  std::size_t tests = 0;
  std::size_t failed = 0;
  std::chrono::nanoseconds took{0};

  void add(const test_suite& suite) {
    for (const auto& r : suite.results) {
      ++tests;
      failed += r.failed ? 1 : 0;
      took += r.took;
    }
  }
  std::string attributes() const {
    return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{:.4f}\"", tests, failed, seconds(took));
  }
};

totals totals_of(const std::vector<test_suite>& suites) {
  totals all;
  for (const auto& suite : suites) all.add(suite);
  return all;
}

std::string junit_text(const test_suite& suite) {
  const auto name = xml_text(suite.name);
  totals own;
  own.add(suite);
  auto out = fmt::format("  <testsuite name=\"{}\" {}>\n", name, own.attributes());
  for (const auto& r : suite.results) {
    const auto at = suite.text.locate(r.test->where.file, r.test->where.begin);
    out += fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.4f}\"", name,
                       xml_text(r.test->name), xml_text(suite.text.files[r.test->where.file].name), at.line,
                       seconds(r.took));
    if (!r.failed)
      out += "/>\n";
    else
      out += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                         xml_text(r.failed->message), xml_text(text_of(suite.text, r)));
  }
  return out + "  </testsuite>\n";
}

} // namespace

std::string text_of(const dsl::source_text& text, const test_result& result) {
  const auto& f = *result.failed;
  const auto where = result.test->places[f.written];
  auto out = fmt::format("{}\n    {}\n{}\n", place_text(text, where), line_at(text, where), f.message);
  for (const auto& l : f.lines) out += fmt::format("    {}\n", l);
  if (!f.hint.empty()) out += fmt::format("hint: {}\n", f.hint);
  return out;
}

void print_result(const dsl::source_text& text, const test_result& result) {
  const bool colours = ::isatty(STDOUT_FILENO) != 0;
  const auto* word = result.failed ? "FAILED" : "ok    ";
  const auto shown = !colours ? std::string(word) : fmt::format("\x1b[{}m{}\x1b[0m", result.failed ? 31 : 32, word);
  fmt::print("{}  {:<70} {:6.1f} ms\n", shown, result.test->name, seconds(result.took) * 1000);
  if (!result.failed) return;
  const auto all = text_of(text, result);
  for (std::size_t at = 0; at < all.size();) {
    const auto end = all.find('\n', at);
    fmt::print("        {}\n", all.substr(at, end - at));
    at = end + 1;
  }
}

bool print_summary(const std::vector<test_suite>& suites) {
  const auto all = totals_of(suites);
  fmt::print("\n{} test{}: {} passed, {} failed, in {:.2f} s\n", all.tests, all.tests == 1 ? "" : "s",
             all.tests - all.failed, all.failed, seconds(all.took));
  return all.failed == 0;
}

std::string junit_text(const std::vector<test_suite>& suites) {
  auto out =
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n", totals_of(suites).attributes());
  for (const auto& suite : suites) out += junit_text(suite);
  return out + "</testsuites>\n";
}

weir::status write_junit(const std::string& path, const std::vector<test_suite>& suites) {
  std::ofstream out(path, std::ios::binary);
  out << junit_text(suites);
  out.close();
  if (out) return {};
  return error{errc::io_failed, fmt::format("cannot write {}: {}", path, std::strerror(errno))};
}

} // namespace weir::program
