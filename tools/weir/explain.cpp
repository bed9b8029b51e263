#include <fmt/format.h>

#include "dsl/explanation.hpp"
#include "runtime/base/suggest.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"

namespace weir::program {

int explain(const command_line& line) {
  if (line.code.empty()) {
    for (const auto& e : dsl::explanations()) fmt::print("{}  {}\n", to_string(e.code), e.title);
    return success;
  }
  if (const auto* e = dsl::find_explanation(line.code)) {
    fmt::print("{}", text_of(*e));
    return success;
  }
  std::vector<std::string> codes;
  for (const auto& e : dsl::explanations()) codes.push_back(to_string(e.code));
  auto hint = did_you_mean(line.code, codes);
  if (hint.empty()) hint = "weir explain lists the codes";
  print_error({errc::invalid_value, fmt::format("there is no code {}", line.code), std::move(hint)});
  return bad_command_line;
}

} // namespace weir::program
