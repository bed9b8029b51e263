#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/pipeline_supervisor.hpp"
#include "runtime/base/random.hpp"
#include "tests/sim/simulated_node.hpp"
#include "tests/sim/simulated_target.hpp"

namespace weir::test {

/// Chances of faults, in a thousand steps of the actor they hit.
struct simulated_faults {
  unsigned reader_breaks = 0;  ///< a replication connection is cut
  unsigned writer_breaks = 0;  ///< the target's connection is cut between statements
  unsigned commit_unknown = 0; ///< it is cut after the COMMIT was done, before the answer
  unsigned program_dies = 0;   ///< kill -9 of everything, and a new start
  unsigned node_away = 0;      ///< a server refuses connections for a while
};

/// Servers that outlive the program, and the real actors of a pipeline over them, in one thread and virtual time.
/// The seed decides the interleaving of messages, the writes and the faults.
class simulation {
public:
  simulation(std::uint64_t seed, std::size_t nodes, simulated_faults faults);

  /// Runs `steps` scheduling steps with writes and faults, then without until the views have caught up.
  /// Returns what was violated, "" if nothing was.
  std::string run(std::size_t steps);

  std::uint64_t cuts() const { return cuts_; }
  std::uint64_t restarts() const { return restarts_; }

  // What the simulated workers use.
  struct server {
    simulated_node node;
    bool away = false;
    std::uint64_t away_until_step = 0;
  };
  std::vector<server> servers;
  simulated_target target;
  seeded_random random;
  simulated_faults faults;
  bool quiet = false; ///< no more writes and faults

  bool fault(unsigned per_mille) { return !quiet && random.chance(per_mille, 1000); }
  /// Called by the simulated writer after each commit: the view must equal its query at the frontier.
  void check_cut();

private:
  std::optional<std::string> run_program(std::size_t& steps_left);
  bool caught_up() const;

  std::shared_ptr<const pipeline_plan> plan_;
  std::string violation_;
  std::uint64_t cuts_ = 0;
  std::uint64_t restarts_ = 0;
  std::int64_t time_us_ = 1'000'000;
};

} // namespace weir::test
