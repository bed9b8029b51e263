#include "runtime/postgres/view_writer.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/array_text.hpp"
#include "runtime/postgres/changed_groups.hpp"
#include "runtime/postgres/evolution.hpp"
#include "runtime/postgres/letter_check.hpp"
#include "runtime/postgres/members.hpp"
#include "runtime/postgres/progress.hpp"
#include "runtime/postgres/staged_view.hpp"
#include "runtime/postgres/statement_pipe.hpp"
#include "runtime/postgres/view_sql.hpp"
#include "runtime/postgres/view_statements.hpp"
#include "runtime/postgres/writer_session.hpp"
#include "runtime/postgres/zone_check.hpp"

namespace weir::postgres {
namespace {

/// One statement handles at most so many groups: its arrays exist twice, here and in the server.
constexpr std::size_t chunk_rows = 10'000;
constexpr std::size_t chunk_bytes = 4U << 20U;
/// A statement on a spread table costs a task for each shard, whatever its groups: more of them share it.
constexpr std::size_t spread_factor = 4;
constexpr std::size_t dead_letters_a_statement = 1'000;
/// What the keys may take of groups that wait for the end of their cut to be shown.
constexpr std::size_t unshown_most = 16U << 20U;

constexpr const char* whole_table_plans =
    "SELECT set_config('enable_hashjoin', $1, true), set_config('enable_seqscan', $1, true), "
    "set_config('plan_cache_mode', CASE $1 WHEN 'on' THEN 'force_custom_plan' ELSE 'force_generic_plan' END, true)";

constexpr const char* reload_cure =
    "the hidden state does not fit the stream; load the pipeline again: weir drop, then weir run";

constexpr const char* check_fence = "SELECT FROM weir.lease WHERE pipeline = $1 AND fence = $2::bigint FOR KEY SHARE";

} // namespace

struct view_writer::impl {
  impl(statement_pipe p, const pipeline_plan& the_plan, lease_grant the_grant, progress done, members known)
      : pipe(std::move(p)), plan(the_plan), grant(std::move(the_grant)), durable(std::move(done)),
        nodes(std::move(known)) {
    for (std::size_t i = 0; i < plan.views.size(); ++i) views.emplace_back(plan, i, pipe.conn());
  }

  error lost(const std::string& what) const;

  status apply(view_statements& v, const batch& state);
  status settle(view_statements& v, bool cut_ends = false);
  std::vector<parameter> state_arrays(const view_statements& v, const batch& state,
                                      std::span<const std::uint32_t> rows) const;
  static std::vector<std::uint32_t> shrunk_of(const view_statements& v, const batch& state,
                                              std::span<const std::uint32_t> rows);
  status write_chunk(view_statements& v, const batch& state, null_pattern nulls, std::span<const std::uint32_t> rows);
  status prune(view_statements& v, const batch& state, null_pattern nulls, std::span<const std::uint32_t> rows);
  status check_suspects();
  status refresh(view_statements& v, null_pattern nulls, const std::vector<parameter>& groups);
  status show();
  status remove_gone();
  status sweep();
  status give_share(view_statements& v, std::uint16_t from, std::uint16_t to);
  std::string numbers(const column& nodes_of, std::span<const std::uint32_t> rows) const;
  std::vector<parameter> group_arrays(const view_statements& v, const batch& state, null_pattern nulls,
                                      std::span<const std::uint32_t> rows) const;
  status write_missing_rows();

  statement_pipe pipe;
  pipeline_plan plan;
  lease_grant grant;
  std::deque<view_statements> views;
  progress durable;
  members nodes;
  std::vector<some_groups> suspected; ///< to be looked at when the cut ends: what another node did may still come
  std::vector<some_groups> unshown;   ///< of views that compute with totals: only those of a whole cut are anybody's
  std::size_t unshown_bytes = 0;
  std::vector<some_groups> gone; ///< of views that are reference tables: to be removed there
  std::size_t gone_bytes = 0;
  /// What makes the tables those of the plan, sent with the first cut: it holds every node's load, and nothing of what
  /// was there before stands under the plan.
  std::vector<std::string> evolution;
  bool evolves = false;
  bool looks_for_gone = false; ///< some answer may still name groups that are gone

  pipe_statement begin{"BEGIN ISOLATION LEVEL READ COMMITTED", "beginning a cut"};
  pipe_statement fence{check_fence, "checking the lease"};
  pipe_statement commit{"COMMIT", "committing a cut"};
  pipe_statement custom_plans{"SET LOCAL plan_cache_mode = force_custom_plan", "choosing plans"};
  pipe_statement generic_plans{"SET LOCAL plan_cache_mode = force_generic_plan", "choosing plans"};
};

error view_writer::impl::lost(const std::string& what) const {
  return {errc::lease_lost, fmt::format("pipeline {} is no longer written by {}: {}", plan.name, grant.holder, what),
          "another runtime has taken the pipeline over; nothing of this cut was committed"};
}

status view_writer::impl::apply(view_statements& v, const batch& state) {
  if (state.columns.size() != v.layout.size())
    return error{errc::internal, fmt::format("a state batch of view {} has {} columns, not {}", v.view.name,
                                             state.columns.size(), v.layout.size())};
  const auto by_pattern = changed_groups(state, v.layout);
  const std::size_t bytes_a_row = state.size_bytes() / std::max<std::size_t>(state.rows(), 1) + 1;
  const bool local = v.view.sink.placement == sink_placement::local;
  const std::size_t factor = local ? 1 : spread_factor;
  const std::size_t most = std::clamp<std::size_t>(factor * chunk_bytes / bytes_a_row, 1, factor * chunk_rows);
  for (const auto& [nulls, rows] : by_pattern)
    for (std::size_t from = 0; from < rows.size(); from += most) {
      const auto some = std::span(rows).subspan(from, std::min(most, rows.size() - from));
      WEIR_TRY(v.staged ? v.staged->stage(pipe, state_arrays(v, state, some), some.size())
                        : write_chunk(v, state, nulls, some));
    }
  for (const auto& [nulls, rows] : by_pattern)
    if (v.staged) v.staged->note(state, v.layout, nulls, rows);
  return pipe.flush();
}

/// What concerns all shards comes rarely: once for all that is staged.
status view_writer::impl::settle(view_statements& v, bool cut_ends) {
  const bool whole_cut = cut_ends && !v.settled;
  const bool unsettled = v.staged && v.staged->has_unsettled();
  v.settled = !cut_ends && (v.settled || unsettled);
  if (!unsettled) return {};
  return v.staged->settle(pipe, whole_cut, [this, &v](null_pattern nulls, auto keys, auto, auto) -> status {
    suspected.push_back({&v, nulls, std::move(keys)});
    return {};
  });
}

std::vector<parameter> view_writer::impl::state_arrays(const view_statements& v, const batch& state,
                                                       std::span<const std::uint32_t> rows) const {
  std::vector<parameter> arrays;
  for (std::size_t c = 0; c < state.columns.size(); ++c)
    arrays.emplace_back(v.layout[c].role == state_role::node ? numbers(state.columns[c], rows)
                                                             : to_array_text(state.columns[c], rows));
  return arrays;
}

/// Only groups that lost rows can have lost their last.
std::vector<std::uint32_t> view_writer::impl::shrunk_of(const view_statements& v, const batch& state,
                                                        std::span<const std::uint32_t> rows) {
  std::vector<std::uint32_t> shrunk;
  std::size_t counter = 0;
  while (v.layout[counter].role != state_role::rows) ++counter;
  for (const auto row : rows)
    if (state.columns[counter].i64[row] < 0) shrunk.push_back(row);
  return shrunk;
}

std::vector<parameter> view_writer::impl::group_arrays(const view_statements& v, const batch& state, null_pattern nulls,
                                                       std::span<const std::uint32_t> rows) const {
  std::vector<parameter> arrays;
  for (std::size_t c = 0; c < v.layout.size(); ++c)
    if (v.layout[c].role == state_role::key && (nulls >> v.layout[c].index & 1U) == 0)
      arrays.emplace_back(to_array_text(state.columns[c], rows));
  return arrays;
}

/// Durable numbers for the plan's indexes.
std::string view_writer::impl::numbers(const column& nodes_of, std::span<const std::uint32_t> rows) const {
  column mapped(nodes_of.type);
  std::vector<std::uint32_t> all;
  for (const auto row : rows) {
    all.push_back(static_cast<std::uint32_t>(all.size()));
    mapped.append_i64(nodes.number(node_index{static_cast<std::uint16_t>(nodes_of.i64[row])}));
  }
  return to_array_text(mapped, all);
}

status view_writer::impl::write_chunk(view_statements& v, const batch& state, null_pattern nulls,
                                      std::span<const std::uint32_t> rows) {
  WEIR_TRY(pipe.send(v.add, state_arrays(v, state, rows)));
  const auto shrunk = shrunk_of(v, state, rows);
  if (!shrunk.empty()) WEIR_TRY(prune(v, state, nulls, shrunk));
  v.has_its_row = true;
  auto groups = group_arrays(v, state, nulls, rows);
  if (v.view.computed.empty() && !v.sql.hides()) return refresh(v, nulls, groups);
  for (const auto& key : groups) unshown_bytes += key->size();
  unshown.push_back({&v, nulls, std::move(groups)});
  return unshown_bytes < unshown_most ? status{} : show();
}

status view_writer::impl::show() {
  unshown_bytes = 0;
  for (const auto& g : std::exchange(unshown, {})) WEIR_TRY(refresh(*g.view, g.nulls, g.keys));
  return {};
}

/// Citus plans a statement that reads a local table for a spread one with its parameters or not at all.
status view_writer::impl::refresh(view_statements& v, null_pattern nulls, const std::vector<parameter>& groups) {
  auto& statements = v.of(nulls);
  if (v.sql.is_reference()) WEIR_TRY(pipe.send(custom_plans, {}));
  WEIR_TRY(pipe.send(statements.refresh, groups));
  if (v.sql.hides()) WEIR_TRY(pipe.send(statements.hide, groups));
  return v.sql.is_reference() ? pipe.send(generic_plans, {}) : status{};
}

/// A statement over all shards is worth it only for groups that are known to be gone. Those that have come back
/// meanwhile are written again.
status view_writer::impl::remove_gone() {
  gone_bytes = 0;
  for (const auto& g : std::exchange(gone, {})) {
    WEIR_TRY(pipe.send(g.view->of(g.nulls).prune_view, g.keys));
    WEIR_TRY(refresh(*g.view, g.nulls, g.keys));
  }
  return {};
}

status view_writer::impl::prune(view_statements& v, const batch& state, null_pattern nulls,
                                std::span<const std::uint32_t> rows) {
  const auto arrays = group_arrays(v, state, nulls, rows);
  auto& statements = v.of(nulls);
  WEIR_TRY(pipe.send(statements.prune_state, arrays, [this, &v, nulls](const query_result& wrong) -> status {
    if (wrong.at(0, 3) == "0") return {};
    some_groups found{&v, nulls, {}};
    for (std::size_t c = 4; c < wrong.columns(); ++c) found.keys.emplace_back(wrong.at(0, c));
    if (v.sql.is_reference() && !v.view.keys.empty()) {
      for (const auto& key : found.keys) gone_bytes += key->size();
      gone.push_back(found);
    }
    if (wrong.at(0, 0) != "0") suspected.push_back(std::move(found));
    return {};
  }));
  if (v.view.keys.empty()) return {};
  if (!v.sql.is_reference()) return pipe.send(statements.prune_view, arrays);
  looks_for_gone = true;
  return gone_bytes < chunk_bytes ? status{} : remove_gone();
}

/// At the end of a cut every total must stand.
status view_writer::impl::check_suspects() {
  if (suspected.empty()) return {};
  for (const auto& s : std::exchange(suspected, {})) {
    // Citus' translation may have lost the rows.
    const auto code = plan.capture == capture_mode::logical ? errc::source_reshaped : errc::internal;
    const auto too_few = [&v = *s.view, code](const std::string& rows, const std::string& name) {
      return error{code,
                   fmt::format("view {}: more was taken out of group ({}) than had been put in (rows left: {})",
                               v.view.name, name, rows),
                   reload_cure};
    };
    if (s.view->staged) {
      WEIR_TRY(
          s.view->staged->check_again(pipe, s.nulls, s.keys, [too_few](auto, auto, auto rows, auto name) -> status {
            return too_few(rows, name);
          }));
      continue;
    }
    WEIR_TRY(pipe.send(s.view->of(s.nulls).check, s.keys, [too_few](const query_result& wrong) -> status {
      if (wrong.at(0, 0) == "0") return {};
      return too_few(std::string(wrong.at(0, 1)), std::string(wrong.at(0, 2)));
    }));
  }
  return pipe.sync();
}

/// What other nodes had of a group together with a share that was removed may come to nothing without it.
status view_writer::impl::sweep() {
  const std::vector<parameter> on{"on"};
  const std::vector<parameter> off{"off"};
  bool swept = false;
  for (auto& v : views) {
    if (!std::exchange(v.lost_a_share, false)) continue;
    swept = true;
    WEIR_TRY(pipe.send_once(whole_table_plans, v.doing, on));
    WEIR_TRY(pipe.send_once(v.sql.sweep_state(), v.doing));
    WEIR_TRY(pipe.send_once(whole_table_plans, v.doing, off));
  }
  return swept ? pipe.sync() : status{};
}

/// A view without keys has its one row from the first cut on, also if nothing was ever counted.
status view_writer::impl::write_missing_rows() {
  for (auto& v : views) {
    if (!v.view.keys.empty() || v.has_its_row) continue;
    WEIR_TRY(refresh(v, 0, {}));
    v.has_its_row = true;
  }
  return {};
}

view_writer::view_writer(std::unique_ptr<impl> state) : state_(std::move(state)) {}
view_writer::view_writer(view_writer&&) noexcept = default;
view_writer& view_writer::operator=(view_writer&&) noexcept = default;
view_writer::~view_writer() = default;

result<view_writer> view_writer::open(connection target, const pipeline_plan& plan, lease_grant grant) {
  for (const auto& view : plan.views)
    if (view.keys.size() > max_keys)
      return error{errc::unsupported,
                   fmt::format("view {} has {} group keys, more than {}", view.name, view.keys.size(), max_keys)};
  WEIR_TRY(check_zones(target, plan, target.address()));
  WEIR_TRY(check_letters(target, plan, target.address()));
  WEIR_TRY(prepare_writer_session(target, plan.name, grant));
  WEIR_ASSIGN(members nodes, members::open(target, plan, grant));
  WEIR_ASSIGN(progress done, progress::read(target, plan));
  WEIR_ASSIGN(auto evolution, evolution_of(target, plan));
  WEIR_ASSIGN(statement_pipe pipe, statement_pipe::open(std::move(target)));
  auto state = std::make_unique<impl>(std::move(pipe), plan, std::move(grant), std::move(done), std::move(nodes));
  state->evolves = !evolution.empty();
  state->evolution = std::move(evolution);
  return view_writer{std::move(state)};
}

result<std::vector<frontier_entry>> view_writer::frontier() {
  // Whoever is not in it is loaded.
  return state_->evolves ? std::vector<frontier_entry>{} : state_->durable.frontier();
}

result<epoch> view_writer::last_epoch() { return state_->durable.last(); }

result<std::vector<std::uint16_t>> view_writer::share_groups() { return state_->nodes.shares(); }

status view_writer::begin() {
  auto& s = *state_;
  WEIR_TRY(s.pipe.send(s.begin, {}));
  const std::vector<parameter> values{s.plan.name, std::to_string(s.grant.fence)};
  WEIR_TRY(s.pipe.send(s.fence, values, [&s](const query_result& r) -> status {
    if (r.rows() == 1) return {};
    return s.lost("its lease was taken over");
  }));
  for (const auto& statement : s.evolution)
    WEIR_TRY(s.pipe.send_once(statement, "giving the views the types that their sources have now"));
  return {};
}

status view_writer::apply(std::size_t view, const batch& state) { return state_->apply(state_->views.at(view), state); }

status view_writer::settle(std::size_t view) {
  WEIR_TRY(state_->settle(state_->views.at(view)));
  return state_->pipe.flush();
}

status view_writer::truncate(std::size_t view, node_index node) {
  auto& s = *state_;
  auto& v = s.views.at(view);
  const std::vector<parameter> on{"on"};
  const std::vector<parameter> off{"off"};
  const std::vector<parameter> share{std::to_string(s.nodes.number(node))};
  v.lost_a_share = true;
  WEIR_TRY(s.settle(v));
  v.settled = true;
  if (v.staged) WEIR_TRY(v.staged->wait_for_earlier(s.pipe));
  WEIR_TRY(s.pipe.send_once(whole_table_plans, v.doing, on));
  for (const auto& statement : v.sql.remove_share()) WEIR_TRY(s.pipe.send_once(statement, v.doing, share));
  if (v.view.keys.empty()) WEIR_TRY(s.refresh(v, 0, {}));
  WEIR_TRY(s.pipe.send_once(whole_table_plans, v.doing, off));
  return s.pipe.flush();
}

status view_writer::dead_letters(std::span<const dead_letter> letters) {
  auto& s = *state_;
  for (; !letters.empty(); letters = letters.subspan(std::min(letters.size(), dead_letters_a_statement))) {
    array_text nodes, positions, sources, views, weights, causes, rows;
    for (const auto& letter : letters.first(std::min(letters.size(), dead_letters_a_statement))) {
      nodes.append_quoted(s.plan.nodes.at(letter.node.value).name);
      positions.append_quoted(to_string(letter.position));
      sources.append_quoted(letter.source);
      views.append_quoted(letter.view);
      weights.append_quoted(std::to_string(letter.weight));
      causes.append_quoted(letter.cause);
      rows.append_quoted(letter.row);
    }
    const std::vector<parameter> arrays{s.plan.name,  nodes.take(),   positions.take(), sources.take(),
                                        views.take(), weights.take(), causes.take(),    rows.take()};
    WEIR_TRY(s.pipe.send_once("INSERT INTO weir.dead_letters (pipeline, node, position, source, view, weight, cause, "
                              "row_text) SELECT $1, * FROM unnest($2::text[], $3::pg_lsn[], $4::text[], $5::text[], "
                              "$6::bigint[], $7::text[], $8::text[])",
                              "recording dead letters", arrays));
  }
  return {};
}

status view_writer::isolate(node_index node) { return state_->durable.isolate(state_->pipe, node); }

status view_writer::begin_share(node_index node) {
  state_->nodes.begin_share(node);
  return {};
}

status view_writer::impl::give_share(view_statements& v, std::uint16_t from, std::uint16_t to) {
  const std::vector<parameter> on{"on"};
  const std::vector<parameter> off{"off"};
  const std::vector<parameter> shares{std::to_string(from), std::to_string(to)};
  WEIR_TRY(settle(v));
  if (v.staged) WEIR_TRY(v.staged->wait_for_earlier(pipe));
  WEIR_TRY(pipe.send_once(whole_table_plans, v.doing, on));
  for (const auto& statement : v.sql.give_share()) WEIR_TRY(pipe.send_once(statement, v.doing, shares));
  return pipe.send_once(whole_table_plans, v.doing, off);
}

status view_writer::move_share(const share_move& move) {
  auto& s = *state_;
  s.nodes.join(move.from, move.to);
  for (const auto view : move.emptied)
    WEIR_TRY(s.give_share(s.views.at(view), s.nodes.number(move.from), s.nodes.number(move.to)));
  return s.pipe.flush();
}

status view_writer::leave(node_index node) {
  auto& s = *state_;
  const auto number = s.nodes.number(node);
  const auto heir = s.nodes.heir(node);
  const std::vector<parameter> share{std::to_string(number)};
  for (auto& v : s.views) {
    if (heir) {
      WEIR_TRY(s.give_share(v, number, *heir));
      continue;
    }
    WEIR_TRY(s.settle(v));
    if (v.staged) WEIR_TRY(v.staged->wait_for_earlier(s.pipe));
    WEIR_TRY(s.pipe.send_once(v.sql.find_share(), v.doing, share, [&s, &v, node](const query_result& r) -> status {
      if (r.rows() == 0) return {};
      return error{errc::internal,
                   fmt::format("node {} has left with rows in view {} that moved to no other node",
                               s.plan.nodes.at(node.value).name, v.view.name),
                   reload_cure};
    }));
  }
  s.nodes.leave(node);
  return s.durable.forget(s.pipe, node);
}

status view_writer::commit(epoch number, std::span<const frontier_entry> frontier) {
  auto& s = *state_;
  for (const auto& entry : frontier)
    if (entry.node.value < s.plan.nodes.size() && s.nodes.has_left(entry.node))
      return error{errc::internal,
                   fmt::format("the frontier names node {}, which has left", s.plan.nodes[entry.node.value].name)};
  status done;
  for (auto& v : s.views)
    if (done) done = s.settle(v, true);
  if (done) done = s.show();
  if (done) done = s.write_missing_rows();
  if (done && std::exchange(s.looks_for_gone, false)) done = s.pipe.sync();
  if (done) done = s.remove_gone();
  if (done) done = s.nodes.send(s.pipe);
  if (done) done = s.durable.send(s.pipe, number, frontier);
  if (done) done = s.pipe.sync();
  if (done) done = s.check_suspects();
  if (done) done = s.sweep();
  if (!done) {
    s.pipe.abandon();
    return done;
  }
  WEIR_TRY(s.pipe.send(s.commit, {}));
  WEIR_TRY(s.pipe.sync());
  s.durable.remember(number, frontier);
  s.nodes.remember();
  s.evolution.clear();
  s.evolves = false;
  return {};
}

} // namespace weir::postgres
