#include "tests/sim/world/simulated_target.hpp"

#include "tests/sim/world/world.hpp"

namespace weir::sim {

order_view simulated_target::total(const state& s) {
  order_view out;
  for (const auto& [key, group] : s) {
    auto& total = out[key.second];
    total.rows += group.rows;
    total.count += group.count;
    total.sum += group.sum;
  }
  std::erase_if(out, [](const auto& e) { return e.second == order_group{}; });
  return out;
}

bool simulated_target::up() const { return world_.env.now >= away_until_; }

void simulated_target::go_away(std::chrono::microseconds time) {
  away_until_ = world_.env.now + time;
  world_.env.tell("the target goes away");
  writer_ = 0;
  lease_.session = 0;
  pending_.reset();
}

void simulated_target::drop() {
  durable_ = {std::vector<state>(views_), {}, {}, {}, {}, {}};
  pending_.reset();
  writer_ = 0;
  lease_ = {};
}

void simulated_target::take_over_from_writer(std::uint64_t session) {
  // Its server process may have come to the COMMIT before it was ended, or not.
  if (pending_ && world_.env.random.chance(1, 2)) commit(*std::move(pending_));
  pending_.reset();
  writer_ = session;
}

void simulated_target::session_ends(std::uint64_t session) {
  if (writer_ == session && !pending_) writer_ = 0;
}

void simulated_target::commit(content next) {
  for (auto& s : next.states) std::erase_if(s, [](const auto& e) { return e.second == order_group{}; });
  durable_ = std::move(next);
  world_.cut_committed();
}

} // namespace weir::sim
