#include "dsl/secrets.hpp"

#include <algorithm>

#include "dsl/identifier.hpp"

namespace weir::dsl {
namespace {

constexpr std::string_view space = " \t\r\n\v\f";

/// Where the value of `password = value` that begins at `at` ends: libpq's rules, and the string around it.
std::size_t value_end(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '\'') {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == '\'') {
        return i + 1;
      } else if (text[i] == '"') {
        return i;
      }
    }
    return text.size();
  }
  std::size_t i = at;
  while (i < text.size() && space.find(text[i]) == std::string_view::npos && text[i] != '"')
    i += text[i] == '\\' ? 2 : 1;
  return std::min(i, text.size());
}

void find_keyword_values(std::string_view folded, std::string_view text,
                         std::vector<std::pair<std::size_t, std::size_t>>& out) {
  constexpr std::string_view keyword = "password";
  std::size_t next = 0;
  for (std::size_t at = folded.find(keyword); at != std::string_view::npos; at = folded.find(keyword, next)) {
    next = at + keyword.size();
    std::size_t value = text.find_first_not_of(space, next);
    if (value == std::string_view::npos || text[value] != '=') continue;
    value = text.find_first_not_of(space, value + 1);
    if (value == std::string_view::npos) continue;
    next = std::max(next, value_end(text, value));
    if (next > value) out.emplace_back(value, next);
  }
}

/// The names of a URI's parameters may be written with escapes: where there are any, all parameters are hidden.
void find_uri_secrets(std::string_view text, std::vector<std::pair<std::size_t, std::size_t>>& out) {
  std::size_t next = 0;
  for (std::size_t at = text.find("://"); at != std::string_view::npos; at = text.find("://", next)) {
    const std::size_t begin = at + 3;
    next = std::min(text.find_first_of(" \t\r\n\"'", begin), text.size());
    const auto rest = text.substr(begin, next - begin);
    const std::size_t user_end = rest.rfind('@');
    const std::size_t colon = rest.find(':');
    if (user_end != std::string_view::npos && colon < user_end) out.emplace_back(begin + colon + 1, begin + user_end);
    const std::size_t query = rest.find('?');
    if (query != std::string_view::npos && rest.find('%', query) != std::string_view::npos)
      out.emplace_back(begin + query + 1, next);
  }
}

} // namespace

std::vector<std::pair<std::size_t, std::size_t>> secrets_in(std::string_view text) {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  find_keyword_values(fold(text), text, found);
  find_uri_secrets(text, found);
  std::sort(found.begin(), found.end());
  std::vector<std::pair<std::size_t, std::size_t>> merged;
  for (const auto& one : found) {
    if (!merged.empty() && one.first <= merged.back().second)
      merged.back().second = std::max(merged.back().second, one.second);
    else
      merged.push_back(one);
  }
  return merged;
}

bool holds_secret(std::string_view text) { return !secrets_in(text).empty(); }

} // namespace weir::dsl
