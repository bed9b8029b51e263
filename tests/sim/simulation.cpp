#include "tests/sim/simulation.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <fmt/format.h>

#include "tests/sim/simulated_workers.hpp"
#include "tests/support/plan_builder.hpp"

namespace weir::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t catch_up_steps = 400'000;

/// select region, count(*), sum(amount) from orders [where amount >= 0] group by region
view_plan make_view(const source_plan& source, std::size_t number, std::chrono::milliseconds every) {
  view_plan v;
  v.name = fmt::format("v{}", number);
  if (number == 1)
    v.filter =
        apply(operation::greater_equal, {type_id::boolean}, {column_of(source, 2), literal({type_id::int8}, "0")});
  v.keys = {column_of(source, 1)};
  v.inputs = {column_of(source, 2)};
  v.aggregates = {{aggregate_function::count_rows, 0, {type_id::int8}},
                  {aggregate_function::sum, 0, {type_id::numeric}}};
  v.outputs = {{"region", {type_id::text}, true, 0, true},
               {"count", {type_id::int8}, false, 0, true},
               {"sum", {type_id::numeric}, false, 1, false}};
  v.sink = {"public", v.name, every};
  return v;
}

pipeline_plan make_plan(std::size_t nodes) {
  pipeline_plan plan;
  plan.name = "simulated";
  for (std::size_t i = 0; i < nodes; ++i) plan.nodes.push_back({fmt::format("w{}", i + 1), ""});
  plan.sources = {
      {"orders",
       "public",
       "orders",
       {{"id", {type_id::int8}, true}, {"region", {type_id::text}, true}, {"amount", {type_id::int8}, true}}}};
  plan.views = {make_view(plan.sources[0], 0, 0ms), make_view(plan.sources[0], 1, 20ms)};
  plan.supervise.backoff_min = 5ms;
  plan.supervise.backoff_max = 50ms;
  return plan;
}

std::string to_text(const sim_view& view) {
  std::string out;
  for (const auto& [region, g] : view)
    out += fmt::format(" {}: {} rows, {} amounts, sum {};", region, g.rows, g.count, g.sum);
  return out;
}

sim_view query(const std::vector<simulation::server>& servers, std::size_t view,
               const std::function<lsn(std::size_t)>& position) {
  sim_view out;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    for (const auto& [id, row] : servers[i].node.after(position(i))) {
      if (!in_view(view, row)) continue;
      auto& group = out[row.region];
      ++group.rows;
      ++group.count;
      group.sum += row.amount;
    }
  }
  return out;
}

} // namespace

simulation::simulation(std::uint64_t seed, std::size_t nodes, simulated_faults f)
    : target(2), random(seed), faults(f), plan_(std::make_shared<const pipeline_plan>(make_plan(nodes))) {
  for (std::size_t i = 0; i < nodes; ++i) servers.push_back({simulated_node(1000 + random.below(100'000)), false, 0});
}

void simulation::check_cut() {
  ++cuts_;
  if (!violation_.empty()) return;
  if (auto bad = target.corruption(); !bad.empty()) {
    violation_ = bad;
    return;
  }
  const auto& frontier = target.frontier();
  for (std::size_t v = 0; v < plan_->views.size(); ++v) {
    const auto expected = query(servers, v, [&](std::size_t i) { return frontier[i].position; });
    if (const auto shown = target.view(v); shown != expected && violation_.empty())
      violation_ = fmt::format("view {} is not its query at cut {}: shows{}\nexpected{}", v, target.last().value,
                               to_text(shown), to_text(expected));
  }
}

bool simulation::caught_up() const {
  if (target.frontier().empty()) return false;
  for (std::size_t v = 0; v < plan_->views.size(); ++v)
    if (target.view(v) != query(servers, v, [&](std::size_t i) { return servers[i].node.end(); })) return false;
  return true;
}

std::optional<std::string> simulation::run_program(std::size_t& steps_left) {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("testing"));
  caf::actor_system system{config};
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  scheduler.clock().current_time += std::chrono::hours(1);
  auto alive = std::make_shared<bool>(true);
  std::optional<pipeline_outcome> outcome;
  pipeline_supervisor_arguments arguments;
  arguments.plan = plan_;
  arguments.holder = "simulation";
  arguments.memory_bytes = 128U << 10U; // small, so that credit runs out
  arguments.seed = random.next();
  arguments.spawn = simulated_workers(*this, alive);
  arguments.finished = [&](pipeline_outcome o) { outcome = std::move(o); };
  auto supervisor = system.spawn(pipeline_supervisor_actor, std::move(arguments));

  const auto run_one = [&] {
    if (scheduler.jobs.empty()) return scheduler.advance_time(500us), void();
    const auto pick = static_cast<std::ptrdiff_t>(random.below(scheduler.jobs.size()));
    std::rotate(scheduler.jobs.begin(), scheduler.jobs.begin() + pick, scheduler.jobs.begin() + pick + 1);
    scheduler.run_once();
    if (random.chance(1, 50)) scheduler.advance_time(std::chrono::microseconds(random.below(3000)));
  };
  std::optional<std::string> verdict;
  for (;; --steps_left) {
    if (outcome) {
      verdict = outcome->failure ? outcome->failure->message : "the pipeline stopped by itself";
      break;
    }
    if (!violation_.empty())
      verdict = violation_;
    else if (steps_left == 0)
      verdict = "the views did not catch up";
    else if (quiet && steps_left % 256 == 0 && caught_up())
      verdict = "";
    if (verdict) break;
    if (!quiet) {
      if (random.chance(1, 20))
        servers[random.below(servers.size())].node.do_something(random, time_us_ +=
                                                                        static_cast<std::int64_t>(random.below(500)));
      for (auto& s : servers) {
        if (s.away && steps_left < s.away_until_step) s.away = false;
        if (!s.away && fault(faults.node_away) && random.chance(1, 50)) {
          s.away = true;
          s.away_until_step = steps_left - std::min<std::size_t>(steps_left, random.below(3000));
        }
      }
      if (fault(faults.program_dies) && random.chance(1, 50)) break;
      if (steps_left <= catch_up_steps) {
        quiet = true;
        for (auto& s : servers) {
          s.away = false;
          s.node.decide_all(random, ++time_us_);
        }
      }
    }
    run_one();
  }
  // Dead from here on: what the actors still do reaches no server.
  *alive = false;
  caf::anon_send(supervisor, messages::stop{});
  for (int i = 0; i < 1'000'000 && !outcome; ++i) run_one();
  if (!outcome) verdict = "the program does not stop";
  supervisor = nullptr;
  while (scheduler.try_run_once()) {
  }
  target.rollback();
  return verdict;
}

std::string simulation::run(std::size_t steps) {
  auto left = steps + catch_up_steps;
  for (;;) {
    if (auto verdict = run_program(left)) return *verdict;
    ++restarts_;
  }
}

} // namespace weir::test
