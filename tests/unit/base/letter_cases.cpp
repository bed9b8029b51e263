#include "runtime/base/letter_cases.hpp"

#include "tests/support/catch.hpp"

using weir::letter_cases;

namespace {

std::string lower(const letter_cases& cases, std::string_view text) {
  std::vector<char> out;
  cases.append_lower(text, out);
  return {out.begin(), out.end()};
}

std::string upper(const letter_cases& cases, std::string_view text) {
  std::vector<char> out;
  cases.append_upper(text, out);
  return {out.begin(), out.end()};
}

} // namespace

TEST_CASE("letters become what their pairs say, all else stays") {
  const auto cases = letter_cases::read("AaZzÄäẞß𐐀𐐨", "aAßẞ");
  REQUIRE(cases);
  CHECK(lower(*cases, "") == "");
  CHECK(lower(*cases, "AZB ÄäÖ ẞ 𐐀 漢\n") == "azB ääÖ ß 𐐨 漢\n");
  CHECK(lower(*cases, "A\xff\xc3(A\xe2\x82") == "a\xff\xc3(a\xe2\x82"); // no UTF-8
  CHECK(upper(*cases, "aB ßä") == "AB ẞä");
  CHECK(cases->same("ÄA", "äa"));
  CHECK_FALSE(cases->same("ÄA", "äb"));
  CHECK_FALSE(cases->same("aä", "a"));
}

TEST_CASE("a letter of ASCII may become another one") {
  const auto cases = letter_cases::read("AaIıİi", "");
  REQUIRE(cases);
  CHECK(lower(*cases, "AIDA İ") == "aıDa i");
}

TEST_CASE("Unicode's letters are more than ASCII's") {
  const auto& cases = *letter_cases::of_unicode();
  CHECK(lower(cases, "WEIR ÀÉÎ ΑΣ Ж") == "weir àéî ασ ж"); // one by one: no ς at the end of a word
  CHECK(upper(cases, "weir àéî ας ß") == "WEIR ÀÉÎ ΑΣ ß");
  CHECK(cases.digest() != letter_cases::read("Aa", "aA")->digest());
}

TEST_CASE("what is no list of pairs is none") {
  CHECK(letter_cases::read("Aab", "") == nullptr);
  CHECK(letter_cases::read("", "A\xff") == nullptr);
  CHECK(letter_cases::read("", "") != nullptr);
}
