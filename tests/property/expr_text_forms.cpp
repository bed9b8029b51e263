// PostgreSQL is the oracle of every type's text form.

#include <cmath>

#include "runtime/rows/column.hpp"
#include "tests/property/expr_samples.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/private_server.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/sql_session.hpp"

namespace weir::test {
namespace {

/// An SQL array of the texts.
std::string array_of(const std::vector<std::string>& texts) {
  const plain_quoter quote;
  std::string out = "array[";
  for (const auto& text : texts) out += (out.back() == '[' ? "" : ",") + quote.literal(text);
  return out + "]::text[]";
}

std::string printed(data_type type, const std::string& text) {
  column one(type);
  const auto outcome = append_text(one, text);
  if (!outcome) return "error: " + outcome.error().message;
  std::string out;
  write_text(one, 0, out);
  return out;
}

TEST_CASE("a value of any type is read and printed as PostgreSQL does", "[rows][postgres]") {
  private_server server({.settings = {"timezone = 'UTC'", "datestyle = 'ISO, MDY'"}});
  sql_session session(server.conninfo());
  seeded_random random(seed());
  samples sample(random);
  for (const auto id : all_types) {
    std::vector<std::string> given;
    for (int i = 0; i < 3000; ++i) given.push_back(sample.of(id));
    const data_type type{id, -1};
    const auto rows = session.rows("select v::" + to_sql(type) + " from unnest(" + array_of(given) +
                                   ") with ordinality as u(v, n) order by n");
    REQUIRE(rows.size() == given.size());
    std::size_t differing = 0;
    for (std::size_t i = 0; i < given.size() && differing < 10; ++i) {
      const auto ours = printed(type, given[i]);
      if (ours == *rows[i][0] && printed(type, ours) == ours) continue;
      ++differing;
      UNSCOPED_INFO(to_sql(type) << " '" << given[i] << "': weir " << ours << ", PostgreSQL " << *rows[i][0]);
    }
    CHECK(differing == 0);
  }
}

TEST_CASE("floats print the digits that PostgreSQL prints", "[rows][postgres]") {
  // Powers of two and ten and their neighbours are where the shortest digits are disputed.
  private_server server;
  sql_session session(server.conninfo());
  for (const auto id : {type_id::float8, type_id::float4}) {
    const data_type type{id, -1};
    std::vector<std::string> given;
    const int last = id == type_id::float8 ? 308 : 38;
    for (int e = -last; e <= last; ++e) {
      for (int digit = 1; digit <= (e == last ? 1 : 9); ++digit) given.push_back(fmt::format("{}e{}", digit, e));
    }
    for (int e = id == type_id::float8 ? -1000 : -120; e <= (id == type_id::float8 ? 1020 : 120); ++e) {
      const auto power = std::ldexp(1.0, e);
      if (id == type_id::float8) {
        for (const double v : {power, std::nextafter(power, 0), std::nextafter(power, 1e308)})
          given.push_back(fmt::format("{}", v));
      } else {
        const auto narrow = static_cast<float>(power);
        for (const float v : {narrow, std::nextafter(narrow, 0.0F), std::nextafter(narrow, 1e38F)})
          given.push_back(fmt::format("{}", v));
      }
    }
    // Half-way between two floats: odd numbers times high powers of five and two.
    const int last_power = id == type_id::float8 ? 56 : 26;
    for (int e = 5; e <= (id == type_id::float8 ? 23 : 10); ++e) {
      for (const int odd : {1, 3, 5, 7, 9, 11, 13}) {
        for (int power = 0; power <= last_power; ++power) {
          given.push_back(fmt::format("{}e{}", static_cast<std::uint64_t>(odd) << power, e));
        }
      }
    }
    const auto rows = session.rows("select v::" + to_sql(type) + " from unnest(" + array_of(given) +
                                   ") with ordinality as u(v, n) order by n");
    std::size_t differing = 0;
    for (std::size_t i = 0; i < given.size() && differing < 10; ++i) {
      const auto ours = printed(type, given[i]);
      if (ours == *rows[i][0]) continue;
      ++differing;
      UNSCOPED_INFO(to_sql(type) << " '" << given[i] << "': weir " << ours << ", PostgreSQL " << *rows[i][0]);
    }
    CHECK(differing == 0);
  }
}

} // namespace
} // namespace weir::test
