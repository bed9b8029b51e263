#include "runtime/operators/aggregate_delta.hpp"

#include <string>

#include "runtime/rows/text_form.hpp"
#include "tests/support/catch.hpp"

namespace weir {
namespace {

constexpr node_index a{0};
constexpr node_index b{1};

batch rows_of(std::string_view text) {
  auto parsed = parse_text(text);
  REQUIRE(parsed);
  return std::move(parsed->rows);
}

/// Sums of `type` by a text.
aggregate_delta sums_of(type_id type, bool specials, bool scales) {
  return aggregate_delta({{{type_id::text}}, {{{type}, true, specials, scales}}});
}

void add(aggregate_delta& machine, node_index node, std::string_view text) {
  const auto rows = rows_of(text);
  machine.add(node, rows, 0, rows.rows());
}

/// The states, without weights: "node, key, rows, count, sum …" a line.
std::string told(aggregate_delta& machine, std::size_t max_rows = 100) {
  std::string out;
  const auto drained = machine.drain(max_rows);
  for (const auto node : drained.truncated) out += "truncated " + std::to_string(node.value) + "\n";
  for (const auto& state : drained.states) {
    for (std::size_t row = 0; row < state.rows(); ++row) {
      for (std::size_t c = 0; c < state.columns.size(); ++c) {
        if (c > 0) out += ' ';
        if (state.columns[c].is_null(row))
          out += "null";
        else
          write_text(state.columns[c], row, out);
      }
      out += '\n';
    }
  }
  return out;
}

TEST_CASE("a group's rows are summed with their weights", "[operators]") {
  auto machine = sums_of(type_id::int8, false, false);
  add(machine, a, "k:text v:int8\n+ eu 10\n+3 eu 5\n- us 4\n+ eu null\n");
  CHECK(told(machine) == "0 eu 5 4 25\n0 us -1 -1 -4\n");
}

TEST_CASE("each node's share is apart", "[operators]") {
  auto machine = sums_of(type_id::int8, false, false);
  add(machine, b, "k:text v:int8\n+ eu 1\n");
  add(machine, a, "k:text v:int8\n+ eu 2\n");
  CHECK(told(machine) == "0 eu 1 1 2\n1 eu 1 1 1\n");
}

TEST_CASE("what was drained is not told again", "[operators]") {
  auto machine = sums_of(type_id::int8, false, false);
  add(machine, a, "k:text v:int8\n+ eu 1\n");
  told(machine);
  CHECK(machine.empty());
  CHECK(told(machine).empty());
}

TEST_CASE("a group whose changes cancel is not told", "[operators]") {
  auto machine = sums_of(type_id::int8, false, false);
  add(machine, a, "k:text v:int8\n+ eu 1\n+ us 2\n- eu 1\n");
  CHECK(told(machine) == "0 us 1 1 2\n");
}

TEST_CASE("a group whose rows change but not their number is told", "[operators]") {
  auto machine = sums_of(type_id::int8, false, false);
  add(machine, a, "k:text v:int8\n- eu 1\n+ eu 3\n");
  CHECK(told(machine) == "0 eu 0 0 2\n");
}

TEST_CASE("a truncation takes what came before of its node, and stands before what comes after", "[operators]") {
  auto machine = sums_of(type_id::int8, false, false);
  add(machine, a, "k:text v:int8\n+ eu 1\n");
  add(machine, b, "k:text v:int8\n+ eu 2\n");
  machine.truncate(a);
  machine.truncate(a);
  add(machine, a, "k:text v:int8\n+ us 3\n");
  CHECK_FALSE(machine.empty());
  CHECK(told(machine) == "truncated 0\n0 us 1 1 3\n1 eu 1 1 2\n");
}

TEST_CASE("a truncation alone is worth telling", "[operators]") {
  auto machine = sums_of(type_id::int8, false, false);
  machine.truncate(b);
  CHECK_FALSE(machine.empty());
  CHECK(told(machine) == "truncated 1\n");
}

TEST_CASE("display scales are counted, NaN and infinities apart", "[operators]") {
  auto machine = sums_of(type_id::numeric, true, true);
  add(machine, a, "k:text v:numeric\n+ eu 1.50\n+2 eu 2\n+ eu NaN\n- eu -Infinity\n+ eu Infinity\n");
  CHECK(told(machine) == "0 eu 4 4 5.50 1 1 -1 {2,0,1}\n");
}

TEST_CASE("a sum shows at least the scale of its values", "[operators]") {
  auto machine = sums_of(type_id::numeric, true, false);
  add(machine, a, "k:text v:numeric(12,2)\n+ eu 1.50\n+ eu 1.50\n");
  CHECK(told(machine) == "0 eu 2 2 3.00 0 0 0\n");
}

TEST_CASE("floats are summed without rounding", "[operators]") {
  auto machine = sums_of(type_id::float8, true, false);
  add(machine, a, "k:text v:float8\n+ eu 1e16\n+ eu 1\n- eu 1e16\n+ us 0.1\n");
  CHECK(told(machine) == "0 eu 1 1 1 0 0 0\n"
                         "0 us 1 1 0.1000000000000000055511151231257827021181583404541015625 0 0 0\n");
}

TEST_CASE("a float that was loaded and goes again cancels", "[operators]") {
  auto query = sums_of(type_id::float8, true, false);
  add(query, a, "k:text v:float8\n+ eu 0.1\n");
  auto machine = sums_of(type_id::float8, true, false);
  for (const auto& state : query.drain(10).states) REQUIRE(machine.merge(b, state));
  add(machine, b, "k:text v:float8\n- eu 0.1\n");
  CHECK(told(machine).empty());
}

TEST_CASE("states are merged into the given node, whatever node they name", "[operators]") {
  auto query = sums_of(type_id::numeric, true, true);
  add(query, a, "k:text v:numeric\n+ eu 1.5\n");
  auto machine = sums_of(type_id::numeric, true, true);
  add(machine, b, "k:text v:numeric\n+ eu 2.25\n");
  for (const auto& state : query.drain(10).states) REQUIRE(machine.merge(b, state));
  CHECK(told(machine) == "1 eu 2 2 3.75 0 0 0 {0,1,1}\n");
}

TEST_CASE("a state whose histogram is damaged is refused", "[operators]") {
  for (const auto* histogram : {"''", "{", "1,2", "{1;2}", "{x}", "{1,x}"}) {
    INFO(histogram);
    auto machine = sums_of(type_id::numeric, true, true);
    const auto state =
        rows_of("n:int2 k:text r:int8 c:int8 s:numeric nan:int8 p:int8 m:int8 h:text\n+ 0 eu 1 1 1 0 0 0 " +
                std::string(histogram) + "\n");
    const auto outcome = machine.merge(a, state);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == errc::invalid_value);
  }
}

TEST_CASE("states come in batches of the asked size", "[operators]") {
  auto machine = sums_of(type_id::int8, false, false);
  add(machine, a, "k:text v:int8\n+ a 1\n+ b 1\n+ c 1\n");
  add(machine, b, "k:text v:int8\n+ a 1\n+ b 1\n");
  const auto drained = machine.drain(2);
  REQUIRE(drained.states.size() == 3);
  CHECK(drained.states[0].rows() == 2);
  CHECK(drained.states[1].rows() == 2);
  CHECK(drained.states[2].rows() == 1);
}

TEST_CASE("memory grows with the groups and goes with the drain", "[operators]") {
  auto machine = sums_of(type_id::int8, false, false);
  CHECK(machine.size_bytes() == 0);
  add(machine, a, "k:text v:int8\n+ a 1\n");
  const auto one = machine.size_bytes();
  add(machine, a, "k:text v:int8\n+ a 1\n");
  CHECK(machine.size_bytes() == one);
  add(machine, a, "k:text v:int8\n+ b 1\n");
  CHECK(machine.size_bytes() > one);
  told(machine);
  CHECK(machine.size_bytes() == 0);
}

} // namespace
} // namespace weir
