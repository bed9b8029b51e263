#include "runtime/cluster/consistency.hpp"

#include <regex>

#include <fmt/format.h>

namespace weir {
namespace {

constexpr std::size_t max_pattern_bytes = 1000;

/// Words of our own: what() is another text in every library.
const char* words_for(std::regex_constants::error_type why) noexcept {
  using namespace std::regex_constants;
  // libstdc++ says error_paren of a "*" with nothing in front of it, too.
  if (why == error_paren || why == error_badrepeat)
    return "its parentheses do not match, or *, +, ? or { has nothing to repeat";
  if (why == error_brack) return "a bracket is not closed";
  if (why == error_brace) return "a brace is not closed";
  if (why == error_badbrace) return "between braces stand one or two numbers, the smaller first";
  if (why == error_range) return "a range ends before it begins";
  if (why == error_escape) return "this means nothing behind a backslash, or nothing stands behind it";
  if (why == error_backref) return "it refers to a group that it has not";
  if (why == error_ctype || why == error_collate) return "no class of characters has this name";
  return "it is too large";
}

constexpr const char* example = "for example 'transfer_([0-9]+)_.*': the first group names the whole transaction";

error unfit(std::string message, std::string hint) {
  return {errc::config_invalid, std::move(message), std::move(hint)};
}

} // namespace

const char* to_string(consistency c) noexcept {
  switch (c) {
    case consistency::transaction: return "transaction";
    case consistency::node: return "node";
  }
  return "transaction";
}

status check_transaction_name(const std::string& pattern) {
  if (pattern.empty()) return unfit("this pattern is empty", "without the line, the names that Citus gives count");
  if (pattern.size() > max_pattern_bytes)
    return unfit(fmt::format("this pattern has {} bytes", pattern.size()),
                 fmt::format("at most {}; a name has no more than 200 itself", max_pattern_bytes));
  try {
    const std::regex compiled(pattern, std::regex::ECMAScript);
    if (pattern.find_first_of(".*+?[\\{(|") == std::string::npos)
      return unfit("all that this pattern matches reads alike: all transactions would be one", example);
  } catch (const std::regex_error& e) {
    return unfit(fmt::format("this is no regular expression: {}", words_for(e.code())),
                 fmt::format("ECMAScript's are meant; {}", example));
  }
  return {};
}

} // namespace weir
