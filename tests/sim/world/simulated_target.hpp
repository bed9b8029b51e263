#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/postgres/view_target.hpp"
#include "runtime/rows/batch.hpp"
#include "tests/sim/world/environment.hpp"

namespace weir::sim {

/// One group of a view: how many rows, how many amounts, their sum.
struct order_group {
  std::int64_t rows = 0;
  std::int64_t count = 0;
  std::int64_t sum = 0;
  friend bool operator==(const order_group&, const order_group&) = default;
};
using order_view = std::map<std::string, order_group>;

class world;

/// The database of the views: what is durable, the lease, and the sessions that write.
class simulated_target {
public:
  /// By node and key: as the state tables have it.
  using state = std::map<std::pair<std::int64_t, std::string>, order_group>;
  struct content {
    std::vector<state> states; ///< by view
    std::vector<postgres::frontier_entry> frontier;
    std::vector<std::uint16_t> shares; ///< share groups, by node
    epoch last;
    std::vector<std::uint64_t> loads = {};   ///< by node: number of the load with which its share begins
    std::vector<std::uint16_t> told_of = {}; ///< nodes that the last cut told of; of others it showed nothing new

    bool tells_of(std::uint16_t node) const { return std::find(told_of.begin(), told_of.end(), node) != told_of.end(); }
  };
  struct lease_row {
    std::int64_t fence = 0;
    std::string holder; ///< "": nobody
    std::string last_holder;
    instant renewed{};
    std::uint64_t session = 0; ///< that has the lock; 0: it is gone
  };

  simulated_target(world& w, std::size_t views) : world_(w), views_(views) { drop(); }

  const content& durable() const { return durable_; }
  /// The sum over all nodes; groups with nothing in them are not in it.
  static order_view total(const state& s);
  order_view view(std::size_t v) const { return total(durable_.states[v]); }

  bool up() const;
  void go_away(std::chrono::microseconds time);
  void come_back() { away_until_ = {}; }
  /// As `weir drop --views` does it.
  void drop();

  lease_row& lease() { return lease_; }
  std::int64_t next_fence() { return ++fences_; }

  // Sessions of writers.

  /// The session that may write; one at a time.
  std::uint64_t writer() const { return writer_; }
  /// Ends whatever session was the writer's, and a COMMIT of it that was still on its way.
  void take_over_from_writer(std::uint64_t session);
  void session_ends(std::uint64_t session);
  void commit(content next);
  /// The session is cut off with a COMMIT under way: nobody knows yet.
  void commit_later(content next) { pending_ = std::move(next); }

private:
  world& world_;
  std::size_t views_;
  content durable_;
  lease_row lease_;
  std::int64_t fences_ = 0;
  std::uint64_t writer_ = 0;
  std::optional<content> pending_;
  instant away_until_{};
};

} // namespace weir::sim
