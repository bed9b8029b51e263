#include "runtime/expr/json_compare.hpp"
#include "runtime/expr/json_literal.hpp"
#include "runtime/expr/json_member.hpp"
#include "runtime/expr/json_path.hpp"
#include "runtime/expr/json_scan.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/expr/build.hpp"
#include "tests/unit/expr/values.hpp"

namespace weir::test {
namespace {

const data_type jsonb{type_id::opaque, -1, "jsonb"};
const data_type json{type_id::opaque, -1, "json"};

std::string value_of(function f, data_type type, std::vector<expression> args) {
  auto e = call_of(f, type.id, std::move(args));
  e.type = std::move(type);
  return values_of(e, rows_of("s:text\n+ ''\n"));
}

std::string field(const char* document, const expression& step, const data_type& of = jsonb) {
  return value_of(function::json_field_text, {type_id::text}, {literal(of, document), step});
}

TEST_CASE("members and elements are found in the text", "[expr]") {
  const auto key = [](const char* k) { return constant(type_id::text, k); };
  const auto place = [](const char* p) { return constant(type_id::int4, p); };
  CHECK(field(R"({"a": 1, "b": {"c": [1, "}"]}})", key("b")) == R"({"c": [1, "}"]})");
  CHECK(field(R"({"a\"b": "x\ty\u00e4"})", key("a\"b")) == "x\tyä");
  CHECK(field(R"({"a": null})", key("a")) == "null");
  CHECK(field("[1, [2, 3], 4]", place("-2")) == "[2, 3]");
  CHECK(field("[1]", place("1")) == "null");
  CHECK(field("[1]", key("0")) == "null");
  CHECK(field("5", place("-1")) == "5"); // PostgreSQL keeps a jsonb that is a scalar as an array
  CHECK(field("5", place("0"), json) == "null");
  CHECK(field(R"( {"a" : 1, "a":[2 ] } )", key("a"), json) == "[2 ]");
  CHECK(field(R"({"a": 1, "b": "\u0000"})", key("a"), json) == "!unsupported Unicode escape sequence");
  CHECK(field(R"({"a": 1, "b": "\ud800"})", key("a"), json) == "!invalid input syntax for type json");
}

TEST_CASE("a path leads through objects and arrays, and through the last of equal keys that it can follow", "[expr]") {
  const json_path path({{"a"}, {"-1"}, {"b"}});
  CHECK(path.follow(R"({"a": [0, {"b": 7}]})") == "7");
  CHECK_FALSE(path.follow(R"({"a": []})"));
  CHECK(json_path({{"a"}, {"b"}}).follow(R"({"a":{"b":1},"a":{"c":2}})") == "1");
  CHECK_FALSE(json_path({{"a"}, std::nullopt}).follow(R"({"a": {"a": 1}})"));
  CHECK(place_of_step(" +7") == 7);
  CHECK_FALSE(place_of_step("7x"));
  CHECK_FALSE(place_of_step(""));
}

TEST_CASE("documents are equal by their numbers, and contain each other", "[expr]") {
  CHECK(same_jsonb(R"({"a": [1.0, "1.0"]})", R"({"a": [1.00, "1.0"]})"));
  CHECK_FALSE(same_jsonb(R"(["1.0"])", R"(["1.00"])"));
  CHECK(same_jsonb("-0.0", "0"));
  CHECK_FALSE(same_jsonb("1", "[1]"));
  const auto contains = [](const char* whole, const char* part) {
    json_part sought;
    sought.read(part);
    return sought.is_in(whole) == json_answer::yes;
  };
  CHECK(contains(R"({"a": [1, {"b": 2, "c": 3}]})", R"({"a": [{"b": 2.0}]})"));
  CHECK_FALSE(contains(R"({"a": [1, 2]})", R"({"a": 1})"));
  CHECK(contains("[1, 2]", "2"));
  CHECK_FALSE(contains("2", "[2]"));
  CHECK(contains("[[1]]", "[]"));
  CHECK_FALSE(contains("{}", "[]"));
}

TEST_CASE("a written document is put as PostgreSQL puts it", "[expr]") {
  CHECK(*canonical_jsonb(R"( {"bb":1e2,"a" : "\u0041\/\u0001", "a":[ ] , "c":-0.0} )") ==
        R"({"a": [], "c": 0.0, "bb": 100})");
  CHECK(*canonical_jsonb(R"("\ud83d\ude00\n")") == "\"😀\\n\"");
  for (const char* bad :
       {"", "{", "[1,]", "01", "1.", "nul", "truex", "{\"a\"}", "\"\\x\"", "1 2", "'a'", "\"\\u0000\""})
    CHECK_FALSE(canonical_jsonb(bad));
  CHECK_FALSE(canonical_jsonb(std::string(300, '[')));
  CHECK(check_json("{\"a\": \"\\u0000\"}"));
  CHECK_FALSE(check_json("{\"a\" 1}"));
}

TEST_CASE("numbers and truth values of a jsonb are cast, all else fails", "[expr]") {
  const auto cast = [](const char* document, type_id to) {
    return values_of(cast_to({to}, literal(jsonb, document)), rows_of("s:text\n+ ''\n"));
  };
  CHECK(cast("2.5", type_id::int4) == "3");
  CHECK(cast("1.50", type_id::numeric) == "1.50");
  CHECK(cast("true", type_id::boolean) == "t");
  CHECK(cast("\"1\"", type_id::int4) == "!cannot cast jsonb string to type integer");
  CHECK(cast("1", type_id::boolean) == "!cannot cast jsonb numeric to type boolean");
  CHECK(cast("40000", type_id::int2) == "!smallint out of range");
}

TEST_CASE("what is no document is looked into without harm", "[expr]") {
  for (const std::string text :
       {"", "{", "[", "\"", "{\"a", "{\"a\"", "{\"a\":", "[1", "[\"\\", "}", "]", ",", "{,", "\\u"}) {
    json_member(text, json_key("a"));
    jsonb_member(text, json_key("a"));
    json_element(text, 1);
    json_element(text, -1);
    json_count(text);
    json_escape_fault(text);
    json_part sought;
    sought.read(text);
    sought.is_in(text);
    CHECK(same_jsonb(text, text));
  }
}

} // namespace
} // namespace weir::test
