#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/state/transaction_hold.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

/// A TRUNCATE takes the place of what its transaction did to the view before.
namespace weir {
namespace {

constexpr transaction_hold::key one = 1;

std::string temporary() { return std::filesystem::temp_directory_path().string(); }

held_item row(std::size_t view, std::int64_t number) {
  auto b = std::make_shared<batch>();
  b->columns.emplace_back(data_type{type_id::int8});
  b->columns[0].append_i64(number);
  b->weights.push_back(1);
  return {held_item::kind::rows, view, std::move(b), 0, 1, {}};
}

held_item truncate(std::size_t view, std::uint64_t command = 0) {
  held_item item{held_item::kind::truncate, view, {}, 0, 0, {}};
  item.command = command;
  return item;
}

/// "0:7" a row of view 0; "0:T5" a TRUNCATE of command 5.
std::vector<std::string> take_all(transaction_hold& hold) {
  std::vector<std::string> out;
  for (;;) {
    const auto item = hold.take(one);
    REQUIRE(item);
    if (!*item) return out;
    const auto view = std::to_string((*item)->view) + ":";
    const bool rows = (*item)->what == held_item::kind::rows;
    out.push_back(view + (rows ? std::to_string((*item)->rows->columns[0].i64[(*item)->first])
                               : "T" + std::to_string((*item)->command)));
  }
}

TEST_CASE("a TRUNCATE takes the place of the view's items before it, not of those behind it", "[state]") {
  transaction_hold hold(temporary());
  hold.put(one, row(0, 1));
  hold.put(one, row(1, 2));
  hold.put(one, truncate(0, 5));
  hold.put(one, row(0, 3));
  CHECK(take_all(hold) == std::vector<std::string>{"1:2", "0:T5", "0:3"});
}

TEST_CASE("of the TRUNCATEs of a transaction that empties several shards one is left", "[state]") {
  transaction_hold hold(temporary());
  for (int i = 0; i < 4; ++i) hold.put(one, truncate(0, 9));
  CHECK(take_all(hold) == std::vector<std::string>{"0:T9"});
}

TEST_CASE("a TRUNCATE knows its command after it was spilled, and takes spilled items away", "[state]") {
  transaction_hold hold(temporary());
  hold.put(one, row(0, 1));
  hold.put(one, truncate(1, 77));
  REQUIRE(hold.spill(one));
  hold.put(one, truncate(0, 78));
  REQUIRE(hold.spill(one));
  CHECK(take_all(hold) == std::vector<std::string>{"1:T77", "0:T78"});
}

TEST_CASE("items that a TRUNCATE took away cost no memory any more", "[state]") {
  transaction_hold hold(temporary());
  hold.put(one, truncate(0));
  const auto least = hold.memory_bytes(one);
  hold.put(one, row(0, 1));
  CHECK(hold.memory_bytes(one) > least);
  hold.put(one, truncate(0));
  CHECK(hold.memory_bytes(one) == least);
  hold.compact(one);
  CHECK(hold.memory_bytes(one) == least);
}

TEST_CASE("rows and TRUNCATEs of several views come out as one after the other would leave them", "[state]") {
  for (std::uint64_t i = 0; i < 200; ++i) {
    INFO("replay with WEIR_SEED=" << test::seed() + i);
    seeded_random random(test::seed() + i);
    transaction_hold hold(temporary());
    std::map<std::size_t, std::vector<std::string>> expected;
    std::uint64_t serial = 0;
    for (auto left = random.below(30); left > 0; --left) {
      const auto view = random.below(3);
      const auto text = std::to_string(view) + ":";
      const auto number = ++serial;
      if (random.chance(1, 4)) {
        hold.put(one, truncate(view, number));
        expected[view] = {text + "T" + std::to_string(number)};
      } else {
        hold.put(one, row(view, static_cast<std::int64_t>(number)));
        expected[view].push_back(text + std::to_string(number));
      }
      if (random.chance(1, 6)) REQUIRE(hold.spill(one));
      if (random.chance(1, 6)) hold.compact(one);
    }
    std::map<std::size_t, std::vector<std::string>> found;
    for (auto& item : take_all(hold)) found[static_cast<std::size_t>(item.front() - '0')].push_back(item);
    std::erase_if(expected, [](const auto& e) { return e.second.empty(); });
    REQUIRE(found == expected);
  }
}

} // namespace
} // namespace weir
