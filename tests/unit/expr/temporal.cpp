#include "tests/support/catch.hpp"
#include "tests/unit/expr/build.hpp"
#include "tests/unit/expr/values.hpp"

namespace weir::test {
namespace {

using enum operation;

expression text(const char* value) { return constant(type_id::text, value); }

TEST_CASE("months clip at the end of a month, and then come days and time", "[expr]") {
  const auto rows = rows_of("t:timestamp  v:interval\n"
                            "+ '2024-01-31 10:00:00' '1 mon'\n"
                            "+ '2024-01-31 10:00:00' '1 mon 1 day'\n"
                            "+ '2024-03-31 10:00:00' '-1 mons'\n"
                            "+ '2023-12-31 23:00:00' '02:00:00'\n"
                            "+ infinity '1 mon'\n"
                            "+ '294276-12-31 00:00:00' '1 day'\n"
                            "+ '4714-11-24 00:00:00 BC' '-1 mons'\n");
  const auto t = column_of(type_id::timestamp, 0);
  const auto v = column_of(type_id::interval, 1);
  CHECK(values_of(call_of(function::plus, type_id::timestamp, {t, v}), rows) ==
        "2024-02-29 10:00:00 2024-03-01 10:00:00 2024-02-29 10:00:00 2024-01-01 01:00:00 infinity !timestamp out of "
        "range !timestamp out of range");
}

TEST_CASE("what is between two moments is days and time", "[expr]") {
  const auto rows = rows_of("a:timestamp  b:timestamp\n"
                            "+ '2024-03-01 12:00:00' '2024-02-28 13:00:00'\n"
                            "+ '2024-02-28 13:00:00' '2024-03-01 12:00:00'\n"
                            "+ infinity '2024-03-01 12:00:00'\n");
  const auto a = column_of(type_id::timestamp, 0);
  const auto b = column_of(type_id::timestamp, 1);
  CHECK(values_of(call_of(function::minus, type_id::interval, {a, b}), rows) ==
        "1 day 23:00:00 -1 days -23:00:00 !cannot subtract infinite timestamps");
}

TEST_CASE("fractions of a month become days, those of a day become time", "[expr]") {
  const auto rows = rows_of("v:interval\n+ '1 mon'\n+ '1 day'\n+ '1 year 3 days'\n+ '-00:00:01'\n");
  const auto v = column_of(type_id::interval, 0);
  CHECK(values_of(call_of(function::over, type_id::interval, {v, constant(type_id::float8, "2")}), rows) ==
        "15 days 12:00:00 6 mons 1 day 12:00:00 -00:00:00.5");
  CHECK(values_of(call_of(function::over, type_id::interval, {v, constant(type_id::float8, "0")}), rows) ==
        "!division by zero !division by zero !division by zero !division by zero");
}

TEST_CASE("fields have PostgreSQL's scales, and infinite moments have some of them", "[expr]") {
  const auto rows = rows_of("t:timestamp\n+ '2024-12-30 10:00:01.5'\n+ infinity\n+ '0044-03-15 00:00:00 BC'\n");
  const auto t = column_of(type_id::timestamp, 0);
  const auto field = [&](const char* name) {
    return values_of(call_of(function::extract, type_id::numeric, {text(name), t}), rows);
  };
  CHECK(field("second") == "1.500000 null 0.000000");
  CHECK(field("isoyear") == "2025 Infinity -44");
  CHECK(field("week") == "1 null 11");
  CHECK(field("century") == "21 Infinity -1");
  CHECK(field("epoch") == "1735552801.500000 Infinity -63517824000.000000");
}

TEST_CASE("the days of a month that there are", "[expr]") {
  const auto rows = rows_of("y:int4\n+ 2024\n+ 2023\n+ -44\n+ 0\n");
  const auto made = call_of(function::make_date, type_id::date,
                            {column_of(type_id::int4, 0), constant(type_id::int4, "2"), constant(type_id::int4, "29")});
  CHECK(values_of(made, rows) ==
        "2024-02-29 !date field value out of range: 2023-02-29 !date field value out of range: "
        "-43-02-29 !date field value out of range: 0-02-29");
}

} // namespace
} // namespace weir::test
