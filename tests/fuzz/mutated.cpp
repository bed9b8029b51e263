#include "tests/fuzz/mutated.hpp"

#include <algorithm>
#include <iterator>

namespace weir::test {

std::string mutated(std::string text, const std::vector<std::string>& all, seeded_random& random) {
  // clang-format off
  static const char* const words[] = {
    "(", ")", "{", "}", ";", "'", "\"", "/*", "*/", "--",
    "::", "not ", "- ", "in (", ", ", "null", "view ", "select ", "cluster ", "group by ",
    "1e9999", "password=", "\xff", "\n", "case when ", " then ", " else ", " end", "cast(", " as numeric(9,2))",
    "substring(", " from ", " for ", "trim(both ", "position(", " is distinct from ", " is not unknown", " isnull", " || ", " like ",
    "extract(", "coalesce(", "/* c */", "-- c\n", "--c", "case ", " end ", " when ", " union all ", "*",
    "/* a\nb */", "\n\n\n", " ", "\t", " or ", " and ", " between ", " join ", " on ", "with a as (",
    " group by ", ".", "[", "]", ":", "e'\\''", " order by ", "\xef\xbb\xbf", "ä", " as ",
    "test \"t\" {", "1", ".5", "$", "=", "\n-- own\n", "/", "<", "?", "|",
    "exists (", "include \"", "memory ", " GiB", " %", "intersect ", " limit ",
  };
  // clang-format on
  const std::size_t at = random.below(text.size() + 1);
  const std::size_t length = random.below(std::min<std::size_t>(text.size() - at + 1, 40));
  switch (random.below(8)) {
    case 0: return text.erase(at, length);
    case 1: return text.insert(at, text.substr(at, length));
    case 2: {
      const auto& other = all[random.below(all.size())];
      return text.insert(at, other.substr(random.below(other.size() + 1), 4 * length));
    }
    case 3: {
      const auto blank = text.find_first_of(" \n", at);
      if (blank != std::string::npos) text[blank] = text[blank] == ' ' ? '\n' : ' ';
      return text;
    }
    case 4:
      if (at < text.size()) text[at] = static_cast<char>(random.below(256));
      return text;
    default: return text.insert(at, words[random.below(std::size(words))]);
  }
}

} // namespace weir::test
