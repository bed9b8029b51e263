#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/node_link.hpp"
#include "runtime/capture/effect.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"
#include "runtime/state/transaction_hold.hpp"

namespace weir {

/// Reads one node's share of every view at an exported snapshot, against the node's credit.
///
/// The aggregation is pushed down. Where an expression fails on some row the server refuses the whole query; then that
/// view's rows are read as they are and computed here, and the bad ones become dead letters.
class node_load {
public:
  /// Takes what was read, in order; `rows` of the source or of the pushed-down result were needed for it.
  using consumer =
      std::function<void(std::vector<held_item> items, std::vector<capture::dead_row> dead, std::uint64_t rows)>;

  node_load(const pipeline_plan& plan, node_index node, lsn position, std::shared_ptr<node_link> link, consumer consume)
      : plan_(plan), node_(node), position_(position), link_(std::move(link)), consume_(std::move(consume)) {}

  /// Returns early, without error, when the link is stopped.
  status run(postgres::connection& sql, const std::string& snapshot);

private:
  status load_view(postgres::connection& sql, std::size_t view);
  status load_aggregated(postgres::connection& sql, std::size_t view);
  status load_raw(postgres::connection& sql, std::size_t view);
  status await_credit();
  held_item charged(held_item::kind what, std::size_t view, std::shared_ptr<const batch> rows);

  const pipeline_plan& plan_;
  node_index node_;
  lsn position_;
  std::shared_ptr<node_link> link_;
  consumer consume_;
};

} // namespace weir
