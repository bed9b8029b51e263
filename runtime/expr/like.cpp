#include "runtime/expr/like.hpp"

#include "runtime/expr/characters.hpp"

namespace weir {
namespace {

constexpr int max_depth = 10'000;

/// `hopeless`: no longer text would match either, so that outer loops end at once.
enum class verdict : std::uint8_t { yes, no, hopeless, dangling_escape, too_deep };

verdict match(std::string_view text, std::string_view pattern, int depth);

/// What follows a % that was passed over.
verdict match_behind_percent(std::string_view text, std::string_view pattern, int depth) {
  for (; !pattern.empty() && (pattern.front() == '%' || pattern.front() == '_'); pattern.remove_prefix(1)) {
    if (pattern.front() == '%') continue;
    if (text.empty()) return verdict::hopeless;
    text.remove_prefix(first_character(text));
  }
  if (pattern.empty()) return verdict::yes;
  if (pattern == "\\") return verdict::dangling_escape;
  const char first = pattern.front() == '\\' ? pattern[1] : pattern.front();
  for (; !text.empty(); text.remove_prefix(first_character(text))) {
    if (text.front() != first) continue;
    const auto rest = match(text, pattern, depth + 1);
    if (rest != verdict::no) return rest;
  }
  return verdict::hopeless;
}

verdict match(std::string_view text, std::string_view pattern, int depth) {
  if (depth > max_depth) return verdict::too_deep;
  if (pattern == "%") return verdict::yes;
  while (!text.empty() && !pattern.empty()) {
    const char wanted = pattern.front();
    if (wanted == '%') return match_behind_percent(text, pattern.substr(1), depth);
    if (wanted == '_') {
      text.remove_prefix(first_character(text));
      pattern.remove_prefix(1);
      continue;
    }
    if (wanted == '\\') {
      pattern.remove_prefix(1);
      if (pattern.empty()) return verdict::dangling_escape;
    }
    if (pattern.front() != text.front()) return verdict::no;
    text.remove_prefix(1);
    pattern.remove_prefix(1);
  }
  if (!text.empty()) return verdict::no;
  return pattern.find_first_not_of('%') == std::string_view::npos ? verdict::yes : verdict::hopeless;
}

} // namespace

like_outcome match_like(std::string_view text, std::string_view pattern) {
  switch (match(text, pattern, 0)) {
    case verdict::yes: return like_outcome::matches;
    case verdict::dangling_escape: return like_outcome::dangling_escape;
    case verdict::too_deep: return like_outcome::too_deep;
    case verdict::no:
    case verdict::hopeless: break;
  }
  return like_outcome::differs;
}

} // namespace weir
