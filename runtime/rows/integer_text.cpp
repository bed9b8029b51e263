#include "runtime/rows/integer_text.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace weir {
namespace {

char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_prefix_of(std::string_view text, std::string_view word, std::size_t at_least) noexcept {
  if (text.size() < at_least || text.size() > word.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (to_lower(text[i]) != word[i]) return false;
  }
  return true;
}

} // namespace

std::string_view trim_blanks(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

parse_outcome parse_integer_slowly(std::string_view text, std::int64_t& value) noexcept {
  text = trim_blanks(text);
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  if (text.empty()) return parse_outcome::syntax;
  std::uint64_t size = 0;
  bool overflow = false;
  for (const char c : text) {
    if (!is_digit(c)) return parse_outcome::syntax;
    overflow |= __builtin_mul_overflow(size, std::uint64_t{10}, &size);
    overflow |= __builtin_add_overflow(size, static_cast<std::uint64_t>(c - '0'), &size);
  }
  const auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  if (overflow || size > limit) return parse_outcome::out_of_range;
  value = static_cast<std::int64_t>(negative ? 0 - size : size);
  return parse_outcome::ok;
}

parse_outcome parse_boolean(std::string_view text, std::int64_t& value) noexcept {
  struct spelling {
    const char* word;
    std::size_t at_least;
    bool value;
  };
  static constexpr std::array<spelling, 8> spellings{{{"true", 1, true},
                                                      {"false", 1, false},
                                                      {"yes", 1, true},
                                                      {"no", 1, false},
                                                      {"on", 2, true},
                                                      {"off", 2, false},
                                                      {"1", 1, true},
                                                      {"0", 1, false}}};
  text = trim_blanks(text);
  for (const auto& s : spellings) {
    if (!is_prefix_of(text, s.word, s.at_least)) continue;
    value = s.value ? 1 : 0;
    return parse_outcome::ok;
  }
  return parse_outcome::syntax;
}

void write_integer(std::int64_t value, std::string& out) {
  std::array<char, 24> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), written.ptr);
}

} // namespace weir
