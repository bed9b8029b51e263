#pragma once

#include <memory>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir::sim {

class world;
class simulated_node;
struct simulated_slot;

/// Something that has to be true of a world. It looks when it is called, and tells environment::violated what is not.
class checker {
public:
  virtual ~checker() = default;

  /// Now and then.
  virtual void look(world&) {}
  /// The node's table was read at its slot's consistent point, for a pipeline that has shown nothing yet.
  virtual void loaded(world&, const simulated_node&, lsn) {}
  /// The slot is about to be moved.
  virtual void confirming(world&, const simulated_node&, const simulated_slot&, lsn) {}
  /// A cut has become durable.
  virtual void cut(world&) {}
  /// The pipeline was dropped, with its views and slots.
  virtual void dropped(world&) {}
  /// Nothing goes wrong any more, and the views have caught up.
  virtual void end(world&) {}
};

// One in each file of this folder.
std::unique_ptr<checker> view_equals_query();
std::unique_ptr<checker> whole_transactions();
std::unique_ptr<checker> nothing_lost_or_doubled();
std::unique_ptr<checker> confirmed_is_durable();
std::unique_ptr<checker> queues_within_credit();
std::unique_ptr<checker> rows_shown_once();
std::unique_ptr<checker> catches_up();

} // namespace weir::sim
