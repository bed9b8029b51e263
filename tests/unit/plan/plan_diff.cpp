#include "runtime/plan/plan_diff.hpp"

#include <algorithm>
#include <functional>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace weir;

namespace {

expression column(int place, type_id type) {
  expression e;
  e.op = operation::column;
  e.column_index = place;
  e.type = {type};
  return e;
}

pipeline_plan plan_of_orders() {
  pipeline_plan plan;
  plan.name = "orders";
  plan.nodes = {{"w1", "host=a"}, {"w2", "host=b"}};
  plan.target = {"coordinator", "host=c"};
  plan.sources = {{"orders", "public", "orders", {{"region", {type_id::text}}, {"amount", {type_id::int4}}}}};
  view_plan view;
  view.name = "revenue";
  view.keys = {column(0, type_id::text)};
  view.inputs = {column(1, type_id::int4)};
  view.aggregates = {{aggregate_function::count_rows, 0, {type_id::int8}},
                     {aggregate_function::sum, 0, {type_id::int8}}};
  view.outputs = {{"region", {type_id::text}, true, 0},
                  {"orders", {type_id::int8}, false, 0},
                  {"revenue", {type_id::int8}, false, 1}};
  view.sink.schema = "analytics";
  view.sink.table = "revenue";
  plan.views = {view};
  return plan;
}

struct change {
  const char* name;
  std::function<void(pipeline_plan&)> make;
  const char* told; ///< a line of the text
};

const std::vector<change>& changes() {
  static const std::vector<change> all{
      {"retry", [](auto& p) { p.supervise.retry = 9; }, "~ retry  5  →  9"},
      {"backoff", [](auto& p) { p.supervise.backoff_max = std::chrono::minutes(2); }, "~ backoff"},
      {"on failure", [](auto& p) { p.supervise.on_worker_failure = on_worker_failure::wait; }, "isolate  →  wait"},
      {"on lost", [](auto& p) { p.supervise.on_slot_lost = on_slot_lost::stop; }, "reload  →  stop"},
      {"on change", [](auto& p) { p.supervise.on_schema_change = on_schema_change::stop; }, "evolve  →  stop"},
      {"on error", [](auto& p) { p.supervise.on_error = on_error::stop; }, "~ on error  skip  →  stop"},
      {"having", [](auto& p) { p.views[0].having = column(1, type_id::boolean); }, "+ revenue.having  count(*)"},
      {"computed",
       [](auto& p) {
         p.views[0].computed.assign(4, column(2, type_id::int8));
         p.views[0].outputs.push_back({"again", {type_id::int8}, false, 3, false, true});
       },
       "+ revenue.columns.again  bigint: sum(amount)"},
      {"consistency", [](auto& p) { p.consistency = consistency::node; }, "transaction  →  node"},
      {"pattern", [](auto& p) { p.transaction_name = "t_(.*)"; }, "+ transaction name  t_(.*)"},
      {"capture", [](auto& p) { p.capture = capture_mode::raw; }, "~ capture"},
      {"address", [](auto& p) { p.nodes[1].conninfo = "host=z password=geheim"; }, "~ w2.address  host=b  →  host=z"},
      {"target", [](auto& p) { p.target.conninfo = "host=z"; }, "~ target  host=c  →  host=z"},
      {"node",
       [](auto& p) {
         p.nodes.push_back({"w3", "host=d"});
       },
       "w1, w2  →  w1, w2, w3"},
      {"node's name", [](auto& p) { p.nodes[1].name = "w9"; }, "w1, w2  →  w1, w9"},
      {"every", [](auto& p) { p.views[0].sink.every = std::chrono::seconds(5); }, "~ revenue.every  200 ms  →  5 s"},
      {"placement", [](auto& p) { p.views[0].sink.placement = sink_placement::reference; }, "local  →  reference"},
      {"sink", [](auto& p) { p.views[0].sink.table = "sold"; }, "~ revenue.sink  analytics.revenue  →  analytics.sold"},
      {"column's type", [](auto& p) { p.sources[0].columns[1].type = {type_id::int8}; },
       "~ public.orders.columns.amount  integer  →  bigint"},
      {"column",
       [](auto& p) {
         p.sources[0].columns.push_back({"paid", {type_id::boolean}});
       },
       "+ public.orders.columns.paid  boolean"},
      {"not null", [](auto& p) { p.sources[0].columns[0].not_null = true; },
       "+ public.orders.columns.region.not_null  not null"},
      {"source's name", [](auto& p) { p.sources[0].name = "others"; }, ""},
      {"table", [](auto& p) { p.sources[0].table = "others"; }, "~ revenue.source  public.orders  →  public.others"},
      {"output", [](auto& p) { p.views[0].outputs[2].name = "sold"; }, "+ revenue.columns.sold "},
      {"output goes", [](auto& p) { p.views[0].outputs.pop_back(); }, "- revenue.columns.revenue"},
      {"aggregate", [](auto& p) { p.views[0].aggregates[1].function = aggregate_function::avg; },
       "~ revenue.aggregate"},
      {"filter",
       [](auto& p) {
         expression test;
         test.op = operation::is_null;
         test.type = {type_id::boolean};
         test.args = {column(0, type_id::text)};
         p.views[0].filter = test;
       },
       "+ revenue.filter  region is null"},
      {"key", [](auto& p) { p.views[0].keys[0] = column(1, type_id::int4); }, "~ revenue.project"},
      {"view", [](auto& p) { p.views.push_back(p.views[0]), p.views[1].name = "more"; }, "+ more  is kept"},
      {"view goes", [](auto& p) { p.views.clear(); }, "- revenue  is kept"},
  };
  return all;
}

bool only_settings(const std::vector<plan_change>& found) {
  return std::all_of(found.begin(), found.end(), [](const plan_change& c) { return c.setting; });
}

} // namespace

TEST_CASE("a plan has no difference to itself") { CHECK(compare(plan_of_orders(), plan_of_orders()).empty()); }

TEST_CASE("what changes is told by its name") {
  for (const auto& change : changes()) {
    auto after = plan_of_orders();
    change.make(after);
    const auto text = changes_text(compare(plan_of_orders(), after), "");
    INFO(change.name << "\n" << text);
    CHECK(text.find("geheim") == std::string::npos);
    CHECK_THAT(text, WEIR_CONTAINS(change.told));
  }
}

TEST_CASE("a change is a setting if and only if the fingerprint stays") {
  // all pairs of plans with up to three of the changes
  for (std::size_t a = 0; a < changes().size(); ++a)
    for (std::size_t b = a; b < changes().size(); ++b) {
      auto before = plan_of_orders();
      changes()[a].make(before);
      auto after = before;
      if (!after.views.empty()) changes()[b].make(after);
      const auto found = compare(before, after);
      INFO(changes()[a].name << " then " << changes()[b].name << "\n" << changes_text(found, ""));
      CHECK(only_settings(found) == (fingerprint(before) == fingerprint(after)));
      const auto back = compare(after, before);
      CHECK(back.size() == found.size());
      for (const auto& c : found)
        CHECK(std::any_of(back.begin(), back.end(), [&](const plan_change& d) {
          return d.name == c.name && ((d.before == c.after && d.after == c.before) || c.name == "expressions");
        }));
    }
}

TEST_CASE("the order of views is told, and casts that no words show") {
  auto before = plan_of_orders();
  before.views.push_back(before.views[0]);
  before.views[1].name = "more";
  auto after = before;
  std::swap(after.views[0], after.views[1]);
  CHECK_THAT(changes_text(compare(before, after), ""), WEIR_CONTAINS("~ views  revenue, more  →  more, revenue"));
  auto cast = plan_of_orders();
  cast.views[0].keys[0].type = {type_id::varchar};
  CHECK_THAT(changes_text(compare(plan_of_orders(), cast), ""), WEIR_CONTAINS("~ expressions"));
}

TEST_CASE("what run does follows from the fingerprint") {
  const auto plan = plan_of_orders();
  CHECK(effect_of_run("", plan) == run_effect::first_run);
  CHECK(effect_of_run(registered_fingerprint(plan), plan) == run_effect::goes_on);
  auto other = plan;
  other.views[0].name = "other";
  CHECK(effect_of_run(registered_fingerprint(other), plan) == run_effect::refuses);
  auto wider = plan;
  wider.sources[0].columns[0].type = {type_id::varchar};
  CHECK(effect_of_run(registered_fingerprint(wider), plan) == run_effect::evolves);
  auto strict = plan;
  strict.supervise.on_schema_change = on_schema_change::stop;
  CHECK(effect_of_run(registered_fingerprint(wider), strict) == run_effect::stops);
}

TEST_CASE("changes are told in JSON") {
  auto after = plan_of_orders();
  after.supervise.retry = 9;
  CHECK(changes_json(compare(plan_of_orders(), after)) ==
        nlohmann::json::parse(
            R"([{"change": "changed", "name": "retry", "before": "5", "after": "9", "setting": true}])"));
}
