#include "runtime/postgres/view_writer.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "runtime/plan/state_layout.hpp"
#include "runtime/postgres/array_text.hpp"
#include "runtime/postgres/statement_pipe.hpp"
#include "runtime/postgres/view_sql.hpp"

namespace weir::postgres {
namespace {

/// One statement handles at most so many groups: its arrays exist twice, here and in the server.
constexpr std::size_t chunk_rows = 10'000;
constexpr std::size_t chunk_bytes = 4U << 20U;
constexpr std::size_t dead_letters_a_statement = 1'000;

/// Every join is a few thousand groups against a table that may be tiny, huge, or just grown from one to the other:
/// with an index on the group a nested loop is right for all of them, and no statistics can talk the planner out of it.
/// The keepalives let the server notice the death of this host, and free the locks of its last transaction.
constexpr const char* session_settings =
    "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; SET enable_mergejoin = off; "
    "SET enable_seqscan = off; SET jit = off; SET max_parallel_workers_per_gather = 0; "
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

constexpr const char* whole_table_plans =
    "SELECT set_config('enable_hashjoin', $1, true), set_config('enable_seqscan', $1, true)";

constexpr const char* read_frontier =
    "SELECT node, slot, system_id, timeline, position, confirmed, "
    "coalesce((extract(epoch FROM commit_time - '2000-01-01 00:00:00+00'::timestamptz) * 1000000)::bigint, 0) "
    "FROM weir.frontier WHERE pipeline = $1";

constexpr const char* check_fence = "SELECT FROM weir.lease WHERE pipeline = $1 AND fence = $2::bigint FOR KEY SHARE";

constexpr const char* write_cut = "WITH before AS (DELETE FROM weir.cuts WHERE pipeline = $1 AND epoch < $2::bigint) "
                                  "INSERT INTO weir.cuts (pipeline, epoch) VALUES ($1, $2::bigint)";

constexpr const char* frontier_rows =
    "unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::pg_lsn[], $7::pg_lsn[], $8::bigint[], $9::pg_lsn[]) "
    "AS u(node, slot, system_id, timeline, position, confirmed, commit_us, before)";

constexpr const char* commit_time = "CASE WHEN u.commit_us <> 0 THEN '2000-01-01 00:00:00+00'::timestamptz + "
                                    "interval '1 microsecond' * u.commit_us END";

std::string advance_frontier_sql() {
  return fmt::format("UPDATE weir.frontier AS f SET slot = u.slot, system_id = u.system_id, timeline = u.timeline, "
                     "position = u.position, confirmed = u.confirmed, commit_time = {} FROM {} "
                     "WHERE f.pipeline = $1 AND f.node = u.node AND f.position = u.before",
                     commit_time, frontier_rows);
}

std::string start_frontier_sql() {
  return fmt::format("INSERT INTO weir.frontier (pipeline, node, slot, system_id, timeline, position, confirmed, "
                     "commit_time) SELECT $1, u.node, u.slot, u.system_id, u.timeline, u.position, u.confirmed, {} "
                     "FROM {} WHERE u.before IS NULL ON CONFLICT DO NOTHING",
                     commit_time, frontier_rows);
}

template <class Number>
Number number_of(std::string_view text) {
  Number n{};
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

bool is_zero(const column& c, std::size_t row) {
  if (c.is_null(row)) return true;
  switch (storage_of(c.type.id)) {
    case storage::i64: return c.i64[row] == 0;
    case storage::decimal: return c.decimals[row].form == decimal::kind::finite && c.decimals[row].coefficient == 0;
    case storage::f64: return c.f64[row] == 0;
    case storage::bytes: return c.bytes_at(row).find_first_of("123456789") == std::string_view::npos; // scales
  }
  return false;
}

result<node_index> node_named(const pipeline_plan& plan, std::string_view name) {
  for (std::size_t i = 0; i < plan.nodes.size(); ++i)
    if (plan.nodes[i].name == name) return node_index{static_cast<std::uint16_t>(i)};
  return error{
      errc::definition_changed,
      fmt::format("the frontier of pipeline {} has a node {} that its definition does not name", plan.name, name),
      "restore the node in the cluster's list, or start over: weir drop, then weir run"};
}

/// What is durable of a pipeline.
struct progress {
  std::vector<frontier_entry> frontier; ///< sorted by node
  epoch last;
};

result<progress> read_progress(connection& target, const pipeline_plan& plan) {
  progress done;
  const std::vector<parameter> pipeline{plan.name};
  WEIR_ASSIGN(const query_result rows, target.query(read_frontier, pipeline));
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    WEIR_ASSIGN(const node_index node, node_named(plan, rows.at(i, 0)));
    WEIR_ASSIGN(const lsn position, parse_lsn(rows.at(i, 4)));
    WEIR_ASSIGN(const lsn confirmed, parse_lsn(rows.at(i, 5)));
    done.frontier.push_back({node, std::string(rows.at(i, 1)), std::string(rows.at(i, 2)),
                             number_of<std::int32_t>(rows.at(i, 3)), position, confirmed,
                             number_of<std::int64_t>(rows.at(i, 6))});
  }
  std::sort(done.frontier.begin(), done.frontier.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
  WEIR_ASSIGN(const query_result cuts,
              target.query("SELECT coalesce(max(epoch), 0) FROM weir.cuts WHERE pipeline = $1", pipeline));
  done.last = epoch{number_of<std::uint64_t>(cuts.at(0, 0))};
  return done;
}

} // namespace

/// One view: its statements, each prepared when first used.
struct view_statements {
  view_statements(const pipeline_plan& plan, std::size_t index, const sql_quoter& quote)
      : view(plan.views[index]), layout(state_layout(view)), sql(plan, index, quote),
        doing(fmt::format("writing view {}", view.name)), add{sql.add_to_state(), doing} {}

  struct for_pattern {
    pipe_statement refresh;
    pipe_statement prune_state;
    pipe_statement prune_view;
  };
  for_pattern& of(null_pattern nulls) {
    auto at = patterns.find(nulls);
    if (at == patterns.end())
      at = patterns
               .emplace(nulls, for_pattern{{sql.refresh(nulls), doing},
                                           {sql.prune_state(nulls), doing},
                                           {sql.prune_view(nulls), doing}})
               .first;
    return at->second;
  }

  const view_plan& view;
  std::vector<state_column> layout;
  view_sql sql;
  std::string doing;
  pipe_statement add;
  std::map<null_pattern, for_pattern> patterns;
  bool has_its_row = false; ///< a view without keys: was its one row written since the writer was opened?
};

struct view_writer::impl {
  impl(statement_pipe p, const pipeline_plan& the_plan, lease_grant the_grant, progress done)
      : pipe(std::move(p)), plan(the_plan), grant(std::move(the_grant)), frontier(std::move(done.frontier)),
        last(done.last) {
    for (std::size_t i = 0; i < plan.views.size(); ++i) views.emplace_back(plan, i, pipe.conn());
  }

  error lost(const std::string& what) const;

  status apply(view_statements& v, const batch& state);
  status write_chunk(view_statements& v, const batch& state, null_pattern nulls, std::span<const std::uint32_t> rows);
  status prune(view_statements& v, const batch& state, null_pattern nulls, std::span<const std::uint32_t> rows);
  std::vector<parameter> group_arrays(const view_statements& v, const batch& state, null_pattern nulls,
                                      std::span<const std::uint32_t> rows) const;
  status write_progress(epoch number, std::span<const frontier_entry> next);
  std::vector<parameter> frontier_arrays(std::span<const frontier_entry> next) const;
  const frontier_entry* durable(node_index node) const;
  void remember(epoch number, std::span<const frontier_entry> next);

  statement_pipe pipe;
  pipeline_plan plan;
  lease_grant grant;
  std::vector<view_statements> views;
  std::vector<frontier_entry> frontier;
  epoch last;

  pipe_statement begin{"BEGIN ISOLATION LEVEL READ COMMITTED", "beginning a cut"};
  pipe_statement fence{check_fence, "checking the lease"};
  pipe_statement cut{write_cut, "recording the cut"};
  pipe_statement advance{advance_frontier_sql(), "advancing the frontier"};
  pipe_statement start{start_frontier_sql(), "starting the frontier"};
  pipe_statement commit{"COMMIT", "committing a cut"};
};

error view_writer::impl::lost(const std::string& what) const {
  return {errc::lease_lost, fmt::format("pipeline {} is no longer written by {}: {}", plan.name, grant.holder, what),
          "another runtime has taken the pipeline over; nothing of this cut was committed"};
}

status view_writer::impl::apply(view_statements& v, const batch& state) {
  if (state.columns.size() != v.layout.size())
    return error{errc::internal, fmt::format("a state batch of view {} has {} columns, not {}", v.view.name,
                                             state.columns.size(), v.layout.size())};
  std::map<null_pattern, std::vector<std::uint32_t>> by_pattern;
  for (std::uint32_t row = 0; row < state.rows(); ++row) {
    null_pattern nulls = 0;
    bool changes = false;
    for (std::size_t c = 0; c < v.layout.size(); ++c) {
      const auto& column = v.layout[c];
      if (column.role == state_role::key && state.columns[c].is_null(row)) nulls |= null_pattern{1} << column.index;
      if (column.role == state_role::key || column.role == state_role::node) continue;
      changes = changes || !is_zero(state.columns[c], row);
    }
    if (changes) by_pattern[nulls].push_back(row);
  }
  const std::size_t bytes_a_row = state.size_bytes() / std::max<std::size_t>(state.rows(), 1) + 1;
  const std::size_t most = std::clamp<std::size_t>(chunk_bytes / bytes_a_row, 1, chunk_rows);
  for (const auto& [nulls, rows] : by_pattern)
    for (std::size_t from = 0; from < rows.size(); from += most)
      WEIR_TRY(write_chunk(v, state, nulls, std::span(rows).subspan(from, std::min(most, rows.size() - from))));
  return pipe.flush();
}

std::vector<parameter> view_writer::impl::group_arrays(const view_statements& v, const batch& state, null_pattern nulls,
                                                       std::span<const std::uint32_t> rows) const {
  std::vector<parameter> arrays;
  for (std::size_t c = 0; c < v.layout.size(); ++c)
    if (v.layout[c].role == state_role::key && (nulls >> v.layout[c].index & 1U) == 0)
      arrays.emplace_back(to_array_text(state.columns[c], rows));
  return arrays;
}

status view_writer::impl::write_chunk(view_statements& v, const batch& state, null_pattern nulls,
                                      std::span<const std::uint32_t> rows) {
  std::vector<parameter> arrays;
  for (const auto& column : state.columns) arrays.emplace_back(to_array_text(column, rows));
  WEIR_TRY(pipe.send(v.add, arrays));

  std::vector<std::uint32_t> shrunk;
  std::size_t counter = 0;
  while (v.layout[counter].role != state_role::rows) ++counter;
  for (const auto row : rows)
    if (state.columns[counter].i64[row] < 0) shrunk.push_back(row);
  if (!shrunk.empty()) WEIR_TRY(prune(v, state, nulls, shrunk));
  v.has_its_row = true;
  return pipe.send(v.of(nulls).refresh, group_arrays(v, state, nulls, rows));
}

/// Only groups that lost rows can have lost their last.
status view_writer::impl::prune(view_statements& v, const batch& state, null_pattern nulls,
                                std::span<const std::uint32_t> rows) {
  const auto arrays = group_arrays(v, state, nulls, rows);
  auto& statements = v.of(nulls);
  WEIR_TRY(pipe.send(statements.prune_state, arrays, [this, &v](const query_result& wrong) -> status {
    if (wrong.rows() == 0) return {};
    const auto node = number_of<std::size_t>(wrong.at(0, 0));
    return error{errc::internal,
                 fmt::format("view {}: node {} took more rows out of group ({}) than it had put in (rows left: {})",
                             v.view.name, node < plan.nodes.size() ? plan.nodes[node].name : "?", wrong.at(0, 2),
                             wrong.at(0, 1)),
                 "the hidden state does not fit the stream; load the pipeline again: weir drop, then weir run"};
  }));
  if (v.view.keys.empty()) return {};
  return pipe.send(statements.prune_view, arrays);
}

const frontier_entry* view_writer::impl::durable(node_index node) const {
  for (const auto& entry : frontier)
    if (entry.node == node) return &entry;
  return nullptr;
}

std::vector<parameter> view_writer::impl::frontier_arrays(std::span<const frontier_entry> next) const {
  array_text nodes, slots, systems, timelines, positions, confirmed, times, before;
  for (const auto& entry : next) {
    nodes.append_quoted(plan.nodes[entry.node.value].name);
    slots.append_quoted(entry.slot);
    systems.append_quoted(entry.system_id);
    timelines.append_quoted(std::to_string(entry.timeline));
    positions.append_quoted(to_string(entry.position));
    confirmed.append_quoted(to_string(entry.confirmed));
    times.append_quoted(std::to_string(entry.commit_time_us));
    if (const auto* known = durable(entry.node))
      before.append_quoted(to_string(known->position));
    else
      before.append_null();
  }
  return {plan.name,        nodes.take(),     slots.take(), systems.take(), timelines.take(),
          positions.take(), confirmed.take(), times.take(), before.take()};
}

status view_writer::impl::write_progress(epoch number, std::span<const frontier_entry> next) {
  if (number <= last)
    return error{errc::internal,
                 fmt::format("cut {} of pipeline {} follows cut {}", number.value, plan.name, last.value)};
  for (const auto& entry : next)
    if (entry.node.value >= plan.nodes.size())
      return error{errc::internal,
                   fmt::format("the frontier names node {} of {}", entry.node.value, plan.nodes.size())};
  for (auto& v : views)
    if (v.view.keys.empty() && !v.has_its_row) {
      WEIR_TRY(pipe.send(v.of(0).refresh, {}));
      v.has_its_row = true;
    }
  const auto arrays = frontier_arrays(next);
  const auto known = static_cast<std::size_t>(
      std::count_if(next.begin(), next.end(), [this](const auto& entry) { return durable(entry.node) != nullptr; }));
  const auto expect = [this](std::size_t rows) {
    return [this, rows](const query_result& r) -> status {
      if (r.affected() == rows) return {};
      return lost("its frontier was moved by somebody else");
    };
  };
  if (known > 0) WEIR_TRY(pipe.send(advance, arrays, expect(known)));
  if (known < next.size()) WEIR_TRY(pipe.send(start, arrays, expect(next.size() - known)));
  const std::vector<parameter> cut_values{plan.name, std::to_string(number.value)};
  return pipe.send(cut, cut_values);
}

void view_writer::impl::remember(epoch number, std::span<const frontier_entry> next) {
  last = number;
  for (const auto& entry : next) {
    const auto at = std::find_if(frontier.begin(), frontier.end(), [&](const auto& f) { return f.node >= entry.node; });
    if (at != frontier.end() && at->node == entry.node)
      *at = entry;
    else
      frontier.insert(at, entry);
  }
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
  WEIR_TRY(target.execute(session_settings));
  WEIR_ASSIGN(progress done, read_progress(target, plan));
  WEIR_ASSIGN(statement_pipe pipe, statement_pipe::open(std::move(target)));
  return view_writer{std::make_unique<impl>(std::move(pipe), plan, std::move(grant), std::move(done))};
}

result<std::vector<frontier_entry>> view_writer::frontier() { return state_->frontier; }

result<epoch> view_writer::last_epoch() { return state_->last; }

status view_writer::begin() {
  auto& s = *state_;
  WEIR_TRY(s.pipe.send(s.begin, {}));
  const std::vector<parameter> values{s.plan.name, std::to_string(s.grant.fence)};
  WEIR_TRY(s.pipe.send(s.fence, values, [&s](const query_result& r) -> status {
    if (r.rows() == 1) return {};
    return s.lost("its lease was taken over");
  }));
  return {};
}

status view_writer::apply(std::size_t view, const batch& state) { return state_->apply(state_->views.at(view), state); }

status view_writer::truncate(std::size_t view, node_index node) {
  auto& s = *state_;
  auto& v = s.views.at(view);
  const std::vector<parameter> on{"on"};
  const std::vector<parameter> off{"off"};
  const std::vector<parameter> share{std::to_string(node.value)};
  WEIR_TRY(s.pipe.send_once(whole_table_plans, v.doing, on));
  for (const auto& statement : v.sql.remove_share()) WEIR_TRY(s.pipe.send_once(statement, v.doing, share));
  if (v.view.keys.empty()) WEIR_TRY(s.pipe.send(v.of(0).refresh, {}));
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

status view_writer::commit(epoch number, std::span<const frontier_entry> frontier) {
  auto& s = *state_;
  auto done = s.write_progress(number, frontier);
  if (done) done = s.pipe.sync();
  if (!done) {
    s.pipe.abandon();
    return done;
  }
  WEIR_TRY(s.pipe.send(s.commit, {}));
  WEIR_TRY(s.pipe.sync());
  s.remember(number, frontier);
  return {};
}

} // namespace weir::postgres
