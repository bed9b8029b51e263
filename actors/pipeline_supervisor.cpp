#include "actors/pipeline_supervisor.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "actors/aggregate_stage.hpp"
#include "actors/normalizer.hpp"
#include "actors/postgres_registry.hpp"
#include "actors/supervision.hpp"
#include "actors/watermark.hpp"
#include "runtime/plan/aggregate_spec_of.hpp"
#include "runtime/postgres/node_admin.hpp"

namespace weir {
namespace {

using namespace messages;
using namespace std::chrono_literals;
using namespace supervision;

constexpr auto status_interval = 1s;

std::size_t node_credit(const pipeline_supervisor_state& s) { return s.to.memory_bytes / 2 / s.nodes.size(); }

caf::actor watched(self_pointer self, caf::actor child) {
  self->monitor(child);
  ++self->state.children;
  return child;
}

// ---- a node's workers

void spawn_node(self_pointer self, const node_resume& resume) {
  auto& s = self->state;
  auto& n = s.nodes[resume.node.value];
  ++n.incarnation;
  n.link = std::make_shared<node_link>(static_cast<std::int64_t>(node_credit(s)));
  n.phase = node_phase::connecting;
  self->send(s.watermark, node_started{resume.node, n.incarnation, n.link});
  n.normalizer = watched(self, self->spawn(normalizer_actor, normalizer_arguments{s.to.plan, resume.node, n.incarnation,
                                                                                  n.link, s.watermark, self}));
  n.reader = watched(
      self, s.to.spawn.reader(*self, {s.to.plan, resume.node, n.incarnation, n.link, resume, n.identity, n.normalizer,
                                      s.watermark, s.writer, self, std::exchange(n.doubt, std::nullopt)}));
}

} // namespace

void supervision::start_node(self_pointer self, node_index node) {
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

namespace {

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
    s.nodes[e.node.value].identity = known_identity{e.system_id, e.timeline, e.shapes};
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

// ---- nodes of the cluster

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
    end_for_replan(self, {fmt::format("the cluster has new nodes or addresses: {}", fmt::join(m.joined, ", "))});
}

/// All that they did is in the views.
void nodes_left(self_pointer self, const std::vector<node_index>& left) {
  auto& s = self->state;
  replan next;
  for (const auto node : left) {
    tell(self, log_level::info, "node_left", name_of(s, node), "all that it did is in the views");
    next.left.push_back(s.to.plan->nodes[node.value]);
    next.why += (next.why.empty() ? "" : ", ") + name_of(s, node);
  }
  next.why = fmt::format("the cluster has lost nodes: {}", next.why);
  end_for_replan(self, std::move(next));
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
        s.nodes[m.node.value].identity = known_identity{m.system_id, m.timeline, m.shapes};
      },
      [self](const node_progress& m) { node_progressed(self, m); },
      [self](const wal_kept& m) { wal_was_kept(self, m); },
      [self](const node_consistency& m) { consistency_changed(self, m); },
      [self](const topology_seen& m) { topology_differs(self, m); },
      [=, &s](const read_anew_wanted& m) {
        if (m.generation == s.generation) read_nodes_anew(self, m.nodes, m.cause);
      },
      [self](const worker_failed& m) { worker_has_failed(self, m); },
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
