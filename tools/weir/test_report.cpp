#include "tools/weir/test_report.hpp"

#include <algorithm>
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

std::size_t failures(const std::vector<test_result>& results) {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(), [](const test_result& r) { return r.failed.has_value(); }));
}

std::chrono::nanoseconds time_of(const std::vector<test_result>& results) {
  std::chrono::nanoseconds sum{0};
  for (const auto& r : results) sum += r.took;
  return sum;
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

bool print_summary(const std::vector<test_result>& results) {
  const auto failed = failures(results);
  fmt::print("\n{} test{}: {} passed, {} failed, in {:.2f} s\n", results.size(), results.size() == 1 ? "" : "s",
             results.size() - failed, failed, seconds(time_of(results)));
  return failed == 0;
}

std::string junit_text(const std::string& suite, const dsl::source_text& text,
                       const std::vector<test_result>& results) {
  const auto counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{:.4f}\"", results.size(),
                                  failures(results), seconds(time_of(results)));
  auto out = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n  <testsuite name=\"{}\" {}>\n",
                         counts, xml_text(suite), counts);
  for (const auto& r : results) {
    const auto at = text.locate(r.test->where.file, r.test->where.begin);
    out += fmt::format("    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.4f}\"",
                       xml_text(suite), xml_text(r.test->name), xml_text(text.files[r.test->where.file].name), at.line,
                       seconds(r.took));
    if (!r.failed)
      out += "/>\n";
    else
      out += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                         xml_text(r.failed->message), xml_text(text_of(text, r)));
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

weir::status write_junit(const std::string& path, const std::string& suite, const dsl::source_text& text,
                         const std::vector<test_result>& results) {
  std::ofstream out(path, std::ios::binary);
  out << junit_text(suite, text, results);
  out.close();
  if (out) return {};
  return error{errc::io_failed, fmt::format("cannot write {}: {}", path, std::strerror(errno))};
}

} // namespace weir::program
