#include "actors/rehearsal/weir_run.hpp"

#include <poll.h>

#include <filesystem>
#include <utility>
#include <vector>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include "actors/rehearsal/worker_connection.hpp"
#include "actors/slot_reader.hpp"

namespace weir::rehearsal {
namespace {

using namespace std::chrono_literals;

constexpr int most_messages = 1'000'000; ///< at one moment
constexpr int most_timeouts = 100'000;   ///< until a killed program is gone

/// A slot reader in virtual time: it takes a step, then naps until something wakes it.
struct reader {
  std::unique_ptr<worker_connection> node;
  std::optional<slot_reading> reading;
  std::shared_ptr<node_link> link;
  node_index index;
  caf::actor_addr self;
  slot_session::pause pause;
  bool woken = true;

  bool has_news() {
    if (!reading) return false;
    ::pollfd p{link->wake_fd(), POLLIN, 0};
    if (::poll(&p, 1, 0) > 0) {
      link->clear_wake();
      return true;
    }
    return pause.why == slot_session::pause::reason::stream ? node->has_news() : node->has_answer();
  }
};

struct reader_state {
  std::shared_ptr<reader> r;
};

using reader_list = std::vector<std::weak_ptr<reader>>;

caf::behavior reader_actor(caf::stateful_actor<reader_state>* self, slot_reader_arguments arguments, stage* s,
                           std::shared_ptr<const bool> alive, std::shared_ptr<reader_list> all) {
  auto& r = self->state.r;
  r = std::make_shared<reader>();
  r->index = arguments.node;
  r->node = std::make_unique<worker_connection>(*s, arguments.node, std::move(alive));
  r->link = arguments.link;
  r->reading.emplace(self, std::move(arguments), *r->node);
  r->self = self->address();
  all->push_back(r);
  self->send(self, messages::tick{});
  return {
      [self](const messages::tick&) {
        auto& me = *self->state.r;
        const auto now = self->clock().now();
        if (!me.reading || (!std::exchange(me.woken, false) && now < me.pause.due)) return;
        const auto pause = me.reading->step(now);
        if (!pause) {
          me.reading.reset();
          me.node.reset();
          return self->quit(caf::exit_reason::normal);
        }
        me.pause = *pause;
        me.woken = pause->why == slot_session::pause::reason::none;
        const auto nap = me.woken ? 0us : std::chrono::ceil<std::chrono::microseconds>(pause->due - now);
        if (nap <= 0us)
          self->send(self, messages::tick{});
        else
          self->delayed_send(self, nap, messages::tick{});
      },
  };
}

worker_factory workers_of(stage* s, const std::shared_ptr<const bool>& alive, const std::shared_ptr<reader_list>& all) {
  return {[=](caf::local_actor& parent, registrar_arguments a) {
            return parent.spawn(registrar_actor, std::move(a), open_registry(*s, alive));
          },
          [=](caf::local_actor& parent, view_writer_arguments a) {
            const postgres::view_target_opener open = [=](const pipeline_plan&, const postgres::lease_grant& grant) {
              return open_session(*s, alive, grant);
            };
            return parent.spawn(view_writer_actor, std::move(a), open);
          },
          [=](caf::local_actor& parent, slot_reader_arguments a) {
            return parent.spawn(reader_actor, std::move(a), s, alive, all);
          }};
}

caf::actor_system_config& testing(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("testing"));
  return config;
}

caf::behavior alarm_actor(caf::event_based_actor*) {
  return {[](const messages::tick&) {}};
}

} // namespace

struct weir_run::impl {
  caf::actor_system_config config;
  caf::actor_system system{testing(config)};
  caf::scheduler::test_coordinator& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  std::shared_ptr<reader_list> readers = std::make_shared<reader_list>();
  caf::actor supervisor;
  caf::actor alarm; ///< no timeout lies beyond its: time stops where it is asked to
};

weir_run::weir_run(stage& s, std::shared_ptr<const pipeline_plan> plan) : stage_(s), actors_(std::make_unique<impl>()) {
  actors_->scheduler.clock().current_time = s.now;
  pipeline_supervisor_arguments arguments;
  arguments.plan = std::move(plan);
  arguments.holder = "rehearsal";
  arguments.spill_directory = std::filesystem::temp_directory_path().string();
  arguments.spawn = workers_of(&s, alive_, actors_->readers);
  arguments.finished = [this](pipeline_outcome o) { outcome_ = std::move(o); };
  actors_->supervisor = actors_->system.spawn(pipeline_supervisor_actor, std::move(arguments));
  actors_->alarm = actors_->system.spawn(alarm_actor);
}

bool weir_run::wake_readers() {
  bool any = false;
  std::erase_if(*actors_->readers, [](const auto& r) { return r.expired(); });
  for (const auto& weak : *actors_->readers) {
    const auto r = weak.lock();
    if (!r || !r->has_news()) continue;
    r->woken = any = true;
    caf::anon_send(caf::actor_cast<caf::actor>(r->self), messages::tick{});
  }
  return any;
}

bool weir_run::rest() {
  int messages = 0;
  do {
    while (actors_->scheduler.try_run_once())
      if (++messages > most_messages) return false;
  } while (!outcome_ && wake_readers());
  return true;
}

bool weir_run::run_for(std::chrono::milliseconds time) {
  auto& clock = actors_->scheduler.clock();
  const auto until = stage_.now + time;
  caf::delayed_anon_send(actors_->alarm, time, messages::tick{});
  while (stage_.now < until && !outcome_) {
    if (!rest()) return false;
    if (!actors_->scheduler.trigger_timeout()) break;
    stage_.now = clock.now();
  }
  const bool rests = rest();
  if (stage_.now < until) clock.current_time = stage_.now = until; // it has ended: only time goes on
  return rests;
}

bool weir_run::has_read(node_index worker) const {
  for (const auto& weak : *actors_->readers)
    if (const auto r = weak.lock(); r && r->index == worker && r->node && r->node->has_read_all()) return true;
  return false;
}

weir_run::~weir_run() {
  *alive_ = false;
  auto& scheduler = actors_->scheduler;
  if (!outcome_) caf::anon_send(actors_->supervisor, messages::stop{});
  for (int i = 0; i < most_timeouts && !outcome_; ++i) {
    rest();
    if (!outcome_ && !scheduler.trigger_timeout()) break;
  }
  actors_->supervisor = nullptr;
  actors_->alarm = nullptr;
  while (scheduler.try_run_once()) {
  }
}

} // namespace weir::rehearsal
