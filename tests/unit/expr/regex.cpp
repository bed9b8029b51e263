#include "runtime/expr/regex.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/expr/build.hpp"
#include "tests/unit/expr/values.hpp"

namespace weir::test {
namespace {

bool matches(std::string_view text, std::string_view pattern, regex_options options = {}) {
  const auto made = regex::make(pattern, options);
  REQUIRE(made);
  return (*made)->matches(text);
}

/// Why there is no such pattern.
std::string objection(std::string_view pattern, regex_options options = {}) {
  const auto made = regex::make(pattern, options);
  return made ? "" : made.error().message;
}

TEST_CASE("a regular expression means what it means in PostgreSQL", "[expr]") {
  CHECK(matches("a\nb", "a.b"));
  CHECK(matches("héllo", "^h.llo$"));
  CHECK_FALSE(matches("a\n", "a$"));
  CHECK(matches("a\n", "\\Aa\\n\\Z"));
  CHECK(matches("\n", "[^a]"));
  CHECK(matches("", "a|"));
  CHECK(matches("aab", "^a{2}b"));
  CHECK(matches("a{,2}", "a{,2}$"));
  CHECK(matches("]", "[]a]"));
  CHECK(matches("-", "[a-]"));
  CHECK(matches("ö", "[a-öx]"));
  CHECK(matches("a.b", "a\\.b"));
  CHECK_FALSE(matches("axb", "a\\.b"));
  CHECK(matches("abab", "^(?:(a)b)*?$"));
}

TEST_CASE("upper and lower case of the letters of ASCII alone are one where that is asked for", "[expr]") {
  const regex_options folding{true, true};
  CHECK(matches("ABC", "^[a-b]bc$", folding));
  CHECK_FALSE(matches("A", "[^a]", folding));
  CHECK_FALSE(matches("É", "é", folding));
  CHECK_FALSE(matches("\u212a", "k", folding)); // the sign for kelvin, whose lower case is k
  CHECK(matches("a", "^[[:upper:]]$", folding));
}

TEST_CASE("classes of characters are for collation C", "[expr]") {
  CHECK(matches("a1 _", "^\\w\\d\\s\\w$", {false, true}));
  CHECK(matches("é", "^\\W$", {false, true}));
  CHECK(matches("f", "^[[:xdigit:]]$"));
  CHECK(objection("a\\d").starts_with("\\d, which depends on the locale"));
  CHECK(objection("[[:alpha:]]").starts_with("[:alpha:], which depends on the locale"));
}

TEST_CASE("what RE2 has not, or means otherwise, is named", "[expr]") {
  CHECK(objection("(a)\\1") ==
        "a back reference, or a character by its number in a regular expression, at character 4");
  CHECK(objection("a(?=b)") == "a look ahead or behind in a regular expression, at character 2");
  CHECK(objection("(?i)a") == "an option in a regular expression, at character 1");
  CHECK(objection("ä\\yb").starts_with("\\y, an edge of a word,"));
  CHECK(objection("[[.a.]]").starts_with("a collating element"));
  CHECK(objection("***=a").starts_with("a pattern that begins with ***"));
  CHECK(objection("(?:(?:a{200}){200}){200}").starts_with("a regular expression that repeats too much"));
}

TEST_CASE("what PostgreSQL refuses is refused", "[expr]") {
  for (const char* bad :
       {"*a", "a**", "^*", "(a", "a)", "[a", "a\\", "[b-a]", "[a-b-c]", "a{2,1}", "a{256}", "a{2", "|+"})
    CHECK(objection(bad).starts_with("invalid regular expression: "));
}

TEST_CASE("similar to and like with an escape are other patterns", "[expr]") {
  CHECK(*similar_as_regex("a_%(b|c)", "\\") == "^(?:a..*(?:b|c))$");
  CHECK(*similar_as_regex("a.b^$", "\\") == "^(?:a\\.b\\^\\$)$");
  CHECK(*similar_as_regex("[a%_\\]]x", "!") == "^(?:[a%_\\\\]]x)$");
  CHECK(*similar_as_regex("a!%", "!") == "^(?:a\\%)$");
  CHECK_FALSE(similar_as_regex("a\\\"b", "\\"));
  CHECK(*similar_as_regex("[[:alpha:]]", "\\") == "^(?:[[:alpha:]])$");
  CHECK_FALSE(similar_as_regex("[[ab]%", "\\")); // of minor versions before 2025 the % is in no brackets
  CHECK(like_with_backslash("a!%b", "!") == "a\\%b");
  CHECK(like_with_backslash("a\\b", "") == "a\\\\b");
  CHECK(like_with_backslash("!!%", "!") == "\\!%");
  CHECK(like_with_backslash("a\\%", "\\") == "a\\%");
}

TEST_CASE("a pattern is compiled once, and a null one matches nothing", "[expr]") {
  const auto s = column_of(type_id::text, 0);
  const auto rows = rows_of("s:text\n+ eu-1\n+ us-2\n+ null\n");
  CHECK(values_of(call_of(function::matches, type_id::boolean, {s, constant(type_id::text, "^eu")}), rows) ==
        "t f null");
  CHECK(values_of(call_of(function::matches, type_id::boolean, {s, null_of(type_id::text)}), rows) == "null null null");
  CHECK_FALSE(evaluator::make(call_of(function::matches, type_id::boolean, {s, s})));
}

} // namespace
} // namespace weir::test
