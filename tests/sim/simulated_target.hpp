#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/postgres/view_writer.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::test {

/// One group of a view: how many rows, how many amounts, their sum.
struct sim_group {
  std::int64_t rows = 0;
  std::int64_t count = 0;
  std::int64_t sum = 0;
  friend bool operator==(const sim_group&, const sim_group&) = default;
};
using sim_view = std::map<std::string, sim_group>;

/// What the target database keeps, with transactions: durable is what was committed.
class simulated_target {
public:
  explicit simulated_target(std::size_t views) : durable_{std::vector<state>(views), {}, {}} {}

  void begin() { open_ = durable_; }
  void rollback() { open_.reset(); }
  bool in_transaction() const { return open_.has_value(); }
  /// A state batch: node, region, rows, count, sum.
  void apply(std::size_t view, const batch& states);
  void truncate(std::size_t view, node_index node);
  void commit(epoch number, std::vector<postgres::frontier_entry> frontier);

  const std::vector<postgres::frontier_entry>& frontier() const { return durable_.frontier; }
  epoch last() const { return durable_.last; }
  /// The view over all nodes; groups without rows are not in it.
  sim_view view(std::size_t v) const;
  /// Groups whose counters do not fit together, as text; empty if all is well.
  std::string corruption() const;

private:
  using state = std::map<std::pair<std::int64_t, std::string>, sim_group>;
  struct content {
    std::vector<state> states;
    std::vector<postgres::frontier_entry> frontier;
    epoch last;
  };
  content durable_;
  std::optional<content> open_;
};

} // namespace weir::test
