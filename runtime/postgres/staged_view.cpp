#include "runtime/postgres/staged_view.hpp"

#include <utility>

#include "runtime/postgres/array_text.hpp"

namespace weir::postgres {
namespace {

/// A DELETE leaves its rows to be vacuumed, and statements read past them until then.
constexpr std::size_t rows_to_truncate = 10'000;

/// An array for each column but the last.
std::vector<parameter> keys_of(const query_result& groups) {
  std::vector<parameter> keys;
  for (std::size_t c = 0; c + 1 < groups.columns(); ++c) {
    array_text values;
    for (std::size_t row = 0; row < groups.rows(); ++row) values.append_quoted(groups.at(row, c));
    keys.emplace_back(values.take());
  }
  return keys;
}

/// Of the first group: "east, NULL".
std::string name_of(const query_result& groups, null_pattern nulls) {
  std::string name;
  std::size_t column = 0;
  for (std::size_t key = 0; column + 1 < groups.columns() || nulls >> key != 0; ++key) {
    if (!name.empty()) name += ", ";
    name += (nulls >> key & 1U) != 0 ? "NULL" : std::string(groups.at(0, column++));
  }
  return name;
}

} // namespace

staged_view::staged_view(const view_sql& sql, const std::string& pipeline, const sql_quoter& quote, std::string doing)
    : sql_(sql),
      doing_(std::move(doing)), stage_{sql.stage(), doing_}, wait_{sql.wait_for_earlier(pipeline, quote), doing_},
      empty_{sql.empty_staged(), doing_}, truncate_{sql.truncate_staged(), doing_} {}

staged_view::for_pattern& staged_view::of(null_pattern nulls, moment_of_cut when) {
  const std::pair which{nulls, when};
  auto at = patterns_.find(which);
  if (at == patterns_.end())
    at = patterns_
             .emplace(
                 which,
                 for_pattern{
                     {sql_.add_staged(nulls), doing_},
                     {sql_.find_wrong(nulls, when), doing_},
                     {sql_.prune_staged_view(nulls), doing_},
                     {sql_.prune_staged_state(nulls, when), doing_},
                     {{{sql_.add_to_view(nulls, false, false), doing_}, {sql_.add_to_view(nulls, false, true), doing_}},
                      {{sql_.add_to_view(nulls, true, false), doing_}, {sql_.add_to_view(nulls, true, true), doing_}}},
                     {sql_.refresh_staged(nulls, true), doing_},
                     {sql_.refresh_staged(nulls, false), doing_}})
             .first;
  return at->second;
}

status staged_view::stage(statement_pipe& pipe, std::span<const parameter> arrays, std::size_t rows) {
  rows_ += rows;
  WEIR_TRY(pipe.send(custom_plans_, {}));
  WEIR_TRY(pipe.send(stage_, arrays));
  return pipe.send(generic_plans_, {});
}

void staged_view::note(const batch& state, const std::vector<state_column>& layout, null_pattern nulls,
                       std::span<const std::uint32_t> rows) {
  unsettled_[nulls] += losses_of(state, layout, rows);
  if (sql_.adds_up()) repeated_.add(state, layout, rows);
}

status staged_view::settle(statement_pipe& pipe, bool whole_cut, const on_wrong& wrong) {
  WEIR_TRY(pipe.send(wait_, {}));
  for (const auto& [nulls, lost] : std::exchange(unsettled_, {})) {
    WEIR_TRY(pipe.send(of(nulls, moment_of_cut::within).add, {}));
    if (lost.rows) WEIR_TRY(prune(pipe, nulls, moment_of_cut::within, wrong));
    WEIR_TRY(show(pipe, nulls, lost.something, whole_cut));
  }
  repeated_.clear();
  return empty(pipe);
}

/// In the middle of a cut the view lacks groups whose total is not one yet: to these nothing can be added.
status staged_view::show(statement_pipe& pipe, null_pattern nulls, bool some_lost, bool whole_cut) {
  auto& statements = of(nulls, moment_of_cut::within);
  if (!whole_cut || !sql_.adds_up()) return pipe.send(statements.refresh, {});
  WEIR_TRY(pipe.send(statements.add_to_view[some_lost ? 1 : 0][repeated_.any() ? 1 : 0], {}));
  return some_lost ? pipe.send(statements.refresh_shrunk, {}) : status{};
}

status staged_view::prune(statement_pipe& pipe, null_pattern nulls, moment_of_cut when, const on_wrong& wrong) {
  auto& statements = of(nulls, when);
  WEIR_TRY(pipe.send(statements.find_wrong, {}, [nulls, wrong](const query_result& found) -> status {
    if (found.rows() == 0) return {};
    return wrong(nulls, keys_of(found), std::string(found.at(0, found.columns() - 1)), name_of(found, nulls));
  }));
  WEIR_TRY(pipe.send(statements.prune_view, {}));
  return pipe.send(statements.prune_state, {});
}

status staged_view::check_again(statement_pipe& pipe, null_pattern nulls, std::span<const parameter> keys,
                                const on_wrong& wrong) {
  WEIR_TRY(pipe.send(custom_plans_, {}));
  WEIR_TRY(pipe.send_once(sql_.stage_groups(nulls), doing_, keys));
  WEIR_TRY(pipe.send(generic_plans_, {}));
  WEIR_TRY(prune(pipe, nulls, moment_of_cut::end, wrong));
  return empty(pipe);
}

status staged_view::empty(statement_pipe& pipe) {
  if (rows_ < rows_to_truncate) return pipe.send(empty_, {});
  rows_ = 0;
  return pipe.send(truncate_, {});
}

status staged_view::wait_for_earlier(statement_pipe& pipe) {
  rows_ = 0;
  return pipe.send(truncate_, {});
}

} // namespace weir::postgres
