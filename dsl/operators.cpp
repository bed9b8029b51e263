#include "dsl/operators.hpp"

#include <algorithm>
#include <iterator>

#include "dsl/tokens.hpp"

namespace weir::dsl {
namespace {

constexpr std::string_view operator_characters = "+-*/<>=~!@#%^&|`?";
constexpr std::string_view joining[] = {"||", "->", "->>", "#>", "#>>", "?",  "?|", "?&",
                                        "@>", "<@", "&&",  "~",  "!~",  "~*", "!~*"};
constexpr std::string_view with_own_level[] = {"+", "-", "*", "/", "%", "=", "<>", "!=", "<", "<=", ">", ">="};

template <std::size_t N>
bool is_one_of(std::string_view token, const std::string_view (&all)[N]) noexcept {
  return std::find(std::begin(all), std::end(all), token) != std::end(all);
}

} // namespace

std::size_t operator_length(std::string_view text, operator_use use) noexcept {
  if (text.empty() || operator_characters.find(text.front()) == std::string_view::npos) return 0;
  if (text.starts_with("--") || text.starts_with("/*")) return 0;
  const auto token = text.substr(0, first_token_length(text));
  const bool joins = is_one_of(token, joining);
  if (use == operator_use::joins) return joins ? token.size() : 0;
  return joins || is_one_of(token, with_own_level) ? 0 : token.size();
}

} // namespace weir::dsl
