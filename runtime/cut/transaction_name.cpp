#include "runtime/cut/transaction_name.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace weir::cut {
namespace {

constexpr std::string_view citus_prefix = "citus_";

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<distributed_name> citus_name(std::string_view gid) {
  if (!gid.starts_with(citus_prefix)) return std::nullopt;
  std::array<std::string_view, 4> fields;
  auto rest = gid.substr(citus_prefix.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto end = i + 1 < fields.size() ? rest.find('_') : rest.size();
    if (end == std::string_view::npos) return std::nullopt;
    fields[i] = rest.substr(0, end);
    if (!is_number(fields[i])) return std::nullopt;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  std::uint32_t group = 0;
  const auto read = std::from_chars(fields[0].data(), fields[0].data() + fields[0].size(), group);
  if (read.ec != std::errc{}) return std::nullopt;
  return distributed_name{std::string(gid.substr(0, gid.rfind('_'))), group};
}

} // namespace

result<name_rule> name_rule::make(const std::string& pattern) {
  name_rule rule;
  if (pattern.empty()) return rule;
  try {
    rule.pattern_ = std::make_shared<const std::regex>(pattern, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error& e) {
    return error{errc::invalid_value,
                 fmt::format("transaction name '{}' is no regular expression: {}", pattern, e.what())};
  }
  return rule;
}

std::optional<distributed_name> name_rule::match(std::string_view gid) const {
  if (auto name = citus_name(gid)) return name;
  if (!pattern_) return std::nullopt;
  std::match_results<std::string_view::const_iterator> found;
  if (!std::regex_search(gid.begin(), gid.end(), found, *pattern_)) return std::nullopt;
  const std::size_t group = found.size() > 1 && found[1].matched ? 1 : 0;
  return distributed_name{found[group].str(), std::nullopt};
}

} // namespace weir::cut
