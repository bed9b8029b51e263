// PostgreSQL is the oracle of what lower() and upper() make of texts in the locale of a database.

#include <fmt/format.h>

#include "runtime/base/random.hpp"
#include "runtime/base/utf8.hpp"
#include "runtime/postgres/letter_check.hpp"
#include "tests/property/expr_samples.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/private_server.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/sql_session.hpp"

namespace weir::test {
namespace {

/// Mostly letters that have cases, among them some of which more than one letter is made elsewhere.
std::string random_text(seeded_random& random) {
  static constexpr std::uint32_t some[]{U'A', U'z', U'I', U'i', U'İ', U'ı', U'Σ',
                                        U'ς', U'ẞ', U'ſ', U'K', U'Å', U'ǅ', U'🙂'};
  std::string out;
  for (auto left = random.below(12); left > 0; --left) {
    auto c = static_cast<std::uint32_t>(1 + random.below(random.chance(1, 3) ? 0x1ffff : 0x600));
    if (random.chance(1, 3)) c = some[random.below(std::size(some))];
    if (c < 0xd800 || c > 0xdfff) out += encode_utf8(c).text();
  }
  return out;
}

std::shared_ptr<const letter_cases> letters_of(private_server& server, const std::string& database) {
  auto sql = postgres::connection::open(server.conninfo(database), {});
  REQUIRE(sql);
  auto cases = postgres::read_letter_cases(*sql);
  REQUIRE(cases);
  return *cases;
}

} // namespace

TEST_CASE("texts become what lower() and upper() of their database make of them", "[citext][postgres]") {
  private_server server;
  sql_session admin(server.conninfo());
  admin.run("create database unicode template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'");
  admin.run("create database bytes template template0 encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'");
  seeded_random random(seed());
  for (const std::string database : {"postgres", "unicode", "bytes"}) {
    INFO(database);
    const auto cases = letters_of(server, database);
    REQUIRE(cases);
    if (database == "unicode") {
      CHECK(cases->lower_pairs() == letter_cases::of_unicode()->lower_pairs());
      CHECK(cases->upper_pairs() == letter_cases::of_unicode()->upper_pairs());
    } else {
      CHECK(cases->lower_pairs().size() == 52);
    }
    sql_session session(server.conninfo(database));
    const plain_quoter quote;
    std::string texts;
    std::string ours;
    for (int i = 0; i < 2'000; ++i) {
      const auto text = random_text(random);
      std::vector<char> both;
      cases->append_lower(text, both);
      cases->append_upper(text, both);
      texts += fmt::format("{}({})", texts.empty() ? "" : ", ", quote.literal(text));
      ours += std::string(both.begin(), both.end()) + "|";
    }
    CHECK(session.value(
              "select string_agg(lower(t) || upper(t) || '|', '' order by n) from (select t, row_number() over () as n "
              "from (values " +
              texts + ") as v(t)) as w") == ours);
  }
}

TEST_CASE("databases that do not take letters one by one are told from those that do", "[citext][postgres]") {
  private_server server;
  sql_session admin(server.conninfo());
  admin.run("create database icu template template0 locale_provider icu icu_locale 'und'");
  admin.run("create database latin template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'");
  CHECK(letters_of(server, "icu") == nullptr);
  CHECK(letters_of(server, "latin") == nullptr);
}

} // namespace weir::test
