#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/node_link.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/citus_membership.hpp"
#include "tests/sim/checkers/checker.hpp"
#include "tests/sim/world/coordinator.hpp"
#include "tests/sim/world/environment.hpp"
#include "tests/sim/world/program.hpp"
#include "tests/sim/world/scratch_files.hpp"
#include "tests/sim/world/shard_map.hpp"
#include "tests/sim/world/simulated_node.hpp"
#include "tests/sim/world/simulated_target.hpp"

namespace weir::sim {

/// What of a world its seed does not decide.
struct world_options {
  chances often;
  std::optional<std::size_t> nodes = {}; ///< one to three if empty
  bool echo = false;                     ///< print everything that happens
};

/// Servers that outlive the program, the clients of the cluster, and the real actors of a pipeline over them, in one
/// thread and virtual time. The seed decides the interleaving of messages, the writes and the faults.
class world {
  struct kind {
    std::size_t nodes = 1;
    naming names = naming::citus;
    bool streams_participants = false;
    consistency what = consistency::transaction;
    supervise_plan policy;
    bool raw = false; ///< streams tell of shards
  };

public:
  world(std::uint64_t seed, world_options options);
  ~world();

  /// Runs `steps` steps with writes and faults, then without, until the views have caught up and the program has
  /// stopped. Returns what was found wrong, "" if nothing was.
  std::string run(std::uint64_t steps);

  std::uint64_t cuts() const { return cuts_; }
  std::uint64_t restarts() const { return restarts_; }
  std::uint64_t reloads() const { return reloads_; }
  /// What kind of world it is, in a line.
  std::string description() const;

  environment env;

private:
  kind kind_;

public:
  shard_map shards;
  std::vector<simulated_node> nodes;
  simulated_target target;
  scratch_files scratch;
  std::size_t memory_bytes; ///< small, so that credit runs out; in some worlds also what the sums of a cut may take
  std::vector<std::weak_ptr<node_link>> links;

  const pipeline_plan& plan() const { return *plan_; }
  const std::shared_ptr<const pipeline_plan>& shared_plan() const { return plan_; }
  bool raw() const { return kind_.raw; }
  /// A node's table as it was read: numbers grow. Which of them the views hold, the target tells.
  struct load {
    std::uint64_t number = 0;
    lsn consistent_point;
  };
  const std::vector<load>& loads(node_index node) const { return loads_[node.value]; }
  const coordinator& clients() const { return clients_; }
  std::uint64_t next_number() { return ++numbers_; }
  std::optional<postgres::citus_membership> membership_of(const simulated_node& node) const;

  /// Does the target show all that the nodes have, with nothing on the way?
  bool caught_up() const;

  // What servers tell.

  /// Somebody drops a slot.
  void dropping(simulated_node& node, const std::string& holder);
  /// A slot was made, and the node's table read with it.
  void loaded(simulated_node& node, lsn consistent_point);
  /// A walsender moves its slot.
  void confirm(simulated_node& node, simulated_slot& slot, lsn position);
  /// The target has a new durable cut.
  void cut_committed();

private:
  friend class chaos;

  struct running {
    std::unique_ptr<program> what;
    instant stands_still_until{};
    bool stops = false;        ///< it was asked to
    std::uint64_t reloads = 0; ///< before it was started
  };

  void step();
  void run_programs();
  void advance(std::chrono::microseconds time);
  void look_after(running& r);
  bool refused(const error& why);
  void drop_and_load_again();
  void start_program();
  void calm_down();
  void end_politely();

  static kind choose(seeded_random& random, const world_options& options);

  std::shared_ptr<const pipeline_plan> plan_;
  coordinator clients_;
  std::vector<std::unique_ptr<checker>> checkers_;
  std::vector<running> programs_;
  std::optional<instant> start_at_;      ///< the next program
  bool read_anew_ = false;               ///< it is to load every node
  std::vector<std::vector<load>> loads_; ///< by node
  std::set<std::string> broken_nodes_;   ///< whose history is not the one that was read
  std::uint64_t numbers_ = 0;
  std::uint64_t programs_started_ = 0;
  std::uint64_t cuts_ = 0;
  std::uint64_t restarts_ = 0;
  std::uint64_t reloads_ = 0;
};

} // namespace weir::sim
