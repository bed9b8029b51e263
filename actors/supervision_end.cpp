// Of a pipeline's supervisor: how a node's workers, or all, are stopped, and what is said to whoever runs it.

#include <algorithm>
#include <utility>

#include <caf/all.hpp>

#include "actors/supervision.hpp"

namespace weir::supervision {

using namespace messages;

void stop_node(self_pointer self, pipeline_supervisor_state::node& n) {
  if (n.link) n.link->stop();
  if (n.normalizer) self->send_exit(n.normalizer, caf::exit_reason::user_shutdown);
  n.link.reset();
  n.reader = nullptr;
  n.normalizer = nullptr;
  n.up = false;
}

void finish_if_down(self_pointer self) {
  auto& s = self->state;
  if (!s.stopping || s.children > 0 || !s.to.finished) return;
  const bool was_running = std::all_of(s.nodes.begin(), s.nodes.end(), [](const auto& n) { return n.ever_streamed; });
  s.to.log.write(log_level::info, "pipeline_stopped", {{"pipeline", s.to.plan->name}});
  std::exchange(s.to.finished, nullptr)({std::move(s.failure), was_running, std::move(s.replan)});
  self->quit(caf::exit_reason::normal);
}

void stop_core(self_pointer self) {
  auto& s = self->state;
  for (auto& n : s.nodes) stop_node(self, n);
  if (s.watermark) self->send_exit(s.watermark, caf::exit_reason::user_shutdown);
  for (const auto& stage : s.stages) self->send_exit(stage, caf::exit_reason::user_shutdown);
  if (s.writer) self->send(s.writer, stop{});
  s.watermark = nullptr;
  s.stages.clear();
}

void stop_all(self_pointer self) {
  auto& s = self->state;
  if (s.stopping) return;
  s.stopping = true;
  tell(self, log_level::info, "pipeline_stopping", "", s.failure ? "after a fatal error" : "as asked");
  stop_core(self);
  if (s.watcher) self->send(s.watcher, stop{});
  if (s.registrar) self->send(s.registrar, stop{});
  finish_if_down(self);
}

void end_for_replan(self_pointer self, replan next) {
  auto& s = self->state;
  if (s.stopping || s.replan) return;
  tell(self, log_level::info, "replanning", "", next.why);
  next.read_anew = next.read_anew || s.to.read_anew;
  s.replan = std::move(next);
  stop_all(self);
}

void give_up(self_pointer self, const std::string& node, error why) {
  tell(self, log_level::error, "fatal", node, with_hint(why));
  if (!self->state.failure) self->state.failure = std::move(why);
  publish(self);
  stop_all(self);
}

} // namespace weir::supervision
