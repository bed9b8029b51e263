#include "runtime/rows/text_form.hpp"

#include "tests/support/catch.hpp"

namespace weir {
namespace {

std::string failure_of(std::string_view text) {
  const auto parsed = parse_text(text);
  return parsed ? "none" : parsed.error().message;
}

TEST_CASE("a batch is printed and read back", "[rows][text_form]") {
  const std::string text = "region:text  orders:int8  total:numeric(12,2)\n"
                           "+  eu            10  1234.50\n"
                           "-  'New York'     4     0.00\n"
                           "+2 null           7     null\n"
                           "-3 'null'      null      NaN\n"
                           "+  ''             0    -1.00\n";
  const auto parsed = parse_text(text);
  REQUIRE(parsed);
  CHECK(parsed->names == std::vector<std::string>{"region", "orders", "total"});
  CHECK(parsed->rows.weights == std::vector<std::int64_t>{1, -1, 2, -3, 1});
  CHECK(parsed->rows.columns[0].is_null(2));
  CHECK(parsed->rows.columns[0].bytes_at(3) == "null");
  CHECK(parsed->rows.columns[2].type.typmod == ((12 << 16) | 2) + 4);
  CHECK(to_text(parsed->rows, parsed->names) == text);
}

TEST_CASE("blanks, comments and escapes", "[rows][text_form]") {
  const auto parsed =
      parse_text("\n# a comment\n  a:text b:varchar(3)   # names\n\n  + 'it''s' '\\n\\\\' # one\n+0 x# y\n z\n");
  REQUIRE_FALSE(parsed); // 'y' is a comment: the row has one value
  const auto good = parse_text("# a comment\n a:text b:varchar(3) # names\n\n + 'it''s #1' '\\n\\t\\\\' # one\n");
  REQUIRE(good);
  CHECK(good->rows.columns[0].bytes_at(0) == "it's #1");
  CHECK(good->rows.columns[1].bytes_at(0) == "\n\t\\");
  CHECK(to_text(good->rows, good->names) == "a:text  b:varchar(3)\n+  'it''s #1'  '\\n\\t\\\\'\n");
}

TEST_CASE("columns without names are numbered", "[rows][text_form]") {
  batch rows;
  rows.columns.emplace_back(data_type{type_id::int4, -1});
  CHECK(to_text(rows, {}) == "c0:int4\n");
}

TEST_CASE("what is wrong is said with its line", "[rows][text_form]") {
  CHECK(failure_of("a") == "line 1: 'a' is no column");
  CHECK(failure_of("a:int9") == "line 1: 'int9' is no type");
  CHECK(failure_of("a:numeric(x)") == "line 1: 'numeric(x)' is no type");
  CHECK(failure_of("a:int4\n5 1") == "line 2: '5' is no weight");
  CHECK(failure_of("a:int4\n+ 1\n+ 1 2") == "line 3: 2 values for 1 columns");
  CHECK(failure_of("a:int4\n+ x") == "line 2: invalid input syntax for type integer: \"x\"");
  CHECK(failure_of("a:text\n+ 'x") == "line 2: a quoted value does not end");
}

TEST_CASE("short names of types", "[rows][text_form]") {
  for (const char* name :
       {"bool", "int2", "int4", "int8", "numeric", "numeric(12,2)", "numeric(3,-2)", "float4", "float8", "text",
        "varchar", "varchar(10)", "date", "timestamp", "timestamp(3)", "timestamptz", "uuid"}) {
    const auto type = parse_short_name(name);
    REQUIRE(type);
    CHECK(short_name(*type) == name);
  }
}

} // namespace
} // namespace weir
