#include "runtime/cluster/ownership.hpp"

#include "tests/support/catch.hpp"

namespace weir {
namespace {

using likeness = ownership::likeness;

ownership two_shards(group_id group) {
  ownership o(group);
  o.put(shard{102'008, 0, {INT32_MIN, -1}, 700, "orders_102008"});
  o.put(shard{102'009, 0, {0, INT32_MAX}, 0, {}});
  o.put(1, placement{102'008, 1});
  o.put(2, placement{102'009, 2});
  return o;
}

TEST_CASE("hashes that are covered once tile, in any order", "[cluster]") {
  CHECK(tile({{0, INT32_MAX}, {INT32_MIN, -1}}));
  CHECK(tile({{}}));
  CHECK_FALSE(tile({}));
  CHECK_FALSE(tile({{INT32_MIN, -1}, {1, INT32_MAX}}));
  CHECK_FALSE(tile({{INT32_MIN, 0}, {0, INT32_MAX}}));
  CHECK_FALSE(tile({{INT32_MIN, -1}, {0, INT32_MAX - 1}}));
}

TEST_CASE("the number at the end of a table's name", "[cluster]") {
  CHECK(shard_number("orders_102012") == 102'012);
  CHECK(shard_number("a_b_1") == 1);
  for (const auto* other :
       {"orders", "orders_", "orders_12x", "orders_-3", "102012", "orders_0", "o_99999999999999999999"})
    CHECK_FALSE(shard_number(other));
}

TEST_CASE("a shard that is kept twice counts on the node of the lowest group", "[cluster]") {
  for (const group_id group : {1, 2}) {
    auto o = two_shards(group);
    o.put(3, placement{102'008, 2});
    o.put(4, placement{102'009, 1});
    CHECK(o.owns(102'008) == (group == 1));
    CHECK(o.owns(102'009) == (group == 1));
    o.remove_placement(4);
    CHECK(o.owns(102'009) == (group == 2));
  }
}

TEST_CASE("a placement of a shard that nobody knows is left out", "[cluster]") {
  auto o = two_shards(1);
  o.put(9, placement{555, 1});
  CHECK(o.find_placement(9) == nullptr);
  CHECK_FALSE(o.owner(555));
}

TEST_CASE("with a shard go its placements", "[cluster]") {
  auto o = two_shards(1);
  o.remove_shard(102'008);
  CHECK(o.find_placement(1) == nullptr);
  CHECK_FALSE(o.owns_any(0));
}

TEST_CASE("hashes that nobody owns, or two nodes own, are told by source", "[cluster]") {
  auto one = two_shards(1);
  auto two = two_shards(2);
  CHECK(not_owned_once({&one, &two}, {true}).empty());
  CHECK(not_owned_once({&one}, {true}) == std::vector<std::size_t>{0});
  CHECK(not_owned_once({&one}, {false}).empty());
  two.put(1, placement{102'008, 2});
  CHECK(not_owned_once({&one, &two}, {true}) == std::vector<std::size_t>{0});
}

TEST_CASE("a shard's table is known by its oid, by its name, or by those of the other shards", "[cluster]") {
  auto o = two_shards(1);
  const auto& known = *o.find(102'008);
  CHECK(o.compare(known, "orders_102008", 700) == likeness::shard);
  CHECK(o.compare(known, "renamed_102008", 700) == likeness::shard);
  CHECK(o.compare(known, "orders_102008", 701) == likeness::shard);
  CHECK(o.compare(known, "data_102008", 701) == likeness::other);
  const auto& unseen = *o.find(102'009);
  CHECK(o.compare(unseen, "orders_102009", 5) == likeness::shard);
  CHECK(o.compare(unseen, "data_102009", 5) == likeness::unclear);
}

TEST_CASE("what is known of a shard's table outlives a change of its row", "[cluster]") {
  auto o = two_shards(1);
  o.put(shard{102'008, 0, {INT32_MIN, -2}, 0, {}});
  CHECK(o.find(102'008)->relation == "orders_102008");
  CHECK(o.find(102'008)->oid == 700);
  o.remember_table(102'008, "renamed_102008", 800);
  CHECK(o.find(102'008)->relation == "renamed_102008");
  CHECK(o.find(102'008)->oid == 800);
}

} // namespace
} // namespace weir
