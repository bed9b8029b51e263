#include <limits>

#include "runtime/rows/batch.hpp"
#include "runtime/rows/datetime_text.hpp"
#include "tests/support/catch.hpp"

namespace weir {
namespace {

/// What comes back of a text, or the error's message.
std::string through(type_id id, std::string_view text) {
  column one({id, -1});
  const auto outcome = append_text(one, text);
  if (!outcome) {
    CHECK(one.rows() == 0);
    CHECK(one.i64.empty());
    CHECK(one.f64.empty());
    CHECK(one.decimals.empty());
    CHECK(one.bigs.empty());
    CHECK(one.offsets.size() == 1);
    return std::string(to_string(outcome.error().code)) + ": " + outcome.error().message;
  }
  REQUIRE(one.rows() == 1);
  std::string out;
  write_text(one, 0, out);
  return out;
}

std::int64_t number_of(type_id id, std::string_view text) {
  column one({id, -1});
  REQUIRE(append_text(one, text));
  return one.i64[0];
}

TEST_CASE("integers at the ends of their range", "[rows]") {
  CHECK(through(type_id::int8, "9223372036854775807") == "9223372036854775807");
  CHECK(through(type_id::int8, "-9223372036854775808") == "-9223372036854775808");
  CHECK(through(type_id::int8, "  +0042 ") == "42");
  CHECK(through(type_id::int8, "-999999999999999999") == "-999999999999999999");
  CHECK(through(type_id::int8, "9223372036854775808") ==
        "numeric_value_out_of_range: value \"9223372036854775808\" is out of range for type bigint");
  CHECK(through(type_id::int8, "-9223372036854775809").starts_with("numeric_value_out_of_range"));
  CHECK(through(type_id::int8, "99999999999999999999999").starts_with("numeric_value_out_of_range"));
  CHECK(through(type_id::int4, "2147483648") ==
        "numeric_value_out_of_range: value \"2147483648\" is out of range for type integer");
  CHECK(through(type_id::int2, "-32769") ==
        "numeric_value_out_of_range: value \"-32769\" is out of range for type smallint");
  for (const char* bad : {"", "-", "+", "1 2", "1.0", "0x1", "abc", "--1", "1-"}) {
    CHECK(through(type_id::int4, bad) ==
          "invalid_text_representation: invalid input syntax for type integer: \"" + std::string(bad) + "\"");
  }
}

TEST_CASE("booleans in their spellings", "[rows]") {
  for (const char* yes : {"t", "true", "TRUE", "tr", "y", "yes", "on", "1", " true "})
    CHECK(through(type_id::boolean, yes) == "t");
  for (const char* no : {"f", "false", "n", "no", "off", "of", "0"}) CHECK(through(type_id::boolean, no) == "f");
  for (const char* bad : {"", "o", "truex", "2", "yess"}) {
    CHECK(through(type_id::boolean, bad).starts_with("invalid_text_representation"));
  }
}

TEST_CASE("numerics keep their digits and their scale", "[rows]") {
  for (const char* same :
       {"0", "0.00", "-0.01", "123.450", "12345678901234567.89", "-99999999999999999999999999999999999999",
        "85070591730234615865843651857942052863", "85070591730234615865843651857942052864",
        "-85070591730234615865843651857942052.864", "NaN", "Infinity", "-Infinity",
        "123456789012345678901234567890123456789012345678901234567890.00000000000000000001"}) {
    CHECK(through(type_id::numeric, same) == same);
  }
  CHECK(through(type_id::numeric, " -007.50 ") == "-7.50");
  CHECK(through(type_id::numeric, "-0.00") == "0.00");
  CHECK(through(type_id::numeric, ".5") == "0.5");
  CHECK(through(type_id::numeric, "5.") == "5");
  CHECK(through(type_id::numeric, "1.5e3") == "1500");
  CHECK(through(type_id::numeric, "15E-3") == "0.015");
  CHECK(through(type_id::numeric, "1e+40") == "1" + std::string(40, '0'));
  CHECK(through(type_id::numeric, "nan") == "NaN");
  CHECK(through(type_id::numeric, "-inf") == "-Infinity");
  CHECK(through(type_id::numeric, "1e131071").size() == 131072);
  CHECK(through(type_id::numeric, "1e131072") == "numeric_value_out_of_range: value overflows numeric format");
  CHECK(through(type_id::numeric, "1e-16383").size() == 16385);
  CHECK(through(type_id::numeric, "1e-16384") == "numeric_value_out_of_range: value overflows numeric format");
  CHECK(through(type_id::numeric, "1e99999999999999").starts_with("numeric_value_out_of_range"));
  for (const char* bad :
       {"", ".", "-", "-.", "1..2", "1e", "1e+", "1e 5", "e5", "1,5", "--1", "0x10", "+ 1", "infinit"}) {
    INFO(bad);
    CHECK(through(type_id::numeric, bad).starts_with("invalid_text_representation"));
  }
}

TEST_CASE("small numerics lie in the column, big ones beside it", "[rows]") {
  column c({type_id::numeric, -1});
  for (const char* text : {"1.50", "123456789012345678901234567890123456789012.5", "-2"}) REQUIRE(append_text(c, text));
  CHECK(c.decimals[0].coefficient == 150);
  CHECK(c.decimals[0].scale == 2);
  CHECK(c.decimals[1].form == decimal::kind::big);
  CHECK(c.bigs == std::vector<std::string>{"123456789012345678901234567890123456789012.5"});
  CHECK(c.decimals[2].coefficient == -2);
}

TEST_CASE("floats in their shortest digits", "[rows]") {
  for (const char* same : {"0", "-0", "0.1", "1e+15", "999999999999999.9", "0.0001", "9.999999999999999e+22", "5e-324",
                           "1.7976931348623157e+308", "NaN", "Infinity", "-Infinity", "-1.5", "100000"}) {
    CHECK(through(type_id::float8, same) == same);
  }
  CHECK(through(type_id::float8, "1e23") == "9.999999999999999e+22"); // half-way: the short form needs round-to-even
  CHECK(through(type_id::float8, " +1.50 ") == "1.5");
  CHECK(through(type_id::float4, "1e6") == "1e+06");
  CHECK(through(type_id::float4, "0.1") == "0.1");
  CHECK(through(type_id::float4, "16777217") == "1.6777216e+07");
  CHECK(through(type_id::float8, "1e309") ==
        "numeric_value_out_of_range: \"1e309\" is out of range for type double precision");
  CHECK(through(type_id::float8, "1e-400").starts_with("numeric_value_out_of_range"));
  CHECK(through(type_id::float4, "1e39").starts_with("numeric_value_out_of_range"));
  CHECK(through(type_id::float4, "1e-46").starts_with("numeric_value_out_of_range"));
  CHECK(through(type_id::float8, "0e-999") == "0");
  for (const char* bad : {"", "-", "1e", "nan(1)", "1.5x", "+-1", "0x1p3"}) {
    INFO(bad);
    CHECK(through(type_id::float8, bad).starts_with("invalid_text_representation"));
  }
}

TEST_CASE("dates from 4714 BC to 5874897", "[rows]") {
  CHECK(number_of(type_id::date, "2000-01-01") == 0);
  CHECK(number_of(type_id::date, "1999-12-31") == -1);
  CHECK(number_of(type_id::date, "infinity") == std::numeric_limits<std::int64_t>::max());
  CHECK(number_of(type_id::date, "-infinity") == std::numeric_limits<std::int64_t>::min());
  for (const char* same : {"2024-02-29", "0001-01-01", "0001-12-31 BC", "4714-11-24 BC", "5874897-12-31",
                           "294276-12-31", "10000-01-01", "infinity", "-infinity", "0044-03-15 BC"}) {
    CHECK(through(type_id::date, same) == same);
  }
  CHECK(through(type_id::date, "2024-2-9") == "2024-02-09");
  for (const char* bad :
       {"2023-02-29", "2024-13-01", "2024-00-01", "2024-01-32", "0000-01-01", "4714-11-23 BC", "5874898-01-01"}) {
    INFO(bad);
    CHECK(through(type_id::date, bad).starts_with("numeric_value_out_of_range"));
  }
  for (const char* bad :
       {"", "2024", "2024-01", "2024-01-01x", "2024-01-01 00:00:00", "2024-01-01 B", "yesterday", "2024/01/01"}) {
    INFO(bad);
    CHECK(through(type_id::date, bad).starts_with("invalid_text_representation"));
  }
}

TEST_CASE("every day of a leap cycle and its neighbours has its own text", "[rows]") {
  std::string previous;
  for (std::int64_t day = days_from_civil(-400, 1, 1); day < days_from_civil(401, 1, 1); ++day) {
    std::string text;
    write_date(day, text);
    std::int64_t back = 0;
    REQUIRE(parse_date(text, back) == parse_outcome::ok);
    REQUIRE(back == day);
    REQUIRE(text != previous);
    previous = std::move(text);
  }
}

TEST_CASE("timestamps to the microsecond, from 4714 BC to 294276", "[rows]") {
  CHECK(number_of(type_id::timestamp, "2000-01-01 00:00:00.000001") == 1);
  CHECK(number_of(type_id::timestamptz, "1999-12-31 23:59:59.999999+00") == -1);
  for (const char* same :
       {"2024-02-29 12:34:56", "2024-02-29 12:34:56.789", "2024-02-29 12:34:56.000001", "294276-12-31 23:59:59.999999",
        "4714-11-24 00:00:00 BC", "0044-03-15 12:00:00.5 BC", "infinity", "-infinity", "0001-01-01 00:00:00"}) {
    CHECK(through(type_id::timestamp, same) == same);
  }
  CHECK(through(type_id::timestamptz, "2024-02-29 12:34:56.789+00") == "2024-02-29 12:34:56.789+00");
  CHECK(through(type_id::timestamptz, "0044-03-15 12:00:00+00 BC") == "0044-03-15 12:00:00+00 BC");
  CHECK(through(type_id::timestamptz, "2024-03-01 01:00:00+02") == "2024-02-29 23:00:00+00");
  CHECK(through(type_id::timestamptz, "2024-03-01 01:00:00-03:30") == "2024-03-01 04:30:00+00");
  CHECK(through(type_id::timestamptz, "2024-03-01T01:00Z") == "2024-03-01 01:00:00+00");
  CHECK(through(type_id::timestamptz, "1890-01-01 00:00:00+00:53:28") == "1889-12-31 23:06:32+00");
  CHECK(through(type_id::timestamp, "2024-03-01") == "2024-03-01 00:00:00");
  CHECK(through(type_id::timestamp, "2024-03-01 24:00:00") == "2024-03-02 00:00:00");
  CHECK(through(type_id::timestamp, "2024-03-01 23:59:59.9999999") == "2024-03-02 00:00:00");
  for (const char* bad :
       {"2024-03-01 25:00:00", "2024-03-01 12:60:00", "294277-01-01 00:00:00", "4714-11-23 23:59:59 BC"}) {
    INFO(bad);
    CHECK(through(type_id::timestamp, bad).starts_with("numeric_value_out_of_range"));
  }
  for (const char* bad : {"", "2024-03-01 ", "2024-03-01 1", "2024-03-01 12:3", "2024-03-01 12:30:00+00", "now"}) {
    INFO(bad);
    const auto outcome = through(type_id::timestamp, bad);
    CHECK((outcome.starts_with("invalid_text_representation") || outcome == "2024-03-01 00:00:00"));
  }
}

TEST_CASE("strings as they are, uuids in lower case", "[rows]") {
  CHECK(through(type_id::text, "") == "");
  CHECK(through(type_id::varchar, " é'\\ ") == " é'\\ ");
  const std::string canonical = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
  for (const char* spelling : {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
                               "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11",
                               "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11"}) {
    CHECK(through(type_id::uuid, spelling) == canonical);
  }
  for (const char* bad :
       {"", "{", "a0eebc99", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a112",
        "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0e-ebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}) {
    INFO(bad);
    CHECK(through(type_id::uuid, bad).starts_with("invalid_text_representation"));
  }
}

TEST_CASE("an error quotes no more than the beginning of a long value", "[rows]") {
  CHECK(through(type_id::int8, std::string(1'000'000, 'x')).size() < 250);
}

TEST_CASE("rows move between columns of one storage", "[rows]") {
  column from({type_id::numeric, -1});
  REQUIRE(append_text(from, "1.5"));
  from.append_null();
  REQUIRE(append_text(from, "1" + std::string(50, '0')));
  column to({type_id::numeric, -1});
  for (const std::size_t row : {2U, 1U, 0U, 2U}) to.append_from(from, row);
  CHECK(to.rows() == 4);
  CHECK(to.is_null(1));
  CHECK(to.bigs.size() == 2);
  std::string text;
  write_text(to, 3, text);
  CHECK(text == "1" + std::string(50, '0'));

  column strings({type_id::text, -1});
  strings.append_bytes("ab");
  strings.append_null();
  strings.append_bytes("");
  CHECK(strings.bytes_at(0) == "ab");
  CHECK(strings.bytes_at(1).empty());
  batch b;
  b.columns = {to, strings};
  b.weights = {1, 1, 1, 1};
  CHECK(b.size_bytes() > 100);
  strings.clear();
  CHECK(strings.rows() == 0);
  CHECK(strings.offsets.size() == 1);
}

} // namespace
} // namespace weir
