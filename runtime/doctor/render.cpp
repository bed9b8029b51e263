#include <sstream>

#include <fmt/format.h>

#include "runtime/doctor/report.hpp"

namespace weir::doctor {

namespace {

constexpr std::size_t line_width = 110;
constexpr std::size_t code_width = 20;
constexpr std::size_t text_column = 12 + code_width; ///< behind "  warning  slot_limit"
constexpr std::size_t cure_column = 13;
constexpr std::size_t name_width = 12;

/// Words broken into lines; all but the first begin at the text's column.
std::string wrapped(const std::string& text) {
  std::string out;
  std::size_t column = text_column;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const bool first = out.empty();
    if (!first && column + 1 + word.size() > line_width) {
      out += "\n" + std::string(text_column, ' ');
      column = text_column;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

/// Each line is kept as it is: it is to be copied.
std::string indented(const std::string& text) {
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out += fmt::format("{:{}}{}\n", "", cure_column, line);
  return out;
}

std::string entry(const finding& f) {
  auto text = fmt::format("  {:<8} {:<{}} {}\n", to_string(f.severity), f.code, code_width, wrapped(f.sentence));
  if (f.severity != severity::ok && !f.cure.empty()) text += indented(f.cure);
  return text;
}

std::string counted(std::size_t n, const char* one, const char* many) {
  if (n == 0) return fmt::format("no {}", many);
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::string section(const report& r, const examined& place, bool verbose) {
  std::size_t well = 0;
  for (const auto& f : r.findings) well += f.place == place.name && f.severity == severity::ok ? 1 : 0;
  const auto head = fmt::format("{:<{}} {}", place.name, name_width, place.about);
  auto text = well > 0 ? fmt::format("{:<{}} {:>3} ok\n", head, line_width - 7, well) : head + "\n";
  for (const auto s : {severity::error, severity::warning, severity::ok})
    for (const auto& f : r.findings)
      if (f.place == place.name && f.severity == s && (verbose || s != severity::ok)) text += entry(f);
  return text;
}

} // namespace

std::string render(const report& r, bool verbose) {
  auto text = fmt::format("pipeline {}{}\n\n", r.pipeline, r.capture.empty() ? "" : ", capture " + r.capture);
  for (const auto& place : r.places) text += section(r, place, verbose);
  text += fmt::format("\n{} ok, {}, {}\n", r.count(severity::ok),
                      counted(r.count(severity::warning), "warning", "warnings"),
                      counted(r.count(severity::error), "error", "errors"));
  return text;
}

} // namespace weir::doctor
