#include "runtime/expr/array_text.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/expr/build.hpp"
#include "tests/unit/expr/values.hpp"

namespace weir::test {
namespace {

const data_type texts{type_id::verbatim, -1, "text[]"};
const data_type numbers{type_id::opaque, -1, "numeric[]"};
const data_type integers{type_id::verbatim, -1, "integer[]"};

std::string value_of(function f, type_id type, std::vector<expression> args) {
  return values_of(call_of(f, type, std::move(args)), rows_of("s:text\n+ ''\n"));
}

TEST_CASE("the shape of an array stands in its text", "[expr]") {
  CHECK(array_count("{}") == 0);
  CHECK(array_count("{{1,2},{3,NULL}}") == 4);
  CHECK(array_dimensions("{}") == 0);
  CHECK(array_dimensions("[2:3][0:0]={{1},{2}}") == 2);
  CHECK(array_length("{{1,2,3},{4,5,6}}", 1) == 2);
  CHECK(array_length("{{1,2,3},{4,5,6}}", 2) == 3);
  CHECK(array_length("{\"a,}\",b}", 1) == 2);
  CHECK_FALSE(array_length("{}", 1));
  CHECK_FALSE(array_length("{1}", 2));
  CHECK(array_first_place("[-1:0]={1,2}") == -1);
}

TEST_CASE("a written array is put as PostgreSQL puts it", "[expr]") {
  const auto put = [](const char* text) {
    const auto read = read_array(text);
    return read ? write_array(*read) : "!" + read.error().message;
  };
  CHECK(put(" { 1 , null,\"b c\", d e } ") == "{1,NULL,\"b c\",\"d e\"}");
  CHECK(put("{\"\",\"NULL\",a\\,b,\"x\\\"y\"}") == "{\"\",\"NULL\",\"a,b\",\"x\\\"y\"}");
  CHECK(put("{}") == "{}");
  for (const char* bad : {"", "1", "{1", "{1,}", "{,1}", "{1}2", "{\"a\"b}", "{a\"b\"}"})
    CHECK(put(bad).starts_with("!malformed array literal"));
  CHECK(put("{{1}}").starts_with("!an array of arrays"));
  CHECK(put("[2:2]={1}").starts_with("!an array with bounds"));
}

TEST_CASE("elements are counted from where the array begins", "[expr]") {
  const auto element = [](const char* array, const char* place) {
    return value_of(function::array_element, type_id::int4, {literal(integers, array), constant(type_id::int4, place)});
  };
  CHECK(element("{5,6}", "2") == "6");
  CHECK(element("{5,6}", "0") == "null");
  CHECK(element("{5,6}", "3") == "null");
  CHECK(element("{5,NULL}", "2") == "null");
  CHECK(element("[-1:0]={5,6}", "-1") == "5");
  CHECK(element("{{1,2}}", "1") == "null");
  CHECK(element("{}", "1") == "null");
}

TEST_CASE("a value is sought among elements, null by null as PostgreSQL does", "[expr]") {
  const auto any = [](const expression& x, const data_type& type, const char* array) {
    return value_of(function::any_equal, type_id::boolean, {x, literal(type, array)});
  };
  CHECK(any(constant(type_id::text, "x\"y"), texts, "{a,\"x\\\"y\"}") == "t");
  CHECK(any(constant(type_id::text, "b"), texts, "{a,NULL}") == "null");
  CHECK(any(constant(type_id::text, "b"), texts, "{a}") == "f");
  CHECK(any(null_of(type_id::text), texts, "{a}") == "null");
  CHECK(any(null_of(type_id::text), texts, "{}") == "f");
  CHECK(any(constant(type_id::numeric, "1.50"), numbers, "{NaN,1.5}") == "t");
  CHECK(any(constant(type_id::int8, "7"), integers, "{7}") == "t");
}

TEST_CASE("arrays contain and overlap each other by their elements", "[expr]") {
  const auto test = [](function f, const char* a, const char* b) {
    return value_of(f, type_id::boolean, {literal(texts, a), literal(texts, b)});
  };
  CHECK(test(function::array_contains, "{a,b}", "{b,b}") == "t");
  CHECK(test(function::array_contains, "{a,NULL}", "{NULL}") == "f");
  CHECK(test(function::array_contained, "{}", "{a}") == "t");
  CHECK(test(function::array_overlaps, "{a,b}", "{{c},{b}}") == "t");
  CHECK(test(function::array_overlaps, "{NULL}", "{NULL}") == "f");
}

TEST_CASE("what is no array is looked into without harm", "[expr]") {
  std::string scratch;
  for (const char* text : {"", "{", "}", "{\"", "{\"a", "{\"a\\", "[2:", "[x:y]={1", "{{", ",", "{a"}) {
    for (array_walk walk(text); walk.next();) walk.text(scratch);
    array_length(text, 1);
    array_dimensions(text);
    CHECK(array_first_place(text) <= 2);
  }
}

} // namespace
} // namespace weir::test
