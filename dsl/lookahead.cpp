#include "dsl/lookahead.hpp"

#include <algorithm>
#include <string>

#include "dsl/identifier.hpp"
#include "dsl/syntax.hpp"
#include "dsl/tokens.hpp"

namespace weir::dsl {
namespace {

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Takes one token after the other off a text, without comments.
class token_reader {
public:
  explicit token_reader(std::string_view text) : rest_(text) {}

  /// "" at the end of the text, and where something does not end.
  std::string_view next() {
    for (;;) {
      const auto blanks = std::find_if_not(rest_.begin(), rest_.end(), is_space) - rest_.begin();
      rest_.remove_prefix(static_cast<std::size_t>(blanks));
      const auto token = rest_.substr(0, first_token_length(rest_));
      rest_.remove_prefix(token.size());
      if (!token.starts_with("--") && !token.starts_with("/*")) return token;
    }
  }

  /// Passes over the rest of a parenthesis that is open. False if it does not end.
  bool leave_parenthesis() {
    for (std::size_t depth = 1; depth > 0;) {
      const auto token = next();
      if (token.empty()) return false;
      if (token == "(") ++depth;
      if (token == ")") --depth;
    }
    return true;
  }

private:
  std::string_view rest_;
};

/// May it follow a query, in the parenthesis that is a query as well?
bool goes_on_with_query(std::string_view token) {
  static constexpr std::string_view words[] = {")",     "union",  "intersect", "except", "order",
                                               "limit", "offset", "fetch",     ""};
  return std::find(std::begin(words), std::end(words), fold(token)) != std::end(words);
}

} // namespace

bool encloses_query(std::string_view text) {
  token_reader tokens(text);
  std::size_t open = 0;
  std::string_view token;
  while ((token = tokens.next()) == "(") // deeper ones are refused anyway
    if (++open > max_nesting + 1) return false;
  const auto word = fold(token.substr(0, 8));
  if (open == 0 || (word != "select" && word != "with")) return false;
  for (; open > 1; --open) {
    if (!tokens.leave_parenthesis()) return true;
    token_reader ahead = tokens;
    if (!goes_on_with_query(ahead.next())) return false;
  }
  return true;
}

} // namespace weir::dsl
