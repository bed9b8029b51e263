#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/postgres/view_target.hpp"
#include "tests/sim/world/simulated_target.hpp"

namespace weir::sim {

/// A writer's session in the simulated target. Statements are pipelined there too: one that fails may be seen to fail
/// only later, at the commit at the latest.
class target_session final : public postgres::view_target {
public:
  /// Errors   `errc::connection_failed` · `errc::lease_lost` · `errc::timeout` the writer before does not end
  static result<std::unique_ptr<view_target>> open(world& w, std::shared_ptr<const bool> alive,
                                                   const postgres::lease_grant& grant);
  ~target_session() override;

  result<std::vector<postgres::frontier_entry>> frontier() override;
  result<epoch> last_epoch() override;
  result<std::vector<std::uint16_t>> share_groups() override;
  status begin() override;
  status apply(std::size_t view, const batch& state) override;
  status settle(std::size_t view) override;
  status truncate(std::size_t view, node_index node) override;
  status dead_letters(std::span<const postgres::dead_letter> letters) override;
  status isolate(node_index node) override;
  status begin_share(node_index node) override;
  status move_share(const postgres::share_move& move) override;
  status leave(node_index node) override;
  status commit(epoch number, std::span<const postgres::frontier_entry> frontier) override;

private:
  target_session(world& w, std::shared_ptr<const bool> alive, postgres::lease_grant grant);
  status statement();
  status check_writer();
  void note_loads(std::span<const postgres::frontier_entry> frontier);
  error lost(const char* what);

  world& world_;
  simulated_target& target_;
  std::shared_ptr<const bool> alive_;
  postgres::lease_grant grant_;
  std::uint64_t number_;
  simulated_target::content known_; ///< what this session believes to be durable
  std::optional<simulated_target::content> open_;
  bool failed_ = false;                                                    ///< and not yet told
  std::vector<node_index> read_anew_;                                      ///< in the open cut
  std::set<std::tuple<std::size_t, std::int64_t, std::string>> unsettled_; ///< view, node, group
};

} // namespace weir::sim
