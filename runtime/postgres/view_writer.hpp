#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"
#include "runtime/postgres/lease.hpp"
#include "runtime/postgres/view_target.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::postgres {

/// The view_target that is a PostgreSQL server. Statements are pipelined: a cut costs two round trips, whatever its
/// views.
class view_writer final : public view_target {
public:
  /// Waits some seconds for the session of a writer before it; if the lease is still ours, ends that session.
  ///
  /// Errors   `errc::lease_lost` · `errc::timeout` that session does not end · `errc::definition_changed` the frontier
  ///          names a node that the plan does not
  static result<view_writer> open(connection target, const pipeline_plan& plan, lease_grant grant);
  view_writer(view_writer&&) noexcept;
  view_writer& operator=(view_writer&&) noexcept;
  ~view_writer() override;

  result<std::vector<frontier_entry>> frontier() override;
  result<epoch> last_epoch() override;
  result<std::vector<std::uint16_t>> share_groups() override;
  status begin() override;
  status apply(std::size_t view, const batch& state) override;
  status settle(std::size_t view) override;
  status truncate(std::size_t view, node_index node) override;
  status dead_letters(std::span<const dead_letter> letters) override;
  status isolate(node_index node) override;
  status begin_share(node_index node) override;
  status move_share(const share_move& move) override;
  status leave(node_index node) override;
  status commit(epoch number, std::span<const frontier_entry> frontier) override;

private:
  struct impl;
  explicit view_writer(std::unique_ptr<impl> state);
  std::unique_ptr<impl> state_;
};

} // namespace weir::postgres
