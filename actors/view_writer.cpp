#include "actors/view_writer.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <fmt/format.h>

#include "runtime/base/mutation.hpp"
#include "runtime/postgres/view_writer.hpp"

namespace weir {
namespace {

using namespace messages;
using self_pointer = caf::stateful_actor<view_writer_state>*;

void fail(self_pointer self, error why) {
  auto& s = self->state;
  why.message = fmt::format("target: {}", why.message);
  self->send(s.to.supervisor, worker_failed{std::nullopt, s.to.generation, "view_writer", std::move(why)});
  s.target.reset();
  self->quit(caf::exit_reason::normal);
}

status open(self_pointer self, const postgres::view_target_opener& open_target) {
  auto& s = self->state;
  const auto& plan = *s.to.plan;
  WEIR_ASSIGN(s.target, open_target(plan, s.to.grant));
  WEIR_ASSIGN(auto frontier, s.target->frontier());
  WEIR_ASSIGN(const auto last, s.target->last_epoch());
  s.identities.resize(plan.nodes.size());
  for (const auto& entry : frontier) s.identities[entry.node.value] = entry;
  WEIR_ASSIGN(auto groups, s.target->share_groups());
  self->send(s.to.supervisor, writer_ready{s.to.generation, last, std::move(frontier), std::move(groups)});
  return {};
}

status open_cut(self_pointer self, cut_opened& m) {
  auto& s = self->state;
  s.watermark = caf::actor_cast<caf::actor>(self->current_sender());
  s.current = std::move(m);
  s.views_done = 0;
  return s.target->begin();
}

status apply(self_pointer self, const view_delta& m) {
  auto& s = self->state;
  if (m.anew && !mutated(mutation::not_settled)) WEIR_TRY(s.target->settle(m.view));
  for (const auto node : m.delta.truncated) WEIR_TRY(s.target->truncate(m.view, node));
  for (const auto& state : m.delta.states) WEIR_TRY(s.target->apply(m.view, state));
  self->send(caf::actor_cast<caf::actor>(self->current_sender()), write_ack{m.bytes});
  return {};
}

error stopped_by(const postgres::dead_letter& letter) {
  return {errc::row_not_computable,
          fmt::format("view {}: a row of {} at {} cannot be computed: {}", letter.view, letter.source,
                      to_string(letter.position), letter.cause),
          fmt::format("the row: {}; write the view so that it can be computed, or `on error skip;`", letter.row)};
}

status commit(self_pointer self) {
  auto& s = self->state;
  auto cut = *std::exchange(s.current, std::nullopt);
  if (!cut.letters.empty() && s.to.plan->supervise.on_error == on_error::stop) return stopped_by(cut.letters.front());
  if (!cut.letters.empty()) WEIR_TRY(s.target->dead_letters(cut.letters));
  std::vector<postgres::frontier_entry> frontier;
  for (const auto& p : cut.frontier) {
    if (std::find(cut.left.begin(), cut.left.end(), p.node) != cut.left.end()) continue;
    auto entry = s.identities[p.node.value];
    entry.node = p.node;
    entry.position = p.position;
    entry.confirmed = p.confirmed;
    entry.commit_time_us = p.commit_time_us;
    entry.isolated = p.isolated;
    entry.ownership.reset();
    frontier.push_back(std::move(entry));
  }
  for (auto& [node, text] : cut.ownership)
    for (auto& entry : frontier)
      if (entry.node == node) entry.ownership = text;
  for (const auto& [node, view] : cut.dropped) WEIR_TRY(s.target->truncate(view, node));
  for (const auto node : cut.apart) WEIR_TRY(s.target->isolate(node));
  for (const auto node : cut.read_anew) WEIR_TRY(s.target->begin_share(node));
  for (const auto& move : cut.moves) WEIR_TRY(s.target->move_share(move));
  for (const auto node : cut.left) WEIR_TRY(s.target->leave(node));
  WEIR_TRY(s.target->commit(cut.number, frontier));
  self->send(s.watermark, cut_durable{cut.number, cut.left});
  self->send(s.to.supervisor, cut_durable{cut.number, cut.left});
  return {};
}

} // namespace

result<std::unique_ptr<postgres::view_target>> open_view_writer(const pipeline_plan& plan,
                                                                const postgres::lease_grant& grant) {
  postgres::connect_options options;
  options.application_name = fmt::format("weir {} writer", plan.name);
  WEIR_ASSIGN(auto connection, postgres::connection::open(plan.target.conninfo, options));
  WEIR_ASSIGN(auto writer, postgres::view_writer::open(std::move(connection), plan, grant));
  return std::unique_ptr<postgres::view_target>(new postgres::view_writer(std::move(writer)));
}

caf::behavior view_writer_actor(self_pointer self, view_writer_arguments arguments,
                                postgres::view_target_opener open_target) {
  auto& s = self->state;
  s.to = std::move(arguments);
  self->send(self, tick{});
  const auto checked = [self](status outcome) {
    if (!outcome) fail(self, std::move(outcome).error());
  };
  return {
      [=](const tick&) { checked(open(self, open_target)); },
      [&s](const node_identified& m) {
        auto& identity = s.identities[m.node.value];
        identity.slot = m.slot;
        identity.system_id = m.system_id;
        identity.timeline = m.timeline;
        identity.shapes = m.shapes;
      },
      [=](cut_opened& m) { checked(open_cut(self, m)); },
      [=](const view_delta& m) { checked(apply(self, m)); },
      [=, &s](const view_done&) {
        if (mutated(mutation::view_done_counted_twice) && s.views_done == 0) ++s.views_done;
        if (++s.views_done == s.to.plan->views.size()) checked(commit(self));
      },
      [self](const stop&) { self->quit(caf::exit_reason::normal); },
  };
}

} // namespace weir
