#include "runtime/postgres/slot_retention.hpp"

#include "tests/property/postgres_source_server.hpp"
#include "tests/support/catch.hpp"

using namespace weir;
using namespace weir::test;
using namespace weir::postgres;

namespace {

void write_wal(connection& sql, int megabytes) {
  succeeds(
      sql.execute("SELECT count(pg_logical_emit_message(false, 'x', repeat('x', 1048576))) FROM generate_series(1, " +
                  std::to_string(megabytes) + ")"));
  succeeds(sql.execute("CHECKPOINT"));
}

} // namespace

TEST_CASE("what a slot keeps grows with the WAL, up to the limit", "[postgres]") {
  source_server server{{"max_slot_wal_keep_size = 64MB", "min_wal_size = 32MB", "max_wal_size = 32MB"}};
  auto sql = server.connect();
  CHECK_FALSE(gained(read_slot_retention(sql, "s")));
  succeeds(sql.execute("SELECT pg_create_logical_replication_slot('s', 'pgoutput')"));
  auto plain = server.connect("postgres", "weir");
  const auto first = gained(read_slot_retention(plain, "s"));
  REQUIRE(first);
  REQUIRE(first->safe_bytes);
  CHECK(first->kept_bytes < 1 << 20);

  write_wal(sql, 20);
  const auto second = gained(read_slot_retention(plain, "s"));
  CHECK(second->kept_bytes > 20 << 20);
  CHECK(*second->safe_bytes < *first->safe_bytes - (19 << 20));
  CHECK_FALSE(second->lost);

  write_wal(sql, 120);
  CHECK(gained(read_slot_retention(plain, "s"))->lost);
}

TEST_CASE("without max_slot_wal_keep_size a slot has no limit", "[postgres]") {
  auto sql = source_server::shared().connect(source_server::shared().fresh_database());
  succeeds(sql.execute("SELECT pg_create_logical_replication_slot('unlimited', 'pgoutput')"));
  const auto found = gained(read_slot_retention(sql, "unlimited"));
  succeeds(sql.execute("SELECT pg_drop_replication_slot('unlimited')"));
  REQUIRE(found);
  CHECK_FALSE(found->safe_bytes);
}
