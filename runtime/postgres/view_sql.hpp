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

/// May the rest of a cut still change the totals that a statement looks at?
enum class moment_of_cut { within, end };

/// Is the text of two equal values always the same? Not of numerics (1.0 = 1.00) and citext.
bool equal_means_same(const data_type& type);

/// The operator that compares keys of the type: `=`, of citext that of its extension. weir's sessions look for
/// operators in pg_catalog only, where a citext would be compared as the text that it is, too.
std::string equals_sign(const data_type& type);

/// What makes an element of that array a value of the column: "", or "::integer[]" where it is an array itself.
std::string element_cast(const state_column& column);

/// The type of the array that carries a column: without typmod, values have it already.
std::string array_type(const state_column& column);

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
  /// Removes state rows that count nothing; at the end of a cut, also all those of a group that come to nothing
  /// together: shards moved between their nodes. Before, another part of the cut may still set them apart. Returns one
  /// row about the groups to be looked at when the cut ends, or whose totals cannot stand then, fewer rows than none or
  /// none with something in them: how many; of one its rows and its name; then how many groups the keys are of, and
  /// their keys, an array for each parameter. The keys are those of these groups; where the view is spread, those of
  /// all groups without rows.
  std::string prune_state(null_pattern nulls, moment_of_cut when) const;
  /// Removes rows of the view: where it is spread, those of these groups; else those of them that have no row, all
  /// nodes together.
  std::string prune_view(null_pattern nulls) const;
  /// Has the view a condition on groups? Then those that do not fulfil it are hidden after each refresh; where the view
  /// is distributed, by it.
  bool hides() const { return view_.having.has_value(); }
  /// Removes the rows of groups that are hidden. Parameters as of refresh.
  std::string hide(null_pattern nulls) const;

  /// Is the view a reference table of Citus, its state a local one? Then rows are not found by their place, statements
  /// that read the state are planned with their parameters, and a group is looked up in no other way than by its keys.
  bool is_reference() const { return view_.sink.placement == sink_placement::reference; }
  /// Is the view distributed? Then its state is too, shard by shard beside it, and deltas come by way of a staged table
  /// that lies there as well: the statements below that speak of it are done by all shards at once, each for itself.
  bool is_distributed() const { return view_.sink.placement == sink_placement::distributed; }

  /// Deltas into the staged table.  Parameters: one array for each column of state_layout(view).
  std::string stage() const;
  /// Groups into the staged table, as if each had lost a row; nothing is to be added.  Parameters as of refresh.
  std::string stage_groups(null_pattern nulls) const;
  /// Waits until no earlier cut is undecided on the nodes where there are staged rows. Such a one is prepared, and may
  /// be for a minute after the coordinator has committed it: its rows cannot be seen yet.
  std::string wait_for_earlier(const std::string& pipeline, const sql_quoter& quote) const;
  /// Adds the staged deltas of a pattern to the state. A MERGE writes half of the WAL of INSERT … ON CONFLICT, which
  /// locks a row before it updates it; there is no other writer to be afraid of.
  std::string add_staged(null_pattern nulls) const;
  /// Of the staged groups that lost rows, those of which prune_state would speak, once or more often: the keys that are
  /// not NULL in the pattern, then the rows.
  std::string find_wrong(null_pattern nulls, moment_of_cut when) const;
  /// Of the staged groups that lost rows: rows of the view, then of the state, that are no more.
  std::string prune_staged_view(null_pattern nulls) const;
  std::string prune_staged_state(null_pattern nulls, moment_of_cut when) const;
  /// As refresh, of the staged groups; or of those alone that lost something.
  std::string refresh_staged(null_pattern nulls, bool only_shrunk) const;
  /// Can the staged deltas of a group be added to its row in the view? Only where all that is shown are counts and
  /// exact sums, and such a group lost nothing.
  bool adds_up() const;
  /// Adds the staged deltas to the view, but for groups that lost something if there are such. What was the total of a
  /// group before must be in the view: so it is when a cut begins.  Is some group staged more than once?
  std::string add_to_view(null_pattern nulls, bool some_lost, bool repeated) const;
  /// Of few rows, or of many: a TRUNCATE gives each shard a new file.
  std::string empty_staged() const;
  std::string truncate_staged() const;

  /// Every row of the view from its state, into an empty table.
  std::string rebuild() const;
  /// What the view is without one node's share, in this order.  Parameter: the node's number.
  std::vector<std::string> remove_share() const;
  /// At the end of a cut, removes the state rows of all groups that come to nothing together.
  std::string sweep_state() const;
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
  std::string sums(const std::string& added) const;
  std::string totals_of(const std::string& from_state, bool keep_only_present) const;
  bool may_be_rewritten(const output_column& output) const;
  std::string added_to(const std::string& column, const output_column& output, const std::string& total) const;
  std::string is_changed(const output_column& output) const;
  std::string deltas(const std::string& alias) const;
  std::string remove_orphans() const;
  std::string of_pattern(null_pattern nulls, const std::string& alias) const;
  std::string lost_something(const std::string& alias) const;
  std::string staged_groups(null_pattern nulls, const std::string& which) const;
  std::string staged_totals(null_pattern nulls, moment_of_cut when) const;
  std::string same_keys(null_pattern nulls, const std::string& alias, bool in_view) const;
  std::string counts_nothing() const;
  std::string total_is_something() const;
  std::string cannot_stand(moment_of_cut when) const;
  std::string distributed_keys_equal(const std::string& alias, bool in_view) const;
  std::string on_conflict() const;
  std::string key_list(const std::string& alias) const;

  const view_plan& view_;
  std::vector<state_column> layout_;
  std::string state_table_;
  std::string staged_table_;
  std::string view_table_;
  std::vector<std::string> outputs_;     ///< quoted, in order
  std::vector<std::string> finals_;      ///< their values, in order
  std::string shown_;                    ///< does a group have a row?
  std::vector<std::string> key_columns_; ///< of the view table, quoted, by key
};

} // namespace weir::postgres
