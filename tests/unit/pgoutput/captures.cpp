#include <string>

#include "runtime/pgoutput/message.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/message_text.hpp"
#include "tests/support/source_file.hpp"
#include "tests/support/wire_capture.hpp"

namespace weir {

TEST_CASE("pgoutput: what PostgreSQL 15 sends decodes to what was done") {
  const auto messages = test::postgres15_capture();
  REQUIRE(messages.size() == 44);
  std::string text;
  for (const auto& m : messages) {
    const auto decoded = pgoutput::decode(m.payload);
    REQUIRE(decoded);
    text += to_string(m.position) + "  " + test::to_text(*decoded) + "\n";
  }
  CHECK(text == test::golden(weir::test::source_file("tests/unit/pgoutput/captures/postgres15.txt"), text));
}

TEST_CASE("pgoutput: what was decoded is written back as the same bytes") {
  for (const auto& m : test::postgres15_capture()) {
    const auto decoded = pgoutput::decode(m.payload);
    REQUIRE(decoded);
    CHECK(test::encode(*decoded) == m.payload);
  }
}

TEST_CASE("pgoutput: a message cut anywhere is truncated, whatever follows it in memory") {
  for (const auto& m : test::postgres15_capture()) {
    for (std::size_t size = 0; size < m.payload.size(); ++size) {
      // A copy of its own: a read past its end is one the sanitizers see.
      const test::bytes cut(m.payload.begin(), m.payload.begin() + static_cast<std::ptrdiff_t>(size));
      const auto decoded = pgoutput::decode(cut);
      REQUIRE_FALSE(decoded);
      REQUIRE(decoded.error().code == errc::truncated);
    }
  }
}

} // namespace weir
