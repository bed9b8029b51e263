#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/pipeline_registry.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/view_target.hpp"
#include "runtime/rehearsal/view_state.hpp"

namespace weir::rehearsal {

struct stage;

/// The database of the views, in memory: what is durable, and the fence of whoever may write.
class memory_target {
public:
  struct content {
    std::vector<view_state> views;
    std::vector<postgres::frontier_entry> frontier;
    std::vector<std::uint16_t> shares;
    epoch last;
  };

  explicit memory_target(const pipeline_plan& plan);

  const content& durable() const { return durable_; }
  void commit(content next) { durable_ = std::move(next); }

  std::int64_t fence = 0; ///< of the last grant
  std::uint64_t cuts = 0;

private:
  content durable_;
};

/// A writer's session. Nothing of it is lost: targets do not fail in rehearsals.
/// Input    `alive`: is the program that opened it?
result<std::unique_ptr<postgres::view_target>> open_session(stage& s, std::shared_ptr<const bool> alive,
                                                            const postgres::lease_grant& grant);

/// The lease; and what is told there goes to the stage's reports.
std::shared_ptr<pipeline_registry> open_registry(stage& s, std::shared_ptr<const bool> alive);

} // namespace weir::rehearsal
