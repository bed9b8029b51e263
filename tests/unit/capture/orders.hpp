#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/capture/normalizer.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/effect_text.hpp"
#include "tests/support/plan_builder.hpp"
#include "tests/support/wire_builder.hpp"

namespace weir::test {

inline const data_type int4_type{type_id::int4, -1};
inline const data_type int8_type{type_id::int8, -1};
inline const data_type text_type{type_id::text, -1};
inline const data_type bool_type{type_id::boolean, -1};
inline const data_type money_type{type_id::numeric, ((12 << 16) | 2) + 4};

inline constexpr table_oid orders_oid{100};

/// Source shop.orders (id, region, amount, pieces), and two views on it:
///   0: select region, … amount … where region <> 'test' group by region
///   1: select …                 amount / pieces          (no filter, no keys)
inline pipeline_plan orders_plan() {
  pipeline_plan plan;
  plan.name = "shop";
  plan.sources.push_back({"orders",
                          "shop",
                          "orders",
                          {{"id", int8_type, true},
                           {"region", text_type, false},
                           {"amount", money_type, false},
                           {"pieces", int4_type, false}}});
  const auto& orders = plan.sources[0];
  view_plan by_region;
  by_region.name = "by_region";
  by_region.filter = apply(operation::not_equal, bool_type, {column_of(orders, 1), literal(text_type, "test")});
  by_region.keys = {column_of(orders, 1)};
  by_region.inputs = {column_of(orders, 2)};
  view_plan per_piece;
  per_piece.name = "per_piece";
  per_piece.inputs = {apply(operation::divide, int4_type, {literal(int4_type, "12"), column_of(orders, 3)})};
  plan.views = {by_region, per_piece};
  return plan;
}

/// The plan with its first view alone.
inline pipeline_plan by_region_plan() {
  auto plan = orders_plan();
  plan.views.pop_back();
  return plan;
}

inline pgoutput::relation orders_relation(const pipeline_plan& plan) {
  return relation_of(plan.sources[0], orders_oid, 'f');
}

inline capture::normalizer normalizer_of(const pipeline_plan& plan, capture::normalizer_limits limits = {}) {
  auto made = capture::normalizer::make(plan, limits);
  REQUIRE(made);
  return std::move(made).value();
}

/// The effects of one chunk, as text.
inline std::string effects_of(const pipeline_plan& plan, const wire_builder& wire,
                              capture::normalizer_limits limits = {}) {
  auto machine = normalizer_of(plan, limits);
  std::vector<capture::effect> out;
  const auto outcome = machine.consume(wire.chunk(), out);
  if (!outcome) FAIL(outcome.error().message);
  return to_text(out);
}

struct refusal {
  error why;
  std::string before; ///< the effects that were handed out
};

/// The error of one chunk, and what came before it.
inline refusal refusal_of(const pipeline_plan& plan, const wire_builder& wire) {
  auto machine = normalizer_of(plan);
  std::vector<capture::effect> out;
  auto outcome = machine.consume(wire.chunk(), out);
  if (outcome) FAIL("no error; effects:\n" + to_text(out));
  return {std::move(outcome).error(), to_text(out)};
}

} // namespace weir::test
