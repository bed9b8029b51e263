// PostgreSQL is the oracle of what regular expressions mean: random patterns, over texts that they may match. weir
// names what it has not, or it refuses what PostgreSQL refuses and matches what PostgreSQL matches.

#include <iostream>

#include <fmt/format.h>

#include "runtime/base/random.hpp"
#include "runtime/expr/regex.hpp"
#include "tests/property/expr_samples.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/private_server.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/sql_session.hpp"

namespace weir::test {
namespace {

constexpr int patterns = 4000;

const std::vector<std::string>& texts() {
  static const std::vector<std::string> all{
      "",     "a",  "b",   "A",   "ab",   "ba",  "aab", "abc",  "a\nb", "\n", "a\n", "é",   "É",     "aé", "-",
      "]",    "a]", "^",   "$",   "\\",   "{",   "a{",  "a{,2", "}",    "1",  "12",  "a1 ", " ",     "_",  "aaa",
      "abab", ".",  "a.b", "B1_", "\tab", "z-a", "[a]", "|",    "(a)",  "*",  "C",   "k",   "\u212a"};
  return all;
}

std::string random_pattern(seeded_random& random, const std::vector<std::string>& pieces) {
  std::string out;
  for (auto length = random.below(8); length > 0; --length) out += pieces[random.below(pieces.size())];
  return out;
}

const std::vector<std::string>& regex_pieces() {
  static const std::vector<std::string> all{"a",
                                            "b",
                                            "A",
                                            ".",
                                            "^",
                                            "$",
                                            "(",
                                            ")",
                                            "(?:",
                                            "|",
                                            "*",
                                            "+",
                                            "?",
                                            "{1,2}",
                                            "{0}",
                                            "{2}",
                                            "{1,}",
                                            "{,2}",
                                            "{",
                                            "}",
                                            "[ab]",
                                            "[^a]",
                                            "[a-c]",
                                            "[]a]",
                                            "[^]b]",
                                            "[a-]",
                                            "[-a]",
                                            "[b-a",
                                            "[",
                                            "]",
                                            "\\.",
                                            "\\n",
                                            "\\\\",
                                            "\\",
                                            "é",
                                            "[à-ü]",
                                            "[[:alpha:]]",
                                            "\\d",
                                            "\\w",
                                            "\\S",
                                            "\\W",
                                            "\\A",
                                            "\\Z",
                                            "[\\d_]",
                                            "1",
                                            "[^\\]]",
                                            "_",
                                            "-",
                                            "[[:xdigit:]-]",
                                            "[[:space:][:punct:]]",
                                            "(a)",
                                            "(|b)",
                                            "{2,1}",
                                            "*?",
                                            "{1,2}?",
                                            "[a-b-c]",
                                            "k",
                                            "\\1",
                                            "(?=",
                                            "[[:lower:]]"};
  return all;
}

/// PostgreSQL's answers, a letter each, or its objection.
std::string answers(sql_session& session, const std::string& test) {
  try {
    return session.value("select string_agg(case when " + test + " then 't' else 'f' end, '' order by id) from texts");
  } catch (const sql_error& e) {
    return std::string("! ") + e.what();
  }
}

std::string answers(const regex& pattern) {
  std::string out;
  for (const auto& text : texts()) out += pattern.matches(text) ? 't' : 'f';
  return out;
}

TEST_CASE("a regular expression that weir takes matches what it matches in PostgreSQL", "[expr][postgres]") {
  private_server server;
  sql_session session(server.conninfo());
  const plain_quoter quote;
  session.run("create table texts (id int, t text)");
  for (std::size_t i = 0; i < texts().size(); ++i)
    session.run(fmt::format("insert into texts values ({}, {})", i, quote.literal(texts()[i])));
  seeded_random random(seed());
  int taken = 0;
  int unsupported = 0;
  int differing = 0;
  for (int i = 0; i < patterns && differing < 8; ++i) {
    const bool similar = random.chance(1, 5);
    const bool folds = !similar && random.chance(1, 3);
    auto pattern = random_pattern(random, regex_pieces());
    for (int more = random.chance(1, 2) ? 1 : 0; similar && more > 0; --more)
      pattern += random.chance(1, 2) ? "%" : "_";
    const auto theirs = answers(session, fmt::format("t collate \"C\" {} {}",
                                                     similar ? "similar to"
                                                     : folds ? "~*"
                                                             : "~",
                                                     quote.literal(pattern)));
    INFO((similar ? "similar to " : folds ? "~* " : "~ ") << pattern);
    const auto read = similar ? similar_as_regex(pattern, "\\") : result<std::string>(pattern);
    const auto made = read ? regex::make(*read, {folds, true}) : result<std::shared_ptr<const regex>>(read.error());
    if (!made && made.error().code == errc::unsupported) {
      ++unsupported;
      continue;
    }
    const bool alike = made ? answers(**made) == theirs : theirs.starts_with('!');
    taken += made ? 1 : 0;
    if (alike) continue;
    ++differing;
    CHECK((made ? answers(**made) : "! " + made.error().message) == theirs);
  }
  std::cout << fmt::format("{} of {} patterns taken, {} unsupported\n", taken, patterns, unsupported);
  CHECK(differing == 0);
  CHECK(taken > patterns / 10);
}

} // namespace
} // namespace weir::test
