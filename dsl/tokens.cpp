#include "dsl/tokens.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/identifier.hpp"
#include "dsl/recovery.hpp"

namespace weir::dsl {
namespace {

constexpr std::string_view operator_characters = "+-*/<>=~!@#%^&|`?";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool begins_word(char c) noexcept { return is_word_character(c) && !is_digit(c) && c != '$'; }

std::size_t word_length(std::string_view text, std::size_t from) noexcept {
  while (from < text.size() && is_word_character(text[from])) ++from;
  return from;
}

/// From the quote at `open` to behind the one that ends it; 0 if none does. A doubled quote is one of the content.
std::size_t quoted_end(std::string_view text, std::size_t open, bool escapes) noexcept {
  const char quote = text[open];
  for (std::size_t i = open + 1; i < text.size(); ++i) {
    if (escapes && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (i + 1 == text.size() || text[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return 0;
}

/// The place of the quote of e'…', b'…', x'…', n'…' or u&'…'; 0 if `text` does not begin so.
std::size_t prefix_length(std::string_view text) noexcept {
  if (text.size() < 2) return 0;
  const char letter = static_cast<char>(text[0] | 0x20);
  if (text[1] == '\'' && (letter == 'e' || letter == 'b' || letter == 'x' || letter == 'n')) return 1;
  if (letter == 'u' && text.size() > 2 && text[1] == '&' && (text[2] == '\'' || text[2] == '"')) return 2;
  return 0;
}

std::size_t digits_end(std::string_view text, std::size_t from) noexcept {
  while (from < text.size() && is_digit(text[from])) ++from;
  return from;
}

std::size_t number_length(std::string_view text) noexcept {
  std::size_t end = digits_end(text, 0);
  if (end < text.size() && text[end] == '.' && (end + 1 == text.size() || text[end + 1] != '.'))
    end = digits_end(text, end + 1);
  if (end < text.size() && (text[end] | 0x20) == 'e') {
    const std::size_t sign = end + 1 < text.size() && (text[end + 1] == '+' || text[end + 1] == '-') ? 1 : 0;
    if (const auto exponent = digits_end(text, end + 1 + sign); exponent > end + 1 + sign) end = exponent;
  }
  return word_length(text, end);
}

/// PostgreSQL's rule: the longest run of operator characters before a comment; it ends in + or - only if it holds a
/// character that no arithmetic operator has.
std::size_t operator_length(std::string_view text) noexcept {
  std::size_t end = 0;
  while (end < text.size() && operator_characters.find(text[end]) != std::string_view::npos) {
    const auto rest = text.substr(end);
    if (end > 0 && (rest.starts_with("--") || rest.starts_with("/*"))) break;
    ++end;
  }
  if (text.substr(0, end).find_first_of("~!@#%^&|`?") == std::string_view::npos)
    while (end > 1 && (text[end - 1] == '+' || text[end - 1] == '-')) --end;
  return end;
}

std::size_t dollar_length(std::string_view text) noexcept {
  if (text.starts_with("${"))
    if (const auto close = text.find_first_of("}\n"); close != std::string_view::npos && text[close] == '}')
      return close + 1;
  return std::max<std::size_t>(1, digits_end(text, 1));
}

std::size_t mark_length(std::string_view text) noexcept {
  if (text.starts_with("::") || text.starts_with(":=") || text.starts_with("..")) return 2;
  return std::max<std::size_t>(1, operator_length(text));
}

token_kind kind_of(std::string_view text) noexcept {
  const char c = text.front();
  if (text.starts_with("--")) return token_kind::line_comment;
  if (text.starts_with("/*")) return token_kind::block_comment;
  if (c == '"') return token_kind::quoted;
  if (c == '\'') return token_kind::string;
  if (const auto at = prefix_length(text); at > 0) return text[at] == '"' ? token_kind::quoted : token_kind::string;
  if (begins_word(c) || (c == '$' && text.size() > 1)) return token_kind::word;
  if (is_digit(c) || (c == '.' && text.size() > 1 && is_digit(text[1]))) return token_kind::number;
  return token_kind::mark;
}

diagnostic unterminated(std::uint32_t file, std::string_view text, std::size_t at) {
  const bool comment = text[at] == '/';
  const bool quoted = text[at + (comment ? 0 : prefix_length(text.substr(at)))] == '"';
  const auto end = std::min(text.find('\n', at), text.size());
  return {severity::error, code::unterminated,
          span{file, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)},
          fmt::format("this {} does not end", comment  ? "comment"
                                              : quoted ? "quoted name or connection string"
                                                       : "string"),
          fmt::format("it is closed by {}", comment  ? "*/"
                                            : quoted ? "\""
                                                     : "'")};
}

} // namespace

std::size_t first_token_length(std::string_view text) noexcept {
  if (text.empty() || is_space(text.front())) return 0;
  const char c = text.front();
  if (text.starts_with("--")) {
    auto end = std::min(text.find('\n'), text.size());
    while (is_space(text[end - 1])) --end;
    return end;
  }
  if (text.starts_with("/*")) return comment_length(text);
  if (c == '"' || c == '\'') return quoted_end(text, 0, false);
  if (const auto prefix = prefix_length(text); prefix > 0) return quoted_end(text, prefix, (c | 0x20) == 'e');
  if (begins_word(c)) return word_length(text, 0);
  if (is_digit(c) || (c == '.' && text.size() > 1 && is_digit(text[1]))) return number_length(text);
  return c == '$' ? dollar_length(text) : mark_length(text);
}

std::optional<std::vector<token>> read_tokens(std::uint32_t file, std::string_view text, diagnostics& found) {
  std::vector<token> out;
  std::size_t at = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  std::size_t newlines = 0;
  while (at < text.size()) {
    if (is_space(text[at])) {
      newlines += text[at] == '\n' ? 1 : 0;
      ++at;
      continue;
    }
    const auto length = first_token_length(text.substr(at));
    if (length == 0) {
      found.push_back(unterminated(file, text, at));
      return std::nullopt;
    }
    const auto token_text = text.substr(at, length);
    out.push_back({kind_of(token_text), token_text, at, newlines});
    newlines = 0;
    at += length;
  }
  return out;
}

} // namespace weir::dsl
