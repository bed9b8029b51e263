#include "runtime/operators/group_index.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace weir {
namespace {

using numbers = std::vector<std::uint32_t>;

/// One column; nullptr is null.
batch keys_of(type_id type, std::initializer_list<const char*> texts) {
  batch rows;
  rows.columns.emplace_back(data_type{type});
  for (const auto* text : texts) {
    if (text == nullptr)
      rows.columns[0].append_null();
    else
      REQUIRE(append_text(rows.columns[0], text));
    rows.weights.push_back(1);
  }
  return rows;
}

numbers groups_of(type_id type, std::initializer_list<const char*> texts) {
  group_index index({{type}});
  numbers groups;
  const auto rows = keys_of(type, texts);
  index.find_or_add(rows, 0, rows.rows(), groups);
  return groups;
}

TEST_CASE("equal keys get the same number, new ones the next", "[operators]") {
  CHECK(groups_of(type_id::int4, {"5", "7", "5", "-5", "7"}) == numbers{0, 1, 0, 2, 1});
  CHECK(groups_of(type_id::date, {"2024-02-29", "infinity", "2024-02-29"}) == numbers{0, 1, 0});
  CHECK(groups_of(type_id::boolean, {"t", "f", "t"}) == numbers{0, 1, 0});
}

TEST_CASE("texts are equal byte by byte", "[operators]") {
  CHECK(groups_of(type_id::text, {"a", "a ", "A", "", "a"}) == numbers{0, 1, 2, 3, 0});
  CHECK(groups_of(type_id::text, {"eight by", "eight byte", "eight bytf", "eight by"}) == numbers{0, 1, 2, 0});
}

TEST_CASE("of citext capital letters are small ones, by the letters of its database", "[operators]") {
  const auto groups = [](const char* letters, std::initializer_list<const char*> texts) {
    group_index index({{type_id::citext, -1, "public.citext", {}, letter_cases::read(letters, "")}});
    numbers found;
    // Rows that were written to a file and read again know nothing of letters.
    const auto rows = keys_of(type_id::citext, texts);
    index.find_or_add(rows, 0, rows.rows(), found);
    return found;
  };
  CHECK(groups("AaBbÄä", {"ab", "AB", "aB ", "äb", "Äb", nullptr, "", nullptr}) == numbers{0, 0, 1, 2, 2, 3, 4, 3});
  CHECK(groups("AaBb", {"äb", "Äb", "ÄB"}) == numbers{0, 1, 1});
}

TEST_CASE("null equals null and nothing else", "[operators]") {
  CHECK(groups_of(type_id::text, {nullptr, "", nullptr}) == numbers{0, 1, 0});
  CHECK(groups_of(type_id::int8, {nullptr, "0", nullptr}) == numbers{0, 1, 0});
  CHECK(groups_of(type_id::numeric, {nullptr, "0", nullptr}) == numbers{0, 1, 0});
  CHECK(groups_of(type_id::float8, {nullptr, "0", nullptr}) == numbers{0, 1, 0});
}

TEST_CASE("numerics are equal by value", "[operators]") {
  CHECK(groups_of(type_id::numeric, {"1.0", "1", "1.00", "10", "0.1", "-1"}) == numbers{0, 0, 0, 1, 2, 3});
  CHECK(groups_of(type_id::numeric, {"0", "0.000", "-0"}) == numbers{0, 0, 0});
  CHECK(groups_of(type_id::numeric, {"NaN", "Infinity", "-Infinity", "NaN"}) == numbers{0, 1, 2, 0});
}

TEST_CASE("numerics are equal by value beyond 128 bits too", "[operators]") {
  const auto big = "1" + std::string(50, '0');
  const auto scaled = big + ".00";
  const auto next = "1" + std::string(49, '0') + "1";
  CHECK(groups_of(type_id::numeric, {big.c_str(), scaled.c_str(), next.c_str()}) == numbers{0, 0, 1});
}

TEST_CASE("floats are equal as GROUP BY has it: -0 is 0, all NaNs are one", "[operators]") {
  CHECK(groups_of(type_id::float8, {"0", "-0", "NaN", "1.5", "NaN"}) == numbers{0, 0, 1, 2, 1});
}

TEST_CASE("intervals are equal as GROUP BY has it: a day is 24 hours, a month 30 days", "[operators]") {
  CHECK(groups_of(type_id::interval, {"1 day", "24:00:00", "1 mon", "30 days", "1 mon -1 days", "29 days", "1 year"}) ==
        numbers{0, 0, 1, 1, 2, 2, 3});
}

TEST_CASE("all columns of a key count, each in its place", "[operators]") {
  batch rows = keys_of(type_id::text, {"a", "b", nullptr, "a"});
  rows.columns.push_back(keys_of(type_id::text, {"b", "a", "a", "b"}).columns[0]);
  group_index index({{type_id::text}, {type_id::text}});
  numbers groups;
  index.find_or_add(rows, 0, 4, groups);
  CHECK(groups == numbers{0, 1, 2, 0});
}

TEST_CASE("without keys there is one group", "[operators]") {
  batch rows;
  rows.weights = {1, 1, 1};
  group_index index({});
  numbers groups;
  index.find_or_add(rows, 0, 3, groups);
  CHECK(groups == numbers{0, 0, 0});
  CHECK(index.size() == 1);
}

TEST_CASE("only the given rows are looked at", "[operators]") {
  const auto rows = keys_of(type_id::text, {"a", "b", "c", "b"});
  group_index index({{type_id::text}});
  numbers groups;
  index.find_or_add(rows, 1, 3, groups);
  CHECK(groups == numbers{0, 1});
  index.find_or_add(rows, 3, 4, groups);
  CHECK(groups == numbers{0});
}

TEST_CASE("a group's key is kept as it was first spelled", "[operators]") {
  const auto rows = keys_of(type_id::numeric, {"1.00", "1"});
  group_index index({{type_id::numeric}});
  numbers groups;
  index.find_or_add(rows, 0, 2, groups);
  std::string text;
  write_text(index.keys()[0], 0, text);
  CHECK(text == "1.00");
}

TEST_CASE("numbers stay while the table grows", "[operators]") {
  batch rows;
  rows.columns.emplace_back(data_type{type_id::int8});
  for (std::int64_t n = 0; n < 20'000; ++n) {
    rows.columns[0].append_i64(n * 1024);
    rows.weights.push_back(1);
  }
  group_index index({{type_id::int8}});
  numbers first;
  numbers again;
  index.find_or_add(rows, 0, rows.rows(), first);
  index.find_or_add(rows, 0, rows.rows(), again);
  CHECK(index.size() == rows.rows());
  CHECK(first == again);
  CHECK(first.back() == 19'999);
}

TEST_CASE("a cleared index starts from nothing", "[operators]") {
  const auto rows = keys_of(type_id::text, {"a", "b"});
  group_index index({{type_id::text}});
  numbers groups;
  index.find_or_add(rows, 0, 2, groups);
  index.clear();
  CHECK(index.size() == 0);
  index.find_or_add(rows, 1, 2, groups);
  CHECK(groups == numbers{0});
  CHECK(index.keys()[0].bytes_at(0) == "b");
}

} // namespace
} // namespace weir
