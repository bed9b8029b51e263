#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"
#include "runtime/rows/batch.hpp"
#include "runtime/verify/group_choice.hpp"
#include "runtime/verify/report.hpp"

namespace weir::verify {

/// What the nodes have in each view, in temporary tables of one session of the target, gone when that ends.
///
/// A group may come any number of times: its states add up. add() and remove() may be called from several threads,
/// also inside a transaction that reads only: temporary tables may be written there.
/// Cost     the memory of a batch; the target keeps the rest, in its temporary files.
class share_tables {
public:
  /// `target` has to outlive it, and is its alone while add() or remove() may be called.
  share_tables(postgres::connection& target, const pipeline_plan& plan) : target_(target), plan_(plan) {}

  /// Errors   `errc::permission_denied` the role may not make temporary tables
  status make(std::size_t view);
  /// Input    columns of state_layout(view)
  status add(std::size_t view, const batch& states);
  /// Takes out what the node has in the view.
  status remove(std::size_t view, node_index node);
  /// Compares what was added with the view's table, as the running transaction sees it.
  result<view_report> compare(std::size_t view, const group_choice& choice);

private:
  postgres::connection& target_;
  const pipeline_plan& plan_;
  std::mutex one_at_a_time_;
};

} // namespace weir::verify
