#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/postgres/changed_groups.hpp"
#include "runtime/postgres/repeated_groups.hpp"
#include "runtime/postgres/statement_pipe.hpp"
#include "runtime/postgres/view_sql.hpp"

namespace weir::postgres {

/// Writes a view that is distributed, its state and its rows beside each other on the shards: deltas are staged there,
/// then few statements, whatever the number of groups, are done by all shards at once.
class staged_view {
public:
  /// What is to be done about groups whose totals cannot stand: they are of this pattern, their keys an array for each
  /// that is not NULL; of one of them, the rows and the name.
  using on_wrong = std::function<status(null_pattern, std::vector<parameter> keys, std::string rows, std::string name)>;

  /// `sql` must outlive it.
  staged_view(const view_sql& sql, const std::string& pipeline, const sql_quoter& quote, std::string doing);

  /// Stages deltas: an array for each column of the state, of `rows` groups.
  status stage(statement_pipe& pipe, std::span<const parameter> arrays, std::size_t rows);
  /// Takes note of what is staged: the `rows` of a state batch, which are of one pattern.
  void note(const batch& state, const std::vector<state_column>& layout, null_pattern nulls,
            std::span<const std::uint32_t> rows);
  /// Is anything staged that was not settled?
  bool has_unsettled() const noexcept { return !unsettled_.empty(); }
  /// Brings all that is staged into the state, and the view up to it.  Is it all that the cut does to this view?
  status settle(statement_pipe& pipe, bool whole_cut, const on_wrong& wrong);
  /// Looks at the totals of some groups again, at the end of the cut.
  status check_again(statement_pipe& pipe, null_pattern nulls, std::span<const parameter> keys, const on_wrong& wrong);
  /// Waits until every earlier cut is decided on all nodes: they hold locks on the staged table.
  status wait_for_earlier(statement_pipe& pipe);

private:
  struct for_pattern {
    pipe_statement add;
    pipe_statement find_wrong;
    pipe_statement prune_view;
    pipe_statement prune_state;
    pipe_statement add_to_view[2][2]; ///< by add_to_view's arguments: some lost, repeated
    pipe_statement refresh_shrunk;
    pipe_statement refresh;
  };
  for_pattern& of(null_pattern nulls, moment_of_cut when);
  status prune(statement_pipe& pipe, null_pattern nulls, moment_of_cut when, const on_wrong& wrong);
  status show(statement_pipe& pipe, null_pattern nulls, bool some_lost, bool whole_cut);
  status empty(statement_pipe& pipe);

  const view_sql& sql_;
  std::string doing_;
  pipe_statement stage_;
  /// Citus plans an INSERT … SELECT with its parameters or not at all.
  pipe_statement custom_plans_{"SET LOCAL plan_cache_mode = force_custom_plan", "choosing plans"};
  pipe_statement generic_plans_{"SET LOCAL plan_cache_mode = force_generic_plan", "choosing plans"};
  pipe_statement wait_;
  pipe_statement empty_;
  pipe_statement truncate_;
  std::map<std::pair<null_pattern, moment_of_cut>, for_pattern> patterns_;
  std::map<null_pattern, group_losses> unsettled_; ///< the patterns of what is staged, and what their groups lost
  repeated_groups repeated_;                       ///< among what is staged
  std::size_t rows_ = 0;                           ///< staged since the staged table was truncated last
};

} // namespace weir::postgres
