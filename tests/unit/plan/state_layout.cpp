#include "runtime/plan/state_layout.hpp"

#include <string>

#include "runtime/operators/aggregate_delta.hpp"
#include "runtime/plan/aggregate_spec_of.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/plan_builder.hpp"

namespace weir {
namespace {

const data_type int8{type_id::int8};

/// A view with keys and inputs of the given types; input i has the functions `functions[i]`.
view_plan view_of(std::vector<data_type> keys, std::vector<data_type> inputs,
                  std::vector<std::vector<aggregate_function>> functions) {
  view_plan view;
  for (const auto& type : keys) view.keys.push_back(test::literal(type, "x"));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    view.inputs.push_back(test::literal(inputs[i], "x"));
    view.inputs.back().fixed_scale = declared_scale(inputs[i]);
    for (const auto f : functions[i]) view.aggregates.push_back({f, i, {}});
  }
  view.aggregates.push_back({aggregate_function::count_rows, 0, {}});
  return view;
}

std::string names(const view_plan& view) {
  std::string out;
  for (const auto& c : state_layout(view)) out += (out.empty() ? "" : " ") + c.name;
  return out;
}

using enum aggregate_function;

TEST_CASE("the state of count(*) is node, keys and rows", "[plan]") {
  CHECK(names(view_of({{type_id::text}, int8}, {}, {})) == "weir_node k1 k2 weir_rows");
  CHECK(names(view_of({}, {}, {})) == "weir_node weir_rows");
}

TEST_CASE("an input that is only counted has its count", "[plan]") {
  CHECK(names(view_of({}, {{type_id::numeric}, {type_id::text}}, {{count}, {count}})) == "weir_node weir_rows c1 c2");
}

TEST_CASE("an integer that is summed or averaged has count and sum", "[plan]") {
  CHECK(names(view_of({}, {int8}, {{sum}})) == "weir_node weir_rows c1 s1");
  CHECK(names(view_of({}, {int8}, {{avg, count}})) == "weir_node weir_rows c1 s1");
}

TEST_CASE("a float has counts of NaN and infinities beside its sum", "[plan]") {
  CHECK(names(view_of({}, {{type_id::float4}}, {{sum}})) == "weir_node weir_rows c1 s1 nan1 pinf1 ninf1");
}

TEST_CASE("a numeric has a histogram of scales unless its scale is fixed", "[plan]") {
  CHECK(names(view_of({}, {{type_id::numeric}}, {{sum}})) == "weir_node weir_rows c1 s1 nan1 pinf1 ninf1 scales1");
  const data_type money{type_id::numeric, ((12 << 16) | 2) + 4};
  CHECK(names(view_of({}, {money}, {{sum}})) == "weir_node weir_rows c1 s1 nan1 pinf1 ninf1");
}

TEST_CASE("columns carry the number of their input", "[plan]") {
  const auto layout = state_layout(view_of({}, {int8, int8}, {{count}, {sum}}));
  REQUIRE(layout.back().name == "s2");
  CHECK(layout.back().role == state_role::sum);
  CHECK(layout.back().index == 1);
}

TEST_CASE("the operator's state batches have the layout's types", "[plan]") {
  const auto view = view_of({{type_id::text}}, {{type_id::numeric}, {type_id::float8}, int8, {type_id::text}},
                            {{sum}, {avg}, {sum}, {count}});
  aggregate_delta machine(aggregate_spec_of(view));
  batch rows;
  for (const auto id : {type_id::text, type_id::numeric, type_id::float8, type_id::int8, type_id::text}) {
    rows.columns.emplace_back(data_type{id});
    REQUIRE(append_text(rows.columns.back(), "1"));
  }
  rows.weights = {1};
  machine.add(node_index{0}, rows, 0, 1);
  const auto drained = machine.drain(10);
  REQUIRE(drained.states.size() == 1);
  const auto layout = state_layout(view);
  REQUIRE(drained.states[0].columns.size() == layout.size());
  for (std::size_t i = 0; i < layout.size(); ++i) {
    INFO(layout[i].name);
    CHECK(drained.states[0].columns[i].type == layout[i].type);
  }
}

TEST_CASE("the operator keeps what the layout names", "[plan]") {
  const auto spec = aggregate_spec_of(view_of({{type_id::uuid}}, {{type_id::numeric}, int8}, {{sum}, {count}}));
  REQUIRE(spec.keys.size() == 1);
  CHECK(spec.keys[0].id == type_id::uuid);
  REQUIRE(spec.inputs.size() == 2);
  CHECK((spec.inputs[0].summed && spec.inputs[0].has_specials && spec.inputs[0].needs_scales));
  CHECK_FALSE((spec.inputs[1].summed || spec.inputs[1].has_specials || spec.inputs[1].needs_scales));
}

} // namespace
} // namespace weir
