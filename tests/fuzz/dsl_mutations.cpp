#include <algorithm>
#include <filesystem>
#include <vector>

#include "dsl/outline.hpp"
#include "runtime/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/compile.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/source_file.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<std::string> samples() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(fs::path(weir::test::source_file("tests/golden/diagnostics"))))
    if (entry.path().extension() == ".pipe") out.push_back(weir::test::read_text(entry.path().string()));
  std::sort(out.begin(), out.end());
  return out;
}

/// One change of a text: a byte, a piece of it or of another sample, a word or a mark of the language.
std::string mutated(std::string text, const std::vector<std::string>& all, weir::seeded_random& random) {
  static const char* const words[] = {"(",
                                      ")",
                                      "{",
                                      "}",
                                      ";",
                                      "'",
                                      "\"",
                                      "/*",
                                      "*/",
                                      "--",
                                      "::",
                                      "not ",
                                      "- ",
                                      "in (",
                                      ", ",
                                      "null",
                                      "view ",
                                      "select ",
                                      "cluster ",
                                      "group by ",
                                      "1e9999",
                                      "password=",
                                      "\xff",
                                      "\n",
                                      "case when ",
                                      " then ",
                                      " else ",
                                      " end",
                                      "cast(",
                                      " as numeric(9,2))",
                                      "substring(",
                                      " from ",
                                      " for ",
                                      "trim(both ",
                                      "position(",
                                      " is distinct from ",
                                      " is not unknown",
                                      " isnull",
                                      " || ",
                                      " like ",
                                      "extract(",
                                      "coalesce("};
  const std::size_t at = random.below(text.size() + 1);
  const std::size_t length = random.below(std::min<std::size_t>(text.size() - at + 1, 40));
  switch (random.below(5)) {
    case 0: return text.erase(at, length);
    case 1: return text.insert(at, words[random.below(std::size(words))]);
    case 2: return text.insert(at, text.substr(at, length));
    case 3: {
      const auto& other = all[random.below(all.size())];
      return text.insert(at, other.substr(random.below(other.size() + 1), length));
    }
    default:
      if (at < text.size()) text[at] = static_cast<char>(random.below(256));
      return text;
  }
}

} // namespace

TEST_CASE("no text of a program breaks the front end") {
  weir::seeded_random random(weir::test::seed());
  const auto all = samples();
  REQUIRE(all.size() > 20);
  const weir::test::schema_text schema(weir::test::read_text(weir::test::source_file("tests/golden/schema.txt")));
  for (int round = 0; round < 5000; ++round) {
    std::string text = all[random.below(all.size())];
    for (std::uint64_t i = random.below(8) + 1; i > 0; --i) text = mutated(std::move(text), all, random);
    const auto done = weir::test::compile(text, schema);
    // no plan without a reason, and every reason can be shown
    if (!done.plan) REQUIRE(weir::dsl::has_errors(done.found));
    for (const auto& d : done.found) REQUIRE_FALSE(render(done.text, d).empty());
  }
}
