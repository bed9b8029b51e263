#pragma once

#include <memory>
#include <vector>

#include "actors/node_port.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "tests/sim/world/simulated_link.hpp"
#include "tests/sim/world/simulated_node.hpp"

namespace weir::sim {

/// A node's table as it was at a slot's consistent point.
class simulated_snapshot final : public snapshot_port {
public:
  simulated_snapshot(environment& env, const pipeline_plan& plan, node_index node, order_table rows,
                     std::optional<ownership> owned, std::shared_ptr<simulated_link> link)
      : env_(env), plan_(plan), node_(node), rows_(std::move(rows)), owned_(std::move(owned)), link_(std::move(link)) {}

  result<std::optional<ownership>> owned() override;
  status start_view(std::size_t view, load_form form) override;
  result<std::optional<batch>> next() override;
  status abandon_view() override;
  status finish() override { return link_->use(); }

private:
  environment& env_;
  const pipeline_plan& plan_;
  node_index node_;
  order_table rows_;
  std::optional<ownership> owned_;
  std::shared_ptr<simulated_link> link_;

  std::size_t view_ = 0;
  load_form form_ = load_form::aggregated;
  bool refuses_ = false; ///< the query fails on some row, sooner or later
  order_table::const_iterator at_;
};

} // namespace weir::sim
