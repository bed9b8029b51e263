#include "dsl/explanation.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

namespace weir::dsl {
namespace {

constexpr std::size_t line_width = 100;

std::string wrapped(const char* text) {
  std::istringstream words(text);
  std::string out;
  std::string line;
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + 1 + word.size() > line_width) {
      out += line + '\n';
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + line + '\n';
}

std::string indented(const char* text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) out += "    " + line + '\n';
  return out;
}

} // namespace

const explanation* find_explanation(std::string_view written) {
  const auto all = explanations();
  const auto found = std::find_if(all.begin(), all.end(), [&](const explanation& e) {
    const auto name = to_string(e.code);
    return written.size() == name.size() && (written[0] == 'W' || written[0] == 'w') &&
           written.substr(1) == std::string_view(name).substr(1);
  });
  return found == all.end() ? nullptr : &*found;
}

std::string text_of(const explanation& e) {
  auto out = fmt::format("{}: {}\n\n{}", to_string(e.code), e.title, wrapped(e.cause));
  if (*e.wrong != '\0')
    out += fmt::format("\nThis raises it:\n\n{}\nThis does not:\n\n{}", indented(e.wrong), indented(e.mended));
  return out;
}

} // namespace weir::dsl
