#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"
#include "runtime/postgres/lease.hpp"
#include "runtime/postgres/statement_pipe.hpp"

namespace weir::postgres {

/// The nodes that a pipeline reads or has read: weir.members.
///
/// A node's number is in its state rows. It is given out once: a node that comes back has its old one, and no other
/// node ever gets it. A plan's node_index is a place in a list that changes.
///
/// What a cut changes is told with begin_share, join and leave, then sent, then remembered once it is durable.
class members {
public:
  /// Numbers the nodes of the plan that have no number yet, in the plan's order: so those of a pipeline from before
  /// there were numbers get their places, which is what its state rows have.
  ///
  /// Errors   `errc::lease_lost` there was something to write, and the lease is another's
  static result<members> open(connection& target, const pipeline_plan& plan, const lease_grant& grant);

  std::uint16_t number(node_index node) const { return of(node).number; }
  /// By node_index of the plan: equal is one share group.
  std::vector<std::uint16_t> shares() const;
  /// The number of another member of the node's share group, none if it is alone.
  std::optional<std::uint16_t> heir(node_index node) const;

  void begin_share(node_index node);
  void join(node_index a, node_index b);
  void leave(node_index node);
  bool has_left(node_index node) const { return of(node).left; }

  /// Sends what has changed since the last remember().
  status send(statement_pipe& pipe);
  void remember();

private:
  struct member {
    std::string name;
    std::uint16_t number = 0;
    std::uint16_t share = 0;
    std::string address;
    bool left = false;
    bool changed = false;
  };
  explicit members(std::string pipeline) : pipeline_(std::move(pipeline)) {}
  static status write(connection& target, const pipeline_plan& plan, const lease_grant& grant);
  status read(connection& target, const pipeline_plan& plan);
  bool lacks(const pipeline_plan& plan) const;
  member& of(node_index node) { return all_[places_.at(node.value)]; }
  const member& of(node_index node) const { return all_[places_.at(node.value)]; }

  std::string pipeline_;
  std::vector<member> all_;
  std::vector<std::size_t> places_; ///< in all_, by node_index
  std::vector<std::uint16_t> durable_shares_;
};

} // namespace weir::postgres
