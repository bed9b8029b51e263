#include "runtime/postgres/snapshot_load.hpp"
#include "tests/property/postgres_source_server.hpp"
#include "tests/support/catch.hpp"

using namespace weir;
using namespace weir::test;

namespace {

const data_type int4{type_id::int4};

} // namespace

TEST_CASE("copy_out fills batches up to their size", "[postgres]") {
  auto sql = source_server::shared().connect();
  const std::vector<data_type> types{{type_id::int8}, {type_id::text}};
  const std::size_t limit = 10'000;
  std::int64_t next = 1;
  std::size_t batches = 0;
  succeeds(postgres::copy_out(sql, "SELECT i, repeat('x', i % 100) || E'\\t\\\\' FROM generate_series(1, 5000) i",
                              types, limit, [&](const batch& rows) {
                                ++batches;
                                REQUIRE(rows.size_bytes() <= limit + 64);
                                for (std::size_t r = 0; r < rows.rows(); ++r, ++next) {
                                  REQUIRE(rows.columns[0].i64[r] == next);
                                  REQUIRE(rows.weights[r] == 1);
                                  REQUIRE(rows.columns[1].bytes_at(r) ==
                                          std::string(static_cast<std::size_t>(next % 100), 'x') + "\t\\");
                                }
                                return status{};
                              }));
  CHECK(next == 5001);
  CHECK(batches > 20);
  std::size_t nothing = 0;
  succeeds(postgres::copy_out(sql, "SELECT FROM generate_series(1, 3)", {}, limit, [&](const batch& rows) {
    nothing += rows.rows();
    return status{};
  }));
  CHECK(nothing == 3);
}

TEST_CASE("a consumer that refuses ends the load, not the connection", "[postgres]") {
  auto sql = source_server::shared().connect();
  int calls = 0;
  const auto e = failure_of(
      postgres::copy_out(sql, "SELECT i FROM generate_series(1, 3000000) i", {int4}, 1000, [&](const batch&) {
        ++calls;
        return status{error{errc::timeout, "enough"}};
      }));
  CHECK(e.code == errc::timeout);
  CHECK(e.message == "enough");
  CHECK(calls == 1);
  CHECK(gained(sql.query("SELECT 42")).at(0, 0) == "42");
}

TEST_CASE("an error in the middle of a load is the server's", "[postgres]") {
  auto sql = source_server::shared().connect();
  const auto e = failure_of(postgres::copy_out(sql, "SELECT 1 / (5000 - i) FROM generate_series(1, 10000) i", {int4},
                                               1000, [](const batch&) { return status{}; }));
  CHECK(e.code == errc::division_by_zero);
  CHECK(gained(sql.query("SELECT 42")).at(0, 0) == "42");
}
