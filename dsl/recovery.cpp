#include "dsl/recovery.hpp"

#include <algorithm>

namespace weir::dsl {
namespace {

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Does `text` begin like "view NAME", "supervise {" or "memory 256"?
bool begins_statement(std::string_view text) noexcept {
  const auto end = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_letter) - text.begin());
  const auto word = text.substr(0, end);
  const auto same = [&](std::string_view keyword) {
    return word.size() == keyword.size() &&
           std::equal(word.begin(), word.end(), keyword.begin(), [](char a, char b) { return (a | 0x20) == b; });
  };
  if (std::none_of(std::begin(statement_words), std::end(statement_words), same)) return false;
  auto rest = text.substr(end);
  if (rest.empty() || !is_space(rest.front())) return false;
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (rest.empty()) return false;
  if (same("memory")) return rest.front() >= '0' && rest.front() <= '9';
  return is_letter(rest.front()) || rest.front() == '"' || rest.front() == '{';
}

/// The length of the string, quoted name or comment that begins at `text`, or 1.
std::size_t token_length(std::string_view text) noexcept {
  if (text.starts_with("--")) return std::min(text.find('\n'), text.size());
  if (text.starts_with("/*")) {
    const std::size_t length = comment_length(text);
    return length > 0 ? length : text.size();
  }
  const char quote = text.front();
  if (quote != '\'' && quote != '"') return 1;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) return i + 1;
    if (text[i] == '\n') return i;
  }
  return text.size();
}

} // namespace

std::size_t comment_length(std::string_view text) noexcept {
  if (!text.starts_with("/*")) return 0;
  std::size_t depth = 1;
  for (std::size_t i = 2; i + 1 < text.size();) {
    if (text[i] == '*' && text[i + 1] == '/') {
      i += 2;
      if (--depth == 0) return i;
    } else if (text[i] == '/' && text[i + 1] == '*') {
      i += 2;
      ++depth;
    } else {
      ++i;
    }
  }
  return 0;
}

std::size_t skip_length(std::string_view text, bool in_block) noexcept {
  std::size_t depth = 0;
  std::size_t at = 0;
  bool line_begins = false;
  while (at < text.size()) {
    const char c = text[at];
    if (in_block && depth == 0 && c == '}') return std::max<std::size_t>(at, 1);
    if (at > 0 && line_begins && begins_statement(text.substr(at))) return at;
    if (c == '\n') line_begins = true;
    if (!is_space(c)) line_begins = false;
    at += token_length(text.substr(at));
    if (c == '{') ++depth;
    if (c == ';' && depth == 0) return at;
    if (c == '}' && (depth == 0 || --depth == 0)) return at;
  }
  return at;
}

} // namespace weir::dsl
