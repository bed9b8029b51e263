#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "actors/node_link.hpp"
#include "actors/node_port.hpp"
#include "runtime/capture/effect.hpp"
#include "runtime/capture/projection.hpp"
#include "runtime/capture/source_rows.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/state/transaction_hold.hpp"

namespace weir {

/// Reads one node's share of every view at an exported snapshot, against the node's credit, a batch at a time.
///
/// The aggregation is pushed down. Where an expression fails on some row the server refuses the whole query; then that
/// view's rows are read as they are and computed here, and the bad ones become dead letters.
class node_load {
public:
  node_load(const pipeline_plan& plan, node_index node, lsn position, std::shared_ptr<node_link> link,
            std::unique_ptr<snapshot_port> snapshot)
      : plan_(plan), node_(node), position_(position), link_(std::move(link)), snapshot_(std::move(snapshot)) {}

  /// What was read, in order; `rows` of the source or of the pushed-down result were needed for it.
  struct part {
    std::vector<held_item> items;
    std::vector<capture::dead_row> dead;
    std::uint64_t rows = 0;
  };
  /// The next part; empty at the end. Not to be called without credit.
  result<std::optional<part>> next();

private:
  result<std::optional<batch>> read();
  status begin_again();
  part take(batch rows);
  held_item charged(held_item::kind what, std::shared_ptr<const batch> rows);

  const pipeline_plan& plan_;
  node_index node_;
  lsn position_;
  std::shared_ptr<node_link> link_;
  std::unique_ptr<snapshot_port> snapshot_;
  std::size_t view_ = 0;
  bool started_ = false; ///< view_
  load_form form_ = load_form::aggregated;
  struct computation {
    capture::projection project;
    capture::source_rows at_hand;
  };
  std::optional<computation> raw_; ///< of view_, if it is read raw
};

} // namespace weir
