#include "runtime/rows/data_type.hpp"

#include "tests/support/catch.hpp"

namespace weir {
namespace {

data_type numeric_of(int precision, int scale) { return {type_id::numeric, ((precision << 16) | (scale & 0x7ff)) + 4}; }

TEST_CASE("every type is found by its oid", "[rows]") {
  for (int i = 0; i <= static_cast<int>(type_id::uuid); ++i) {
    const auto id = static_cast<type_id>(i);
    CHECK(type_from_oid(oid_of(id)) == id);
  }
  CHECK(oid_of(type_id::int8) == 20);
  CHECK(oid_of(type_id::timestamptz) == 1184);
  CHECK_FALSE(type_from_oid(114).has_value()); // json
}

TEST_CASE("types are called as in SQL, with their modifiers", "[rows]") {
  CHECK(to_sql({type_id::int8, -1}) == "bigint");
  CHECK(to_sql({type_id::numeric, -1}) == "numeric");
  CHECK(to_sql(numeric_of(12, 2)) == "numeric(12,2)");
  CHECK(to_sql(numeric_of(1000, 1000)) == "numeric(1000,1000)");
  CHECK(to_sql(numeric_of(3, -2)) == "numeric(3,-2)");
  CHECK(to_sql({type_id::varchar, 14}) == "character varying(10)");
  CHECK(to_sql({type_id::varchar, -1}) == "character varying");
  CHECK(to_sql({type_id::timestamp, 0}) == "timestamp(0) without time zone");
  CHECK(to_sql({type_id::timestamptz, 3}) == "timestamp(3) with time zone");
  CHECK(to_sql({type_id::timestamptz, 6}) == "timestamp(6) with time zone");
}

TEST_CASE("the declared scale is that of the values shown", "[rows]") {
  CHECK(declared_scale(numeric_of(12, 2)) == 2);
  CHECK(declared_scale(numeric_of(3, -2)) == 0);
  CHECK_FALSE(declared_scale({type_id::numeric, -1}).has_value());
  CHECK_FALSE(declared_scale({type_id::varchar, 14}).has_value());
}

} // namespace
} // namespace weir
