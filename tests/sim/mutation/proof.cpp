#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tests/sim/world/mutations.hpp"
#include "tests/sim/world/world.hpp"
#include "tests/support/catch.hpp"

/// The checkers find every deliberate bug. docs/simulator.md has the same list.
namespace weir::sim {
namespace {

struct deliberate_bug {
  std::string_view mutation;
  std::string_view faults; ///< under which it shows
  std::uint64_t within;    ///< steps, over worlds of the seeds 1, 2, 3 …
};

constexpr std::uint64_t steps_a_world = 6'000;

constexpr deliberate_bug bugs[] = {
    {"skip_closure", "distributed=200", 100'000},
    {"part_of_other_branch_lost", "distributed=300,in_doubt=100", 500'000},
    {"sealed_without_samples", "distributed=300", 500'000},
    {"initiators_part_alone", "distributed=300,in_doubt=100", 500'000},
    {"rollback_ignored", "distributed=200", 100'000},
    {"first_cut_without_samples", "distributed=300", 1'000'000},
    {"first_cut_without_needs", "distributed=300,in_doubt=100", 2'000'000},
    {"whole_too_early", "distributed=200,in_doubt=100,node_away=60", 4'000'000},
    {"confirmed_beyond_prepared", "distributed=200,in_doubt=50,program_dies=40", 500'000},
    {"confirmed_before_durable", "writer_breaks=20,commit_unknown=20", 500'000},
    {"shown_again", "program_dies=60", 500'000},
    {"prepared_lost_with_connection", "distributed=200,reader_breaks=30,link_cut=300", 500'000},
    {"truncate_ignored", "truncates=50", 100'000},
    {"cut_ended_early", "", 100'000},
    {"lease_not_checked", "program_stalls=1000", 4'000'000},
    {"torn_scratch_believed", "distributed=200,scratch_torn=100,scratch_lost=100", 2'000'000},
    {"sample_before_question", "distributed=300,in_doubt=100", 1'000'000},
    {"credit_never_spent", "", 100'000},
    {"view_done_counted_twice", "", 100'000},
    {"not_settled", "", 100'000},
    {"copies_counted", "raw_capture=1000,shard_moves=300,truncates=0", 100'000},
    {"ownership_at_commit", "raw_capture=1000,shard_moves=300,early_writers=1000,in_doubt=200,truncates=0", 500'000},
    {"move_rollback_ignored", "raw_capture=1000,shard_moves=300,truncates=0", 500'000},
    {"truncate_twice", "raw_capture=1000,truncates=100", 500'000},
    {"pending_lost_with_connection", "raw_capture=1000,shard_moves=500,in_doubt=200,reader_breaks=20,truncates=0",
     1'000'000},
    {"read_anew_alone", "raw_capture=1000,shard_moves=300,slot_invalidated=60", 1'000'000},
    {"taken_shards_not_joined", "raw_capture=1000,shard_moves=300,slot_invalidated=60", 4'000'000},
    {"command_in_parts",
     "raw_capture=1000,truncates=100,shard_moves=300,slot_invalidated=30,node_away=30,reader_breaks=10", 8'000'000},
    {"apart_not_recorded", "distributed=300,slot_invalidated=60,program_dies=60", 40'000'000},
};

/// Steps until a checker complains; 0 if none does within the limit.
std::uint64_t steps_to_find(const deliberate_bug& bug, std::string& complaint) {
  world_options options;
  REQUIRE(options.often.set(bug.faults));
  std::uint64_t steps = 0;
  for (std::uint64_t seed = 1; steps < bug.within; ++seed) {
    world w(seed, options);
    complaint = w.run(steps_a_world);
    steps += w.env.step;
    if (!complaint.empty()) return steps;
  }
  return 0;
}

TEST_CASE("the simulator finds every deliberate bug") {
  for (const auto& bug : bugs) {
    REQUIRE(choose_mutation(bug.mutation));
    std::string complaint;
    const auto steps = steps_to_find(bug, complaint);
    fmt::print("{:26} {:>9} steps  {}\n", bug.mutation, steps, complaint.substr(0, complaint.find('\n')));
    INFO(bug.mutation << " under " << bug.faults << " within " << bug.within << " steps");
    CHECK(steps > 0);
  }
  choose_mutation("none");
}

TEST_CASE("without a deliberate bug it finds none under the same faults") {
  REQUIRE(choose_mutation("none"));
  for (const auto& bug : bugs) {
    world_options options;
    REQUIRE(options.often.set(bug.faults));
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      world w(seed, options);
      INFO("seed " << seed << " under " << bug.faults);
      REQUIRE(w.run(steps_a_world) == "");
    }
  }
}

} // namespace
} // namespace weir::sim
