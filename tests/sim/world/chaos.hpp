#pragma once

namespace weir::sim {

class world;

/// Faults of whole servers, of the program and of its disk: one throw of the dice a step.
class chaos {
public:
  explicit chaos(world& w) : world_(w) {}
  void step();

private:
  void nodes();
  void programs();
  void fail_over(bool with_slots, bool loses_wal);

  world& world_;
};

} // namespace weir::sim
