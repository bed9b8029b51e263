#include "tests/sim/world/program.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include "actors/slot_reader.hpp"
#include "tests/sim/world/node_connection.hpp"
#include "tests/sim/world/simulated_registry.hpp"
#include "tests/sim/world/target_session.hpp"
#include "tests/sim/world/world.hpp"

namespace weir::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_nap = 3ms;  ///< of a reader that waits
constexpr auto longest_stall = 4s; ///< of a connection
constexpr int farewell_steps = 1'000'000;

struct reader_state {
  std::unique_ptr<node_connection> node;
  std::optional<slot_reading> reading;
  std::shared_ptr<node_link> link;
};

/// The shell of a slot reader in virtual time: it takes a step, then naps.
caf::behavior simulated_reader(caf::stateful_actor<reader_state>* self, slot_reader_arguments arguments, world* w,
                               const std::string& holder, std::shared_ptr<const bool> alive) {
  auto& s = self->state;
  auto& env = w->env;
  s.node = std::make_unique<node_connection>(*w, w->nodes[arguments.node.value], holder, alive);
  s.link = arguments.link;
  s.reading.emplace(self, std::move(arguments), *s.node);
  w->links.push_back(s.link);
  self->send(self, messages::tick{});
  return {
      [=, &s, &env](const messages::tick&) {
        using reason = slot_session::pause::reason;
        if (env.happens(env.often.reader_breaks)) s.node->link().cut("by chance");
        if (env.happens(env.often.link_stalls, 10)) s.node->link().stall(env.some_time(longest_stall));
        const auto pause = s.reading->step(self->clock().now());
        if (!pause) {
          s.reading.reset();
          s.node.reset();
          return self->quit(caf::exit_reason::normal);
        }
        auto nap = env.some_time(pause->why == reason::none ? 50us : longest_nap);
        if (pause->why != reason::none)
          nap = std::min(nap, std::max(0us, std::chrono::ceil<std::chrono::microseconds>(pause->due - env.now)));
        self->delayed_send(self, nap, messages::tick{});
      },
  };
}

worker_factory simulated_workers(world* w, const std::string& holder, const std::shared_ptr<const bool>& alive) {
  return {[=](caf::local_actor& parent, registrar_arguments a) {
            std::shared_ptr<pipeline_registry> registry = std::make_shared<simulated_registry>(*w, alive, holder);
            return parent.spawn(registrar_actor, std::move(a), std::move(registry));
          },
          [=](caf::local_actor& parent, view_writer_arguments a) {
            const postgres::view_target_opener open = [=](const pipeline_plan&, const postgres::lease_grant& grant) {
              return target_session::open(*w, alive, grant);
            };
            return parent.spawn(view_writer_actor, std::move(a), open);
          },
          [=](caf::local_actor& parent, slot_reader_arguments a) {
            return parent.spawn(simulated_reader, std::move(a), w, holder, alive);
          }};
}

caf::actor_system_config& testing(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("testing"));
  return config;
}

} // namespace

struct program::impl {
  caf::actor_system_config config;
  caf::actor_system system{testing(config)};
  caf::scheduler::test_coordinator& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  caf::actor supervisor;
};

program::program(world& w, std::string name, bool read_anew)
    : world_(w), name_(std::move(name)), actors_(std::make_unique<impl>()) {
  actors_->scheduler.clock().current_time = w.env.now;
  pipeline_supervisor_arguments arguments;
  arguments.plan = w.shared_plan();
  arguments.holder = name_;
  arguments.spill_directory = w.scratch.directory();
  arguments.memory_bytes = w.memory_bytes;
  arguments.seed = w.env.random.next();
  arguments.read_anew = read_anew;
  arguments.spawn = simulated_workers(&w, name_, alive_);
  arguments.finished = [this](pipeline_outcome o) { outcome_ = std::move(o); };
  w.env.tell("{} starts", name_);
  actors_->supervisor = actors_->system.spawn(pipeline_supervisor_actor, std::move(arguments));
}

bool program::step() {
  auto& jobs = actors_->scheduler.jobs;
  if (jobs.empty()) return false;
  const auto pick = static_cast<std::ptrdiff_t>(world_.env.random.below(jobs.size()));
  std::rotate(jobs.begin(), jobs.begin() + pick, jobs.begin() + pick + 1);
  actors_->scheduler.run_once();
  return true;
}

void program::advance_to(instant now) {
  const auto& clock = actors_->scheduler.clock();
  if (now > clock.current_time) actors_->scheduler.advance_time(now - clock.current_time);
}

void program::stop() { caf::anon_send(actors_->supervisor, messages::stop{}); }

program::~program() {
  // Dead from here on: what the actors still do reaches no server.
  *alive_ = false;
  auto& scheduler = actors_->scheduler;
  if (!outcome_) stop();
  for (int i = 0; i < farewell_steps && !outcome_; ++i)
    if (!scheduler.try_run_once()) scheduler.advance_time(500us);
  if (!outcome_) world_.env.violated("the program does not stop");
  actors_->supervisor = nullptr;
  while (scheduler.try_run_once()) {
  }
}

} // namespace weir::sim
