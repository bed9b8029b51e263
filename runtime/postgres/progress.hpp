#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"
#include "runtime/postgres/statement_pipe.hpp"
#include "runtime/postgres/view_writer.hpp"

namespace weir::postgres {

/// How far a pipeline is, durably: weir.frontier and weir.cuts, and the way to move them.
class progress {
public:
  /// Rows of nodes that have left the cluster are no longer of interest.
  ///
  /// Errors   `errc::definition_changed` a row is of a node that the plan does not name and that has not left: its
  ///          share would stay in the views for ever
  static result<progress> read(connection& target, const pipeline_plan& plan);

  /// Sorted by node.
  const std::vector<frontier_entry>& frontier() const noexcept { return frontier_; }
  epoch last() const noexcept { return last_; }

  /// Sends what makes `next` the frontier in the running transaction; each node's row only if it still is where this
  /// object believes it to be. The cut's row in weir.cuts goes with it; from time to time old ones are forgotten.
  ///
  /// Errors   `errc::lease_lost` (at the pipe's next sync) somebody else moved the frontier
  status send(statement_pipe& pipe, epoch number, std::span<const frontier_entry> next);
  /// Sends that the node, if it has a row, is isolated; its position stays.
  status isolate(statement_pipe& pipe, node_index node);
  /// Sends that the node, if it has a row, has none any more.
  status forget(statement_pipe& pipe, node_index node);
  /// The transaction has committed.
  void remember(epoch number, std::span<const frontier_entry> next);

private:
  explicit progress(const pipeline_plan& plan);
  result<node_index> node_named(std::string_view name) const;
  const frontier_entry* durable(node_index node) const;
  status check(epoch number, std::span<const frontier_entry> next) const;
  std::vector<parameter> arrays(std::span<const frontier_entry> next) const;

  std::string pipeline_;
  std::vector<std::string> nodes_; ///< names, by node_index
  std::vector<frontier_entry> frontier_;
  std::vector<node_index> leaving_;   ///< in the running transaction
  std::vector<node_index> isolating_; ///< in the running transaction
  epoch last_;
  pipe_statement advance_;
  pipe_statement start_;
  pipe_statement cut_;
  pipe_statement forget_;
};

} // namespace weir::postgres
