#include "actors/pipeline_supervisor.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "actors/aggregate_stage.hpp"
#include "actors/normalizer.hpp"
#include "actors/postgres_registry.hpp"
#include "actors/told_hold.hpp"
#include "actors/watermark.hpp"
#include "runtime/plan/aggregate_spec_of.hpp"
#include "runtime/postgres/node_admin.hpp"

namespace weir {
namespace {

using namespace messages;
using namespace std::chrono_literals;
using self_pointer = caf::stateful_actor<pipeline_supervisor_state>*;

constexpr auto status_interval = 1s;

std::size_t node_credit(const pipeline_supervisor_state& s) { return s.to.memory_bytes / 2 / s.nodes.size(); }

retry_policy::instant now(self_pointer self) {
  return std::chrono::duration_cast<retry_policy::instant>(self->clock().now().time_since_epoch());
}

const std::string& name_of(const pipeline_supervisor_state& s, node_index node) {
  return s.to.plan->nodes[node.value].name;
}

/// A line in the log and a row in weir.events.
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

caf::actor watched(self_pointer self, caf::actor child) {
  self->monitor(child);
  ++self->state.children;
  return child;
}

// ---- a node's workers

void stop_node(self_pointer self, pipeline_supervisor_state::node& n) {
  if (n.link) n.link->stop();
  if (n.normalizer) self->send_exit(n.normalizer, caf::exit_reason::user_shutdown);
  n.link.reset();
  n.reader = nullptr;
  n.normalizer = nullptr;
  n.up = false;
}

void spawn_node(self_pointer self, const node_resume& resume) {
  auto& s = self->state;
  auto& n = s.nodes[resume.node.value];
  ++n.incarnation;
  n.link = std::make_shared<node_link>(static_cast<std::int64_t>(node_credit(s)));
  n.phase = node_phase::connecting;
  self->send(s.watermark, node_started{resume.node, n.incarnation, n.link});
  n.normalizer = watched(self, self->spawn(normalizer_actor, normalizer_arguments{s.to.plan, resume.node, n.incarnation,
                                                                                  n.link, s.watermark, self}));
  n.reader = watched(self, s.to.spawn.reader(*self, {s.to.plan, resume.node, n.incarnation, n.link, resume, n.identity,
                                                     n.normalizer, s.watermark, s.writer, self}));
}

/// Asks the watermark where the node continues, then starts its workers there.
void start_node(self_pointer self, node_index node) {
  auto& s = self->state;
  if (s.stopping || !s.watermark) return;
  const auto generation = s.generation;
  const auto start = ++s.nodes[node.value].starts;
  self->request(s.watermark, caf::infinite, node_stopped{node})
      .then(
          [=, &s](const node_resume& resume) {
            if (start != s.nodes[node.value].starts) return; // there is a later one, which knows more
            if (!s.stopping && s.watermark && generation == s.generation) spawn_node(self, resume);
          },
          [](const caf::error&) { /* the watermark is gone: its own failure starts everything again */ });
}

// ---- status

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

// ---- the end

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

/// The pipeline goes on with another plan: whoever runs it makes that, and starts it again.
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

// ---- writer, watermark, stages

void start_core(self_pointer self) {
  auto& s = self->state;
  s.restart_core = false;
  ++s.generation;
  s.writer = watched(self, s.to.spawn.writer(*self, {s.to.plan, s.generation, *s.grant, self}));
}

/// Which stream the entry is a position of.
capture_mode captured_as(const postgres::frontier_entry& e) {
  if (!e.ownership) return capture_mode::tables;
  const auto owned = ownership_tracker::parse(*e.ownership);
  return owned && owned->committed().translated ? capture_mode::logical : capture_mode::raw;
}

void run_core(self_pointer self, writer_ready& m) {
  auto& s = self->state;
  const auto& plan = *s.to.plan;
  std::vector<std::optional<cut::node_position>> frontier(plan.nodes.size());
  std::vector<std::shared_ptr<const std::string>> ownership(plan.nodes.size());
  for (auto& e : m.frontier) {
    s.nodes[e.node.value].identity = known_identity{e.system_id, e.timeline};
    if (s.to.read_anew || captured_as(e) != plan.capture) continue; // load it
    ownership[e.node.value] = std::move(e.ownership);
    frontier[e.node.value] = cut::node_position{e.node, e.position, e.confirmed, e.commit_time_us, e.isolated};
    s.nodes[e.node.value].degraded = e.isolated;
  }
  for (std::size_t v = 0; v < plan.views.size(); ++v)
    s.stages.push_back(watched(
        self, self->spawn(aggregate_stage_actor,
                          aggregate_stage_arguments{v, aggregate_spec_of(plan.views[v]), s.generation,
                                                    s.to.memory_bytes / 4 / plan.views.size(), s.writer, self})));
  s.watermark = watched(
      self, self->spawn(watermark_actor, watermark_arguments{s.to.plan, s.generation, m.last, std::move(frontier),
                                                             std::move(ownership), std::move(m.share_groups), s.stages,
                                                             s.writer, self, s.to.spill_directory, node_credit(s)}));
  for (std::size_t i = 0; i < s.nodes.size(); ++i)
    if (s.nodes[i].leaving) self->send(s.watermark, node_left{node_index{static_cast<std::uint16_t>(i)}});
  s.first_cut_told = m.last.value > 0;
  for (std::size_t i = 0; i < s.nodes.size(); ++i) start_node(self, node_index{static_cast<std::uint16_t>(i)});
}

// ---- reading anew

/// Can the node not tell any more what it did since it was read last?
bool is_lost_history(errc code) {
  return code == errc::slot_missing || code == errc::slot_invalidated || code == errc::history_lost;
}

/// Loads the nodes again, and with them all between which shards have moved. `after`: not sooner.
void read_nodes_anew(self_pointer self, std::vector<node_index> nodes, const std::string& cause,
                     std::chrono::milliseconds after = 0ms) {
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

/// Nodes came, went or moved. Those that went have to tell the rest first.
void topology_differs(self_pointer self, const topology_seen& m) {
  auto& s = self->state;
  if (s.stopping || !s.grant) return;
  for (const auto node : m.gone) {
    auto& n = s.nodes[node.value];
    if (std::exchange(n.leaving, true)) continue;
    tell(self, log_level::info, "node_leaving", name_of(s, node), "it is no member of the cluster any more");
    if (s.watermark) self->send(s.watermark, node_left{node});
  }
  if (!m.joined.empty())
    end_for_replan(self,
                   {fmt::format("the cluster has new nodes or addresses: {}", fmt::join(m.joined, ", ")), false, {}});
}

/// All that they did is in the views.
void nodes_left(self_pointer self, const std::vector<node_index>& left) {
  auto& s = self->state;
  replan next{"", false, {}};
  for (const auto node : left) {
    tell(self, log_level::info, "node_left", name_of(s, node), "all that it did is in the views");
    next.left.push_back(s.to.plan->nodes[node.value]);
    next.why += (next.why.empty() ? "" : ", ") + name_of(s, node);
  }
  next.why = fmt::format("the cluster has lost nodes: {}", next.why);
  end_for_replan(self, std::move(next));
}

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
    return end_for_replan(self, {m.why.message, m.why.code == errc::source_reshaped, {}});
  const auto verdict = s.core_retries->failed(m.why, now(self));
  if (verdict.what == retry_policy::verdict::action::give_up) return give_up(self, "", m.why);
  tell_failure(self, "", m, verdict);
  stop_core(self);
  ++s.generation; // whatever the old ones still say is of no interest
  self->delayed_send(self, verdict.delay, start_again{std::nullopt, s.generation});
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
    return end_for_replan(self, {m.why.message, m.why.code == errc::source_reshaped, {}});
  const bool ran = n.ever_streamed || s.to.goes_on;
  const bool translated = s.to.plan->capture == capture_mode::logical;
  if (ran && translated && m.why.code == errc::unsupported) return translation_unfit(self, m);
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
    n.failed = true;
    return give_up(self, name, m.why);
  }
  tell_failure(self, name, m, verdict);
  const auto& policy = s.to.plan->supervise;
  if (verdict.failures >= policy.retry && policy.on_worker_failure == on_worker_failure::isolate && s.watermark)
    self->send(s.watermark, isolate_node{*m.node});
  self->delayed_send(self, verdict.delay, start_again{m.node, n.incarnation});
}

/// The moment of degradation, and of return.
void consistency_changed(self_pointer self, const node_consistency& m) {
  auto& s = self->state;
  auto& n = s.nodes[m.node.value];
  if (m.generation != s.generation || n.degraded == m.degraded) return;
  n.degraded = m.degraded;
  const auto& name = name_of(s, m.node);
  if (m.degraded)
    tell(self, log_level::warning, "degraded", name,
         fmt::format("the node stays away: cuts after {} do not wait for its parts of distributed transactions",
                     m.last.value));
  else
    tell(self, log_level::info, "whole", name,
         fmt::format("cut {} and those after it hold its parts of distributed transactions with the others'",
                     m.last.value));
  report_status(self);
}

// ---- what goes well

void node_progressed(self_pointer self, const node_progress& m) {
  auto& s = self->state;
  auto& n = s.nodes[m.node.value];
  if (m.incarnation != n.incarnation || s.stopping) return;
  const auto& name = name_of(s, m.node);
  if (m.flushed) n.flushed = *m.flushed;
  if (m.phase == node_phase::loading)
    s.to.log.write(log_level::info, "node_loading",
                   {{"pipeline", s.to.plan->name}, {"node", name}, {"rows", std::to_string(m.rows_loaded)}});
  if (m.phase == node_phase::streaming && n.phase != node_phase::streaming) {
    if (n.phase == node_phase::loading)
      tell(self, log_level::info, "node_loaded", name, fmt::format("{} groups or rows read", m.rows_loaded));
    s.to.log.write(log_level::info, "node_streaming",
                   {{"pipeline", s.to.plan->name},
                    {"node", name},
                    {"slot", postgres::slot_name(s.to.plan->name, name)},
                    {"position", to_string(m.received)}});
    n.ever_streamed = true;
  }
  n.phase = m.phase;
  n.up = true;
  if (m.phase != node_phase::streaming) return;
  n.to_load = false;
  n.last_error.clear();
  if (n.retries->healthy(now(self))) tell(self, log_level::info, "worker_recovered", name, "it works again");
}

/// A slot that is not confirmed keeps WAL, and in the end the disk is full or the slot is lost.
void wal_was_kept(self_pointer self, const wal_kept& m) {
  auto& s = self->state;
  auto& n = s.nodes[m.node.value];
  if (m.incarnation != n.incarnation) return;
  const auto time = std::chrono::duration_cast<retention_watch::instant>(self->clock().now().time_since_epoch());
  const auto verdict = n.kept_wal.observe(m.sample, time);
  n.kept = verdict.status;
  const auto& name = name_of(s, m.node);
  const auto slot = postgres::slot_name(s.to.plan->name, name);
  if (verdict.warn) tell(self, log_level::warning, "slot_keeps_wal", name, describe(slot, verdict.status));
  if (verdict.relaxed) tell(self, log_level::info, "slot_keeps_little", name, describe(slot, verdict.status));
}

void leased(self_pointer self, const lease_granted& m) {
  auto& s = self->state;
  s.grant = m.grant;
  if (s.stopping) {
    self->send(s.registrar, stop{});
    return;
  }
  tell(self, log_level::info, "pipeline_started", "", fmt::format("held by {}", m.grant.holder));
  start_core(self);
  if (s.to.plan->coordinator && s.to.spawn.watcher)
    s.watcher = watched(self, s.to.spawn.watcher(*self, {s.to.plan, self}));
  self->delayed_send(self, status_interval, tick{});
}

void lease_refused(self_pointer self, const lease_failed& m) {
  auto& s = self->state;
  if (s.stopping) return;
  const auto verdict = s.core_retries->failed(m.why, now(self));
  if (verdict.what == retry_policy::verdict::action::give_up || s.grant) return give_up(self, "", m.why);
  s.to.log.write(verdict.warn ? log_level::warning : log_level::info, "target_unavailable",
                 {{"pipeline", s.to.plan->name},
                  {"retry_in_ms", std::to_string(verdict.delay.count())},
                  {"cause", with_hint(m.why)}});
  self->delayed_send(s.registrar, verdict.delay, tick{});
}

/// An actor that ended without a word (an exception in a handler) has failed all the same.
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

void child_down(self_pointer self, const caf::down_msg& m) {
  auto& s = self->state;
  --s.children;
  const bool expected = m.reason == caf::exit_reason::normal || m.reason == caf::exit_reason::user_shutdown;
  if (!expected && !s.stopping) died(self, m);
  const auto is = [&](const caf::actor& a) { return a && a.address() == m.source; };
  if (is(s.registrar)) s.registrar = nullptr;
  if (is(s.watcher)) s.watcher = nullptr;
  if (is(s.writer)) {
    s.writer = nullptr;
    if (s.restart_core && !s.stopping) start_core(self);
  }
  finish_if_down(self);
}

} // namespace

worker_factory worker_factory::real() {
  return {[](caf::local_actor& parent, registrar_arguments a) {
            auto registry = std::make_shared<postgres_registry>(a.plan, a.definition, a.holder);
            return parent.spawn<caf::detached>(registrar_actor, std::move(a), std::move(registry));
          },
          [](caf::local_actor& parent, view_writer_arguments a) {
            return parent.spawn<caf::detached>(view_writer_actor, std::move(a), open_view_writer);
          },
          [](caf::local_actor& parent, slot_reader_arguments a) {
            return parent.spawn<caf::detached>(slot_reader_actor, std::move(a));
          },
          [](caf::local_actor& parent, topology_watcher_arguments a) {
            return parent.spawn<caf::detached>(topology_watcher_actor, std::move(a));
          }};
}

caf::behavior pipeline_supervisor_actor(self_pointer self, pipeline_supervisor_arguments arguments) {
  auto& s = self->state;
  s.to = std::move(arguments);
  const auto& plan = *s.to.plan;
  retry_policy::limits limits;
  limits.retry = plan.supervise.retry;
  limits.backoff_min = plan.supervise.backoff_min;
  limits.backoff_max = plan.supervise.backoff_max;
  s.core_retries.emplace(limits, s.to.seed);
  s.nodes.resize(plan.nodes.size());
  s.settled.resize(plan.nodes.size());
  for (std::size_t i = 0; i < s.nodes.size(); ++i) s.nodes[i].retries.emplace(limits, s.to.seed + i + 1);
  self->set_down_handler([self](const caf::down_msg& m) { child_down(self, m); });
  s.to.log.write(log_level::info, "pipeline_starting",
                 {{"pipeline", plan.name},
                  {"nodes", std::to_string(plan.nodes.size())},
                  {"views", std::to_string(plan.views.size())},
                  {"holder", s.to.holder}});
  s.registrar = watched(self, s.to.spawn.registrar(*self, {s.to.plan, s.to.definition, s.to.holder, self, s.to.log}));
  return {
      [self](const lease_granted& m) { leased(self, m); },
      [self](const lease_failed& m) { lease_refused(self, m); },
      [=, &s](writer_ready& m) {
        if (s.stopping || m.generation != s.generation) return;
        run_core(self, m);
      },
      [=, &s](const cut_durable& m) {
        if (s.core_retries->healthy(now(self)))
          tell(self, log_level::info, "worker_recovered", "", "the target is written again");
        s.to.log.write(log_level::debug, "cut_committed",
                       {{"pipeline", s.to.plan->name}, {"cut", std::to_string(m.number.value)}});
        s.to.read_anew = false; // the cut holds all the loads
        if (!std::exchange(s.first_cut_told, true))
          tell(self, log_level::info, "first_cut", "", fmt::format("the views can be read (cut {})", m.number.value));
        if (!m.left.empty()) nodes_left(self, m.left);
      },
      [&s](const node_identified& m) {
        s.nodes[m.node.value].identity = known_identity{m.system_id, m.timeline};
      },
      [self](const node_progress& m) { node_progressed(self, m); },
      [self](const wal_kept& m) { wal_was_kept(self, m); },
      [self](const node_consistency& m) { consistency_changed(self, m); },
      [self](const topology_seen& m) { topology_differs(self, m); },
      [=, &s](const read_anew_wanted& m) {
        if (m.generation == s.generation) read_nodes_anew(self, m.nodes, m.cause);
      },
      [self](const worker_failed& m) {
        if (m.node)
          node_failed(self, m);
        else
          core_failed(self, m);
      },
      [=, &s](const start_again& m) {
        if (s.stopping) return;
        if (m.node) {
          if (s.nodes[m.node->value].incarnation == m.number) start_node(self, *m.node);
        } else if (m.number == s.generation) {
          s.restart_core = true;
          if (!s.writer) start_core(self);
        }
      },
      [=, &s](const tick&) {
        report_status(self);
        if (!s.stopping) self->delayed_send(self, status_interval, tick{});
      },
      [self](const stop&) { stop_all(self); },
  };
}

} // namespace weir
