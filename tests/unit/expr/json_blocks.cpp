#include <array>
#include <string>
#include <utility>
#include <vector>

#include "runtime/expr/byte_block.hpp"
#include "runtime/expr/json_blocks.hpp"
#include "runtime/expr/json_compare.hpp"
#include "runtime/expr/json_member.hpp"
#include "runtime/expr/json_path.hpp"
#include "runtime/expr/json_scan.hpp"
#include "tests/support/catch.hpp"

// What is looked at many bytes at once, with everything at every place of a block and across its border: a string of
// each size up to two blocks is put before it.
namespace weir::test {
namespace {

constexpr std::size_t two_blocks = 2 * byte_block::size + 2;

/// Keys and values as they are written. The keys differ from what the values hold only by where they are.
const std::vector<std::pair<std::string, std::string>> members = {
    {"a", R"("b")"},
    {"b", R"(["a", "wanted", {"wanted": 0}])"},
    {"in\\\\", R"("\\\"wanted\": 0, {[")"},
    {"ab", R"("\\\\")"},
    {"ä", R"({"wanted": {"a": "}"}, "b": [[], "]"]})"},
    {"long enough for a block of its own, which has sixty-four bytes", "-12.50"},
    {"wanted", R"({"a": ["x", "{\"", 1], "deep": {"wanted": [[1], [2]]}})"},
    {"\\n", "null"},
};

std::string object_of(std::size_t before, std::string_view blank) {
  const std::string space(blank);
  auto out = "{" + space + "\"0\": \"" + std::string(before, 'x') + "\"";
  for (const auto& [key, value] : members) out += "," + space + " \"" + key + "\"" + space + ":" + space + value;
  return out + space + "}";
}

std::string text_of_key(std::string_view raw) {
  std::string scratch;
  return std::string(json_string_text(raw, scratch));
}

TEST_CASE("places of a byte are told alike by all ways to find them", "[expr]") {
  std::string bytes;
  for (std::size_t i = 0; i < byte_block::size; ++i) bytes += "{[}]\"\\,\x80\xff\xdb z"[i * i % 13];
  for (std::size_t count = byte_block::least; count <= byte_block::size; ++count) {
    const byte_block block(bytes.data(), count);
    for (const auto& [c, set] : {std::pair('"', '\0'), {'{', ' '}, {'\x80', '\0'}, {'\0', '\0'}, {'\xff', '\x24'}}) {
      std::uint64_t places = 0;
      for (std::size_t i = 0; i < count; ++i) places |= std::uint64_t{(bytes[i] | set) == c} << i;
      CHECK(block.places_of(c, set) == places);
      CHECK(byte_block::places_by_words(bytes.data(), c, set) == (places & 0xffffffffU));
    }
  }
}

TEST_CASE("members are found wherever they are", "[expr]") {
  for (std::size_t before = 0; before < two_blocks; ++before) {
    const auto document = object_of(before, "");
    const auto spacious = object_of(before, " \n");
    for (const auto& [key, value] : members) {
      const auto text = text_of_key(key);
      CHECK(jsonb_member(document, json_key(text)) == value);
      CHECK(jsonb_member_written(document, key) == value);
      CHECK(json_member(document, json_key(text)) == value);
      CHECK(json_member(spacious, json_key(text)) == value);
    }
    for (const char* none : {"", "x", "want", "deep", "wanted\"", "b\", \"b", "], ", "in\\\\"}) {
      CHECK_FALSE(jsonb_member(document, json_key(none)));
      CHECK_FALSE(json_member(document, json_key(none)));
    }
  }
}

TEST_CASE("all members and elements are passed over", "[expr]") {
  for (std::size_t before = 0; before < two_blocks; ++before) {
    const auto document = object_of(before, " ");
    std::string array = "[\"" + std::string(before, 'x') + "\"";
    json_walk walk(document);
    REQUIRE(walk.next());
    for (const auto& [key, value] : members) {
      REQUIRE(walk.next());
      CHECK(walk.key() == key);
      CHECK(walk.value() == value);
      array += ", " + value;
    }
    CHECK_FALSE(walk.next());
    array += "]";
    CHECK(json_count(array) == static_cast<std::int64_t>(members.size() + 1));
    for (std::size_t i = 0; i < members.size(); ++i)
      CHECK(json_element(array, static_cast<std::int64_t>(i) + 1) == members[i].second);
  }
}

TEST_CASE("of equal keys of a json the last one counts, however it is written", "[expr]") {
  for (std::size_t before = 0; before < two_blocks; ++before) {
    const auto filler = std::string(before, 'x');
    const json_key key("key");
    CHECK(json_member(R"({"key": 1, "x": ")" + filler + R"(", "key" : 2, "y": {"key": 3}})", key) == "2");
    CHECK(json_member(R"({"key": 1, "x": ")" + filler + R"(", "k\u0065y": 2})", key) == "2");
    CHECK(json_member(R"({"key": 1, "x": ")" + filler + R"(", "y": {"key": 3}})", key) == "1");
  }
}

json_answer holds(std::string_view whole, std::string_view sought) {
  json_part part;
  part.read(sought);
  return part.is_in(whole);
}

TEST_CASE("a document holds each of its members, and a path leads to them", "[expr]") {
  const json_path path({{"wanted"}, {"deep"}, {"wanted"}, {"-1"}, {"0"}});
  for (std::size_t before = 0; before < two_blocks; ++before) {
    const auto document = object_of(before, "");
    for (const auto& [key, value] : members)
      CHECK(holds(document, "{\"" + key + "\": " + value + "}") == json_answer::yes);
    CHECK(holds(document, R"({"a": "b", "wanted": {"a": [1], "deep": {"wanted": [[2.0]]}}})") == json_answer::yes);
    CHECK(holds(document, R"({"wanted": {"deep": {"wanted": [[1, 2]]}}})") == json_answer::no);
    CHECK(path.follow_jsonb(document) == "2");
    CHECK(path.follow(document) == "2");
  }
}

TEST_CASE("a part that nests too deep is not looked into", "[expr]") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  const auto deepest = static_cast<std::size_t>(json_part::max_depth) + 1;
  CHECK(holds(nested(deepest), nested(deepest)) == json_answer::yes);
  CHECK(holds(nested(deepest - 1), nested(deepest + 1)) == json_answer::no);
  CHECK(holds(nested(deepest + 1), nested(deepest + 1)) == json_answer::too_deep);
}

} // namespace
} // namespace weir::test
