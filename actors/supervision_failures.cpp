// Of a pipeline's supervisor: what is done when a worker fails. When it is tried again is retry_policy's.

#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <fmt/format.h>

#include "actors/supervision.hpp"

namespace weir::supervision {

using namespace messages;
using namespace std::chrono_literals;

namespace {

/// Can the node not tell any more what it did since it was read last?
bool is_lost_history(errc code) {
  return code == errc::slot_missing || code == errc::slot_invalidated || code == errc::history_lost;
}

} // namespace

void read_nodes_anew(self_pointer self, std::vector<node_index> nodes, const std::string& cause,
                     std::chrono::milliseconds after) {
  auto& s = self->state;
  if (s.stopping || !s.watermark) return;
  for (const auto node : nodes) {
    stop_node(self, s.nodes[node.value]);
    ++s.nodes[node.value].starts;
  }
  const auto generation = s.generation;
  self->request(s.watermark, caf::infinite, read_anew{std::move(nodes)})
      .then(
          [=, &s](const nodes_to_read& m) {
            if (s.stopping || !s.watermark || generation != s.generation) return;
            for (const auto node : m.nodes) {
              tell(self, log_level::warning, "reading_anew", name_of(s, node), cause);
              stop_node(self, s.nodes[node.value]);
              s.nodes[node.value].to_load = true;
              self->delayed_send(self, after, start_again{node, s.nodes[node.value].incarnation});
            }
          },
          [](const caf::error&) { /* the watermark is gone: everything starts again */ });
}

namespace {

void tell_failure(self_pointer self, const std::string& node, const worker_failed& m,
                  const retry_policy::verdict& verdict) {
  const auto& s = self->state;
  s.to.log.write(log_level::info, "worker_failed",
                 {{"pipeline", s.to.plan->name},
                  {"node", node.empty() ? "-" : node},
                  {"worker", m.role},
                  {"failures", std::to_string(verdict.failures)},
                  {"retry_in_ms", std::to_string(verdict.delay.count())},
                  {"cause", with_hint(m.why)}});
  if (verdict.warn)
    tell(self, log_level::warning, "worker_failing", node,
         fmt::format("{} failed {} times in a row, still trying: {}", m.role, verdict.failures, with_hint(m.why)));
}

void core_failed(self_pointer self, const worker_failed& m) {
  auto& s = self->state;
  if (s.stopping || m.incarnation != s.generation) return;
  if (m.why.code == errc::topology_changed || m.why.code == errc::source_reshaped)
    return end_for_replan(self, {m.why.message, m.why.code == errc::source_reshaped});
  const bool stops = s.to.plan->supervise.on_error == on_error::stop && kind_of(m.why.code) == failure_kind::poison;
  if (stops) return give_up(self, "", m.why);
  const auto verdict = s.core_retries->failed(m.why, now(self));
  if (verdict.what == retry_policy::verdict::action::give_up) return give_up(self, "", m.why);
  tell_failure(self, "", m, verdict);
  stop_core(self);
  ++s.generation; // whatever the old ones still say is of no interest
  self->delayed_send(self, verdict.delay, start_again{std::nullopt, s.generation});
}

/// A source has changed in columns that views use.
void schema_changed(self_pointer self, const std::string& node, const worker_failed& m) {
  auto& s = self->state;
  const bool rewritten = m.why.code == errc::source_rewritten;
  if (s.to.plan->supervise.on_schema_change == on_schema_change::stop) {
    auto why = m.why;
    why.hint = "change it back, or weir drop the pipeline and run it again: it is then loaded anew; "
               "`on schema change evolve;` lets weir follow such changes";
    tell(self, log_level::error, "schema_changed", node, fmt::format("{}: the pipeline stops", m.why.message));
    return give_up(self, node, std::move(why));
  }
  tell(self, log_level::warning, "schema_changed", node,
       fmt::format("{}: {}", m.why.message,
                   rewritten ? "the sources are read anew, and the views stay as they are until then"
                             : "the pipeline goes on with it"));
  end_for_replan(self, {m.why.message, rewritten, true});
}

/// Citus' translation cannot be relied on now. What it did until that was noticed is read anew once it can.
void translation_unfit(self_pointer self, const worker_failed& m) {
  auto& s = self->state;
  auto& n = s.nodes[m.node->value];
  const auto& name = name_of(s, *m.node);
  const auto verdict = n.retries->failed_curably(now(self));
  tell_failure(self, name, m, verdict);
  if (!n.to_load) {
    tell(self, log_level::error, "capture_unfit", name, n.last_error);
    return read_nodes_anew(self, {*m.node}, m.why.message, verdict.delay);
  }
  stop_node(self, n);
  self->delayed_send(self, verdict.delay, start_again{m.node, n.incarnation});
}

void node_failed(self_pointer self, const worker_failed& m) {
  auto& s = self->state;
  auto& n = s.nodes[m.node->value];
  if (s.stopping || m.incarnation != n.incarnation || !n.link) return;
  const auto& name = name_of(s, *m.node);
  n.last_error = with_hint(m.why);
  if (m.why.code == errc::topology_changed || m.why.code == errc::source_reshaped)
    return end_for_replan(self, {m.why.message, m.why.code == errc::source_reshaped});
  if (m.why.code == errc::source_widened || m.why.code == errc::source_rewritten) return schema_changed(self, name, m);
  if (m.why.code == errc::schema_changed && m.role == "normalizer") {
    // The stream tells what came, the catalogs what happened: a new reader asks them first.
    n.doubt = m.why;
    stop_node(self, n);
    return start_node(self, *m.node);
  }
  const bool translates = s.to.plan->capture == capture_mode::logical && (n.ever_streamed || s.to.goes_on);
  if (translates && m.why.code == errc::unsupported) return translation_unfit(self, m);
  if (is_lost_history(m.why.code) && s.to.plan->supervise.on_slot_lost == on_slot_lost::reload) {
    tell(self, log_level::error, "slot_lost", name, n.last_error);
    const auto verdict = n.retries->failed_curably(now(self));
    tell_failure(self, name, m, verdict);
    return read_nodes_anew(self, {*m.node}, m.why.message, verdict.delay);
  }
  const auto verdict = n.retries->failed(m.why, now(self));
  stop_node(self, n);
  // Now, not when the workers start again: `on worker failure wait` holds from here, and what was open lets go of its
  // memory. Where the node continues is asked for again then.
  if (s.watermark)
    self->request(s.watermark, caf::infinite, node_stopped{*m.node})
        .then([](const node_resume&) {}, [](const caf::error&) {});
  if (verdict.what == retry_policy::verdict::action::give_up) {
    const bool slot = m.why.code == errc::slot_missing || m.why.code == errc::slot_invalidated;
    if (slot) tell(self, log_level::error, "slot_lost", name, n.last_error);
    if (m.why.code == errc::schema_changed) tell(self, log_level::error, "schema_changed", name, n.last_error);
    n.failed = true;
    return give_up(self, name, m.why);
  }
  tell_failure(self, name, m, verdict);
  const auto& policy = s.to.plan->supervise;
  if (verdict.failures >= policy.retry && policy.on_worker_failure == on_worker_failure::isolate && s.watermark)
    self->send(s.watermark, isolate_node{*m.node});
  self->delayed_send(self, verdict.delay, start_again{m.node, n.incarnation});
}

} // namespace

void worker_has_failed(self_pointer self, const worker_failed& m) {
  if (m.node)
    node_failed(self, m);
  else
    core_failed(self, m);
}

void died(self_pointer self, const caf::down_msg& m) {
  auto& s = self->state;
  const auto is = [&](const caf::actor& a) { return a && a.address() == m.source; };
  const error why{errc::internal, fmt::format("a worker ended by itself: {}", to_string(m.reason))};
  for (std::size_t i = 0; i < s.nodes.size(); ++i) {
    const auto& n = s.nodes[i];
    if (is(n.reader) || is(n.normalizer))
      return node_failed(self, {node_index{static_cast<std::uint16_t>(i)}, n.incarnation, "node", why});
  }
  const bool core = is(s.writer) || is(s.watermark) || std::any_of(s.stages.begin(), s.stages.end(), is);
  if (core) return core_failed(self, {std::nullopt, s.generation, "core", why});
  if (is(s.registrar)) give_up(self, "", why);
}

} // namespace weir::supervision
