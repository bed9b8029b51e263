#pragma once

#include <cstdint>

namespace weir {

/// Deliberate bugs. A build of the tests can switch one on, to prove that the simulator finds it; in the program they
/// do not exist. What each does is at its place of use; docs/simulator.md lists them.
enum class mutation : std::uint8_t {
  none,
  skip_closure,
  part_of_other_branch_lost,
  sealed_without_samples,
  initiators_part_alone,
  rollback_ignored,
  first_cut_without_samples,
  first_cut_without_needs,
  whole_too_early,
  confirmed_beyond_prepared,
  confirmed_before_durable,
  shown_again,
  prepared_lost_with_connection,
  truncate_ignored,
  cut_ended_early,
  lease_not_checked,
  torn_scratch_believed,
  sample_before_question,
  credit_never_spent,
  view_done_counted_twice,
  early_writer_alone,
  command_in_parts,
  copies_counted,
  ownership_at_commit,
  move_rollback_ignored,
  truncate_twice,
  pending_lost_with_connection,
  read_anew_alone,
  taken_shards_not_joined,
  apart_not_recorded,
  taken_before_given,
  load_before_others,
  not_settled,
};

#ifdef WEIR_MUTATIONS
inline mutation active_mutation = mutation::none;
inline bool mutated(mutation m) { return active_mutation == m; }
#else
consteval bool mutated(mutation) { return false; }
#endif

} // namespace weir
