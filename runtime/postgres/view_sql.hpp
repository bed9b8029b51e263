#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/sql_quoter.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/plan/state_layout.hpp"

namespace weir::postgres {

/// Which keys of a group are NULL: bit i for key i. `=` finds no NULL and IS NOT DISTINCT FROM uses no index, so
/// groups are written pattern by pattern, each with conditions an index serves.
using null_pattern = std::uint64_t;
constexpr std::size_t max_keys = 64;

/// "SELECT … FROM unnest($1::…[], …)": the rows of a state batch.  Parameters: one array for each column of `layout`.
std::string state_rows_sql(const std::vector<state_column>& layout);

/// The statements that keep one view's state table and view table. Parameters are arrays in text form.
class view_sql {
public:
  view_sql(const pipeline_plan& plan, std::size_t view, const sql_quoter& quote);

  /// Adds deltas to the state.  Parameters: one array for each column of state_layout(view).
  std::string add_to_state() const;
  /// Rewrites those rows of the view that differ from the totals of their groups; rows of groups that are no more stay.
  /// Parameters of this and the next two: one array for each key that is not NULL in the pattern.
  std::string refresh(null_pattern nulls) const;
  /// Removes state rows that count nothing, and all those of a group that come to nothing together: shards moved
  /// between their nodes. Returns one row about the groups whose totals cannot stand at the end of a cut, fewer rows
  /// than none or none with something in them: how many; of one its rows and its name; then how many groups the keys
  /// are of, and their keys, an array for each parameter. The keys are those of these groups; where the view is spread,
  /// those of all groups without rows.
  std::string prune_state(null_pattern nulls) const;
  /// Removes rows of the view: where it is spread, those of these groups; else those of them that have no row, all
  /// nodes together.
  std::string prune_view(null_pattern nulls) const;

  /// Is the view table spread over the nodes of Citus? Then rows are not found by their place, statements that read the
  /// state are planned with their parameters, and a group is looked up in no other way than by its keys.
  bool is_spread() const { return view_.sink.placement != sink_placement::local; }

  /// Every row of the view from its state, into an empty table.
  std::string rebuild() const;
  /// What the view is without one node's share, in this order.  Parameter: the node's number.
  std::vector<std::string> remove_share() const;
  /// One node's share becomes part of another's, in this order; the view is as before.  Parameters: both numbers.
  std::vector<std::string> give_share() const;
  /// A row if the node has a share.  Parameter: its number.
  std::string find_share() const;

private:
  std::string group_arrays(null_pattern nulls, const std::string& alias) const;
  std::string groups(null_pattern nulls) const;
  std::string on_groups(null_pattern nulls, const std::string& alias, bool in_view) const;
  std::string rows_of_groups(null_pattern nulls, bool in_view) const;
  std::string upsert_view(const std::string& from_state, bool keep_only_present) const;
  std::string add_on_conflict() const;
  std::string remove_orphans() const;
  std::string counts_nothing() const;
  std::string total_is_something() const;
  std::string on_conflict() const;
  std::string key_list(const std::string& alias) const;

  const view_plan& view_;
  std::vector<state_column> layout_;
  std::string state_table_;
  std::string view_table_;
  std::vector<std::string> outputs_;     ///< quoted, in order
  std::vector<std::string> key_columns_; ///< of the view table, quoted, by key
};

} // namespace weir::postgres
