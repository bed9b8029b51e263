#include <functional>
#include <set>
#include <string>
#include <vector>

#include "runtime/plan/pipeline_plan.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/plan_builder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

const data_type int8{type_id::int8};

pipeline_plan orders() {
  pipeline_plan plan;
  plan.name = "orders";
  plan.nodes = {{"w1", "host=w1"}, {"w2", "host=w2"}};
  plan.target = {"target", "host=t"};
  plan.sources = {{"orders", "public", "orders", {{"region", {type_id::text}}, {"amount", int8}}}};
  view_plan view;
  view.name = "by_region";
  view.filter = test::apply(operation::less, {type_id::boolean},
                            {test::column_of(plan.sources[0], 1), test::literal(int8, "100")});
  view.keys = {test::column_of(plan.sources[0], 0)};
  view.inputs = {test::column_of(plan.sources[0], 1)};
  view.aggregates = {{aggregate_function::sum, 0, {type_id::numeric}}};
  view.outputs = {{"region", {type_id::text}, true, 0}, {"total", {type_id::numeric}, false, 0}};
  view.sink = {"public", "by_region", 200ms};
  plan.views = {view};
  return plan;
}

std::string after(const std::function<void(pipeline_plan&)>& change) {
  auto plan = orders();
  change(plan);
  return fingerprint(plan);
}

TEST_CASE("a fingerprint is 16 hexadecimal digits, the same every time", "[plan]") {
  const auto print = fingerprint(orders());
  CHECK(print.size() == 16);
  CHECK(print.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(fingerprint(orders()) == print);
}

TEST_CASE("whatever decides the content changes the fingerprint", "[plan]") {
  const std::vector<std::function<void(pipeline_plan&)>> changes{
      [](pipeline_plan&) {},
      [](pipeline_plan& p) { p.name = "order"; },
      [](pipeline_plan& p) { p.nodes.pop_back(); },
      [](pipeline_plan& p) { p.nodes[1].name = "w3"; },
      [](pipeline_plan& p) { std::swap(p.nodes[0], p.nodes[1]); },
      [](pipeline_plan& p) { p.sources[0].schema = "other"; },
      [](pipeline_plan& p) { p.sources[0].table = "other"; },
      [](pipeline_plan& p) { p.sources[0].columns[1].name = "price"; },
      [](pipeline_plan& p) { p.sources[0].columns[1].type = {type_id::int4}; },
      [](pipeline_plan& p) {
        p.sources[0].columns[0].type = {type_id::text, 14};
      },
      [](pipeline_plan& p) {
        p.sources[0].columns[0].type = {type_id::citext, -1, "public.citext"};
      },
      [](pipeline_plan& p) {
        p.sources[0].columns[0].type = {type_id::citext, -1, "public.citext", {}, letter_cases::read("Aa", "aA")};
      },
      [](pipeline_plan& p) {
        p.sources[0].columns[0].type = {type_id::citext, -1, "public.citext", {}, letter_cases::read("AaBb", "aA")};
      },
      [](pipeline_plan& p) { p.views[0].name = "other"; },
      [](pipeline_plan& p) { p.views[0].filter.reset(); },
      [](pipeline_plan& p) { p.views[0].filter->op = operation::less_equal; },
      [](pipeline_plan& p) { p.views[0].filter->args[1].literal_text = "101"; },
      [](pipeline_plan& p) { p.views[0].filter->args[1].literal_is_null = true; },
      [](pipeline_plan& p) { p.views[0].keys[0].column_index = 1; },
      [](pipeline_plan& p) { p.views[0].keys.clear(); },
      [](pipeline_plan& p) { p.views[0].inputs.push_back(p.views[0].inputs[0]); },
      [](pipeline_plan& p) { p.views[0].aggregates[0].function = aggregate_function::avg; },
      [](pipeline_plan& p) { p.views[0].aggregates.push_back(p.views[0].aggregates[0]); },
      [](pipeline_plan& p) { p.views[0].outputs[1].name = "sum"; },
      [](pipeline_plan& p) { std::swap(p.views[0].outputs[0], p.views[0].outputs[1]); },
      [](pipeline_plan& p) { p.views[0].sink.schema = "other"; },
      [](pipeline_plan& p) { p.views[0].sink.table = "other"; },
      [](pipeline_plan& p) { p.views.push_back(p.views[0]); },
  };
  std::set<std::string> prints;
  for (const auto& change : changes) prints.insert(after(change));
  CHECK(prints.size() == changes.size());
}

TEST_CASE("addresses, supervision and the interval of writing do not", "[plan]") {
  const auto print = fingerprint(orders());
  CHECK(after([](pipeline_plan& p) { p.nodes[0].conninfo = "host=elsewhere"; }) == print);
  CHECK(after([](pipeline_plan& p) { p.target.conninfo = "host=elsewhere"; }) == print);
  CHECK(after([](pipeline_plan& p) { p.supervise.retry = 9; }) == print);
  CHECK(after([](pipeline_plan& p) { p.views[0].sink.every = 0ms; }) == print);
}

TEST_CASE("types and places of columns are not the definition, their names are", "[plan]") {
  const auto registered = registered_fingerprint(orders());
  const auto like = [&](const std::function<void(pipeline_plan&)>& change) {
    auto plan = orders();
    change(plan);
    return compare_fingerprint(registered, plan);
  };
  CHECK(like([](pipeline_plan&) {}) == plan_likeness::same);
  CHECK(like([](pipeline_plan& p) { p.sources[0].columns[1].type = {type_id::int4}; }) == plan_likeness::other_types);
  CHECK(like([](pipeline_plan& p) {
          // amount became an integer: it is compared as before
          auto& amount = p.views[0].filter->args[0];
          amount.type = {type_id::int4};
          amount = test::apply(operation::cast, int8, {amount});
        }) == plan_likeness::other_types);
  CHECK(like([](pipeline_plan& p) {
          std::swap(p.sources[0].columns[0], p.sources[0].columns[1]);
          p.views[0].keys[0].column_index = 1;
          p.views[0].filter->args[0].column_index = p.views[0].inputs[0].column_index = 0;
        }) == plan_likeness::other_types);
  CHECK(like([](pipeline_plan& p) { p.views[0].keys[0].column_index = 1; }) == plan_likeness::other);
  CHECK(like([](pipeline_plan& p) { p.sources[0].columns[1].name = "price"; }) == plan_likeness::other);
  CHECK(like([](pipeline_plan& p) { p.views[0].filter->args[1].literal_text = "101"; }) == plan_likeness::other);
  // What an earlier weir registered has no second half.
  auto plan = orders();
  CHECK(compare_fingerprint(fingerprint(plan), plan) == plan_likeness::same);
  plan.sources[0].columns[1].type = {type_id::int4};
  CHECK(compare_fingerprint(fingerprint(orders()), plan) == plan_likeness::other);
}

TEST_CASE("names do not run into each other", "[plan]") {
  const auto one = after([](pipeline_plan& p) { p.sources[0].schema = "ab", p.sources[0].table = "c"; });
  const auto two = after([](pipeline_plan& p) { p.sources[0].schema = "a", p.sources[0].table = "bc"; });
  CHECK(one != two);
}

} // namespace
} // namespace weir
