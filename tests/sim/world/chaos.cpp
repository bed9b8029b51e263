#include "tests/sim/world/chaos.hpp"

#include "tests/sim/world/world.hpp"

namespace weir::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_absence = 2s;
constexpr auto longest_restart = 300ms;
constexpr auto longest_standstill = 30s;
constexpr std::uint64_t most_lost = 12;

} // namespace

void chaos::step() {
  auto& env = world_.env;
  nodes();
  programs();
  if (env.happens(env.often.target_away, 50)) world_.target.go_away(env.some_time(longest_absence));
  if (env.happens(env.often.scratch_torn, 50)) world_.scratch.tear();
  if (env.happens(env.often.scratch_lost, 50)) world_.scratch.lose();
  // A load that runs while a shard moves would read it twice, or not at all, where nothing tells of the move.
  const bool may_move = (world_.raw() && env.often.moves_while_read != 0) || !world_.target.durable().frontier.empty();
  if (env.happens(env.often.shard_moves, 20) && may_move) world_.clients_.start_move();
}

void chaos::nodes() {
  auto& env = world_.env;
  auto& node = world_.nodes[env.random.below(world_.nodes.size())];
  if (env.happens(env.often.node_away, 50)) {
    env.tell("{} goes away", node.name());
    node.go_away(env.some_time(longest_absence));
  }
  if (env.happens(env.often.node_crashes, 50)) {
    env.tell("{} crashes", node.name());
    node.crash();
    node.go_away(env.some_time(longest_restart));
  }
  if (env.happens(env.often.failover, 100)) fail_over(true, false);
  if (env.happens(env.often.failover_without_slot, 100)) fail_over(false, env.random.chance(1, 2));
  if (env.happens(env.often.failover_loses_wal, 100)) fail_over(true, true);
  if (env.happens(env.often.slot_invalidated, 100)) {
    for (auto& [name, slot] : node.slots()) {
      env.tell("{} gives up its slot", node.name());
      slot.lost = true;
      world_.broken_nodes_.insert(node.name());
    }
  }
}

void chaos::fail_over(bool with_slots, bool loses_wal) {
  auto& env = world_.env;
  auto& node = world_.nodes[env.random.below(world_.nodes.size())];
  const bool had_slots = !node.slots().empty();
  const auto lost = node.fail_over(with_slots, loses_wal ? 1 + env.random.below(most_lost) : 0);
  world_.clients_.lost(lost);
  node.go_away(env.some_time(longest_restart));
  if ((had_slots && !with_slots) || loses_wal) world_.broken_nodes_.insert(node.name());
}

void chaos::programs() {
  auto& env = world_.env;
  auto& programs = world_.programs_;
  if (programs.empty()) return;
  auto& some = programs[env.random.below(programs.size())];
  if (env.happens(env.often.program_dies, 50)) {
    env.tell("{} is killed", some.what->name());
    std::swap(some, programs.back());
    programs.pop_back();
    ++world_.restarts_;
    world_.start_at_ = env.now + env.some_time(longest_restart);
    return;
  }
  if (env.happens(env.often.program_stops, 50) && !some.stops) {
    env.tell("{} is to stop", some.what->name());
    some.what->stop();
    some.stops = true;
  }
  if (env.happens(env.often.program_stalls, 50) && programs.size() == 1) {
    some.stands_still_until = env.now + env.some_time(longest_standstill);
    env.tell("{} stands still", some.what->name());
    // The target may have noticed that its connection is dead: then the lease is free before it is old. Not while it
    // loads: waking up it would drop the slots of its successor, which refuses to go on then.
    const bool loaded = world_.target.durable().last.value > 0;
    if (loaded && env.random.chance(1, 2)) world_.target.lease().session = 0;
    world_.start_at_ = env.now;
  }
}

} // namespace weir::sim
