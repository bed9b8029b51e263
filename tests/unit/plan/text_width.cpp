#include "runtime/plan/text_width.hpp"

#include "tests/support/catch.hpp"

using namespace weir;

TEST_CASE("a line is at least as wide as usual fonts draw it") {
  CHECK(text_width("") == 0);
  CHECK(text_width("iiii") < text_width("mmmm"));
  CHECK(text_width("漢字") >= 2);
  CHECK(text_width("ü") == text_width("漢"));
  CHECK(bold_text_width("mmmm") > 4 * 1.058); // Verdana Bold
  for (char c = ' '; c <= '~'; ++c) CHECK(text_width(std::string(1, c)) > 0.2);
}

TEST_CASE("a text is broken at blanks, and inside of words that are too long") {
  CHECK(wrapped("some words here", 8, 5) == std::vector<std::string>{"some words", "here"});
  CHECK(wrapped("mmmmmm mm", 3, 9) == std::vector<std::string>{"mmm", "mmm", "mm"});
  CHECK(wrapped("ä\nß", 9, 9) == std::vector<std::string>{"ä", "ß"});
  CHECK(wrapped("äääää", 2.3, 9) == std::vector<std::string>{"ää", "ää", "ä"});
  CHECK(wrapped("", 9, 9) == std::vector<std::string>{""});
  CHECK(wrapped("m", 0.1, 9) == std::vector<std::string>{"m"}); // never without end
}

TEST_CASE("of a text with too many lines the last one says that there is more") {
  const auto lines = wrapped("one two three four five six", 3.5, 2);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "one");
  CHECK_THAT(lines[1], WEIR_CONTAINS("…"));
  for (const auto& line : lines) CHECK(text_width(line) <= 3.5);
}
