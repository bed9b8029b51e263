#include "actors/pipeline_runner.hpp"

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

#include <caf/all.hpp>

namespace weir {
namespace {

/// `sharing` costs an idle pipeline nothing, where the default polls; a bounded throughput keeps actors that feed each
/// other from starving the rest.
struct settings : caf::actor_system_config {
  settings() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-throughput", std::size_t{300});
    set("scheduler.max-threads", std::size_t{std::max(2U, std::thread::hardware_concurrency())});
  }
};

} // namespace

struct pipeline_runner::impl {
  settings config;
  caf::actor_system system{config};
  std::promise<pipeline_outcome> finished;
  std::future<pipeline_outcome> done = finished.get_future();
  caf::actor supervisor;
};

pipeline_runner::pipeline_runner(pipeline_supervisor_arguments arguments) : state_(std::make_unique<impl>()) {
  arguments.finished = [this](pipeline_outcome outcome) { state_->finished.set_value(std::move(outcome)); };
  state_->supervisor = state_->system.spawn(pipeline_supervisor_actor, std::move(arguments));
}

pipeline_runner::~pipeline_runner() = default;

void pipeline_runner::stop() { caf::anon_send(state_->supervisor, messages::stop{}); }

std::optional<pipeline_outcome> pipeline_runner::wait_for(std::chrono::milliseconds patience) {
  if (state_->done.wait_for(patience) != std::future_status::ready) return {};
  return state_->done.get();
}

} // namespace weir
