#include "runtime/postgres/repeated_groups.hpp"

#include <numeric>

#include "tests/support/catch.hpp"

namespace weir::postgres {
namespace {

const std::vector<state_column> layout{{state_role::node, 0, "weir_node", {type_id::int2}},
                                       {state_role::key, 0, "k1", {type_id::numeric}},
                                       {state_role::key, 1, "k2", {type_id::text}},
                                       {state_role::rows, 0, "weir_rows", {type_id::int8}}};

struct group {
  int node;
  const char* price; ///< null: NULL
  const char* region;
};

batch states(const std::vector<group>& groups) {
  batch out;
  for (const auto& c : layout) out.columns.emplace_back(c.type);
  const auto append = [&out](std::size_t column, const char* text) {
    if (text == nullptr)
      out.columns[column].append_null();
    else
      REQUIRE(append_text(out.columns[column], text));
  };
  for (const auto& g : groups) {
    out.weights.push_back(1);
    out.columns[0].append_i64(g.node);
    append(1, g.price);
    append(2, g.region);
    out.columns[3].append_i64(1);
  }
  return out;
}

void add_all(repeated_groups& seen, const batch& state) {
  std::vector<std::uint32_t> rows(state.rows());
  std::iota(rows.begin(), rows.end(), 0U);
  seen.add(state, layout, rows);
}

} // namespace

TEST_CASE("a group of which two nodes have rows is repeated, whatever its keys look like", "[postgres]") {
  const std::vector<group> different{{0, "1.5", "east"},   {0, "1.5", "west"},  {1, "1.50001", "east"},
                                     {1, nullptr, "east"}, {1, "1.5", nullptr}, {2, nullptr, nullptr}};
  repeated_groups seen;
  add_all(seen, states(different));
  CHECK_FALSE(seen.any());
  const auto again = GENERATE(values<group>({{3, "1.500", "west"}, {3, nullptr, "east"}, {3, nullptr, nullptr}}));
  add_all(seen, states({again}));
  CHECK(seen.any());
  seen.clear();
  CHECK_FALSE(seen.any());
  add_all(seen, states({again}));
  CHECK_FALSE(seen.any());
}

TEST_CASE("rows that are not named do not repeat a group", "[postgres]") {
  repeated_groups seen;
  const auto state = states({{0, "1", "east"}, {1, "1", "east"}, {1, "2", "east"}});
  const std::vector<std::uint32_t> some{0, 2};
  seen.add(state, layout, some);
  CHECK_FALSE(seen.any());
}

TEST_CASE("of more groups than are remembered, all may be repeated", "[postgres]") {
  repeated_groups seen;
  std::size_t given = 0;
  const auto give = [&](std::size_t count) {
    std::vector<std::string> prices;
    std::vector<group> groups;
    for (std::size_t i = 0; i < count; ++i) prices.push_back(std::to_string(given++));
    for (const auto& p : prices) groups.push_back({0, p.c_str(), "east"});
    add_all(seen, states(groups));
  };
  while (given < repeated_groups::most) give(1U << 16U);
  CHECK_FALSE(seen.any());
  give(1);
  CHECK(seen.any());
}

} // namespace weir::postgres
