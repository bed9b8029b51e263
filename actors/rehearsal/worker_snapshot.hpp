#pragma once

#include <optional>
#include <vector>

#include "actors/rehearsal/worker_connection.hpp"

namespace weir::rehearsal {

/// The rows of a worker's tables at a slot's consistent point, by source of the plan, with the sources' columns.
class worker_snapshot final : public snapshot_port {
public:
  worker_snapshot(const pipeline_plan& plan, node_index node, std::vector<std::vector<table_row>> rows)
      : plan_(plan), node_(node), rows_(std::move(rows)) {}

  status start_view(std::size_t view, load_form form) override;
  result<std::optional<batch>> next() override;
  status abandon_view() override { return {}; }
  status finish() override { return {}; }

private:
  result<batch> source_batch(std::size_t source) const;
  result<std::optional<batch>> aggregated(const view_plan& view, batch rows) const;

  const pipeline_plan& plan_;
  node_index node_;
  std::vector<std::vector<table_row>> rows_;
  std::size_t view_ = 0;
  load_form form_ = load_form::aggregated;
  bool given_ = false;
};

} // namespace weir::rehearsal
