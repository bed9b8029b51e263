#include "runtime/postgres/copy_text.hpp"

#include "tests/support/catch.hpp"

using namespace weir;
using postgres::copy_text;

namespace {

const data_type int8{type_id::int8};
const data_type text{type_id::text};

} // namespace

TEST_CASE("fields and nulls", "[postgres]") {
  copy_text parser{{int8, text, text}};
  batch rows = parser.empty_batch();
  REQUIRE(parser.append("7\tabc\t\n", rows));
  REQUIRE(parser.append("\\N\t\\N\tx", rows));
  REQUIRE(rows.rows() == 2);
  CHECK(rows.weights == std::vector<std::int64_t>{1, 1});
  CHECK(rows.columns[0].i64[0] == 7);
  CHECK(rows.columns[0].is_null(1));
  CHECK(rows.columns[1].bytes_at(0) == "abc");
  CHECK(rows.columns[1].is_null(1));
  CHECK_FALSE(rows.columns[2].is_null(0));
  CHECK(rows.columns[2].bytes_at(0).empty());
  CHECK(rows.columns[2].bytes_at(1) == "x");
}

TEST_CASE("escapes", "[postgres]") {
  copy_text parser{{text, text}};
  batch rows = parser.empty_batch();
  REQUIRE(parser.append("a\\tb\\nc\\\\d\t\\b\\f\\r\\v\n", rows));
  CHECK(rows.columns[0].bytes_at(0) == "a\tb\nc\\d");
  CHECK(rows.columns[1].bytes_at(0) == "\b\f\r\v");
  REQUIRE(parser.append("\\\\N\tplain\n", rows)); // the text \N, not a null
  CHECK(rows.columns[0].bytes_at(1) == "\\N");
  CHECK(rows.columns[1].bytes_at(1) == "plain");
}

TEST_CASE("rows that do not fit are errors", "[postgres]") {
  const auto refused = [](const char* line, std::vector<data_type> types) {
    copy_text parser{std::move(types)};
    batch rows = parser.empty_batch();
    return !parser.append(line, rows);
  };
  CHECK(refused("1\n", {int8, text}));
  CHECK(refused("1\ta\tb\n", {int8, text}));
  CHECK(refused("1\ta\t\n", {int8, text}));
  CHECK(refused("a\n", {int8}));
  CHECK(refused("\\x41\n", {text}));
  CHECK(refused("a\\", {text}));
  CHECK(refused("a\n", {}));
}

TEST_CASE("a row without columns is a row", "[postgres]") {
  copy_text parser{{}};
  batch rows = parser.empty_batch();
  REQUIRE(parser.append("\n", rows));
  CHECK(rows.rows() == 1);
}
