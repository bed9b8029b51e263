// Of a pipeline's supervisor: what it tells, to the log and to the tables of schema weir.

#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <fmt/format.h>

#include "actors/supervision.hpp"
#include "actors/told_hold.hpp"

namespace weir::supervision {

using namespace messages;

retry_policy::instant now(self_pointer self) {
  return std::chrono::duration_cast<retry_policy::instant>(self->clock().now().time_since_epoch());
}

const std::string& name_of(const pipeline_supervisor_state& s, node_index node) {
  return s.to.plan->nodes[node.value].name;
}

void tell(self_pointer self, log_level level, const char* event, const std::string& node, const std::string& message) {
  auto& s = self->state;
  if (node.empty())
    s.to.log.write(level, event, {{"pipeline", s.to.plan->name}, {"message", message}});
  else
    s.to.log.write(level, event, {{"pipeline", s.to.plan->name}, {"node", node}, {"message", message}});
  if (!s.registrar || !s.grant) return;
  const auto importance = level == log_level::error     ? postgres::event_level::error
                          : level == log_level::warning ? postgres::event_level::warning
                                                        : postgres::event_level::info;
  self->send(s.registrar, publish_event{{importance, event, node, message}});
}

std::string with_hint(const error& why) {
  return why.hint.empty() ? why.message : fmt::format("{} ({})", why.message, why.hint);
}

namespace {

postgres::node_status status_of(self_pointer self, std::size_t index, lsn settled) {
  auto& s = self->state;
  auto& n = s.nodes[index];
  const auto& spec = s.to.plan->nodes[index];
  postgres::node_status out;
  out.node = spec.name;
  out.address = redact(spec.conninfo);
  out.slot = postgres::slot_name(s.to.plan->name, spec.name);
  out.state = n.failed                           ? "failed"
              : !n.up                            ? (n.degraded ? "isolated" : "retrying")
              : n.phase == node_phase::streaming ? "streaming"
              : n.phase == node_phase::loading   ? "loading"
                                                 : "starting";
  out.received = settled;
  out.confirmed = n.link ? n.link->confirmed() : lsn{};
  out.flushed = n.flushed;
  const bool behind = n.flushed > settled;
  out.lag_bytes = behind ? static_cast<std::int64_t>(n.flushed.value - settled.value) : 0;
  const auto time = std::chrono::steady_clock::now();
  if (!behind)
    n.behind.reset();
  else if (!n.behind || settled >= n.behind->first)
    n.behind = std::pair{n.flushed, time};
  out.lag_seconds = n.behind ? std::chrono::duration<double>(time - n.behind->second).count() : 0.0;
  out.failures = n.retries->failures();
  out.last_error = n.last_error;
  if (n.kept) {
    out.kept_bytes = n.kept->kept_bytes;
    out.kept_percent = n.kept->used_percent;
    if (n.kept->time_left) out.kept_seconds_left = static_cast<double>(n.kept->time_left->count());
  }
  return out;
}

std::string consistency_of(const pipeline_supervisor_state& s) {
  std::string degraded;
  for (std::size_t i = 0; i < s.nodes.size(); ++i)
    if (s.nodes[i].degraded) degraded += (degraded.empty() ? "degraded: " : ", ") + s.to.plan->nodes[i].name;
  if (!degraded.empty()) return degraded;
  return s.to.plan->consistency == consistency::transaction ? "transaction" : "node";
}

} // namespace

void publish(self_pointer self) {
  auto& s = self->state;
  if (!s.registrar || !s.grant) return;
  publish_status m;
  m.cuts.consistency = consistency_of(s);
  for (const auto& h : s.holds) m.cuts.holds.push_back(told_hold(*s.to.plan, h.what, h.age));
  for (std::size_t i = 0; i < s.nodes.size(); ++i) m.nodes.push_back(status_of(self, i, s.settled[i]));
  self->send(s.registrar, std::move(m));
}

void report_status(self_pointer self) {
  auto& s = self->state;
  if (s.stopping || !s.grant) return;
  if (!s.watermark) return publish(self);
  self->request(s.watermark, caf::infinite, settled_query{})
      .then(
          [=, &s](const positions_settled& m) {
            s.settled = m.positions;
            s.holds = m.holds;
            publish(self);
          },
          [](const caf::error&) { /* the watermark is gone: the next one will be asked */ });
}

} // namespace weir::supervision
