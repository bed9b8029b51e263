#include "dsl/environment.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace weir::dsl {
namespace {

bool is_variable(const std::string& name) {
  const auto may_follow = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && (name.front() < '0' || name.front() > '9') &&
         std::all_of(name.begin(), name.end(), may_follow);
}

} // namespace

environment process_environment() {
  return [](const std::string& variable) -> std::optional<std::string> {
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

result<std::string> with_variables(const std::string& conninfo, const environment& from) {
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const auto begin = conninfo.find("${", at);
    out += conninfo.substr(at, begin - at);
    if (begin == std::string::npos) return out;
    const auto end = conninfo.find('}', begin);
    const auto variable = end == std::string::npos ? std::string{} : conninfo.substr(begin + 2, end - begin - 2);
    if (!is_variable(variable))
      return error{errc::config_invalid, "a variable is written ${NAME}", "NAME is of letters, digits and _"};
    const auto value = from(variable);
    if (!value)
      return error{errc::config_invalid, fmt::format("the environment has no variable {}", variable),
                   fmt::format("set it where weir is started: {}=… weir …", variable)};
    out += *value;
    at = end + 1;
  }
}

} // namespace weir::dsl
