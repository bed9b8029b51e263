#include "tests/sim/world/mutations.hpp"

#include "runtime/base/mutation.hpp"

namespace weir::sim {

#ifdef WEIR_MUTATIONS

namespace {

struct named {
  std::string_view name;
  mutation what;
};
#define WEIR_NAMED(m)                                                                                                  \
  named { #m, mutation::m }
constexpr named all[] = {
    WEIR_NAMED(none),
    WEIR_NAMED(skip_closure),
    WEIR_NAMED(part_of_other_branch_lost),
    WEIR_NAMED(sealed_without_samples),
    WEIR_NAMED(initiators_part_alone),
    WEIR_NAMED(rollback_ignored),
    WEIR_NAMED(first_cut_without_samples),
    WEIR_NAMED(first_cut_without_needs),
    WEIR_NAMED(whole_too_early),
    WEIR_NAMED(confirmed_beyond_prepared),
    WEIR_NAMED(confirmed_before_durable),
    WEIR_NAMED(shown_again),
    WEIR_NAMED(prepared_lost_with_connection),
    WEIR_NAMED(truncate_ignored),
    WEIR_NAMED(cut_ended_early),
    WEIR_NAMED(lease_not_checked),
    WEIR_NAMED(torn_scratch_believed),
    WEIR_NAMED(sample_before_question),
    WEIR_NAMED(credit_never_spent),
    WEIR_NAMED(view_done_counted_twice),
    WEIR_NAMED(early_writer_alone),
    WEIR_NAMED(command_in_parts),
    WEIR_NAMED(copies_counted),
    WEIR_NAMED(ownership_at_commit),
    WEIR_NAMED(move_rollback_ignored),
    WEIR_NAMED(truncate_twice),
    WEIR_NAMED(pending_lost_with_connection),
    WEIR_NAMED(read_anew_alone),
    WEIR_NAMED(taken_shards_not_joined),
    WEIR_NAMED(apart_not_recorded),
    WEIR_NAMED(taken_before_given),
    WEIR_NAMED(load_before_others),
    WEIR_NAMED(not_settled),
};
#undef WEIR_NAMED

} // namespace

bool choose_mutation(std::string_view name) {
  if (name.empty()) return true;
  for (const auto& m : all) {
    if (m.name != name) continue;
    active_mutation = m.what;
    return true;
  }
  return false;
}

std::string mutation_names() {
  std::string out;
  for (const auto& m : all) out += " " + std::string(m.name);
  return out;
}

#else

bool choose_mutation(std::string_view name) { return name.empty(); }
std::string mutation_names() { return " none"; }

#endif

} // namespace weir::sim
