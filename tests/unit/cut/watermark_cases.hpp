/// What the tests of the watermark share: two nodes, and events in one line each.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/cut/watermark.hpp"
#include "tests/support/catch.hpp"

namespace weir::cut {

using namespace std::chrono_literals;

inline constexpr node_index a{0};
inline constexpr node_index b{1};
inline constexpr lsn start{100};

using ids = std::vector<transaction_id>;

inline node_position position_of(node_index node, lsn position, lsn confirmed) {
  return {node, position, confirmed, 0};
}

/// A pipeline of two nodes whose views hold everything up to `start`.
inline watermark continued(watermark_options options = {}) {
  return {epoch{7}, {position_of(a, start, start), position_of(b, start, start)}, options};
}

/// A pipeline that was never run.
inline watermark fresh(std::size_t nodes) { return {epoch{}, std::vector<std::optional<node_position>>(nodes), {}}; }

inline transaction_id commit(watermark& w, node_index node, std::uint64_t end, std::int64_t time_us, instant now = 0s) {
  const auto id = w.begin(node, time_us, {});
  REQUIRE_FALSE(w.commit(node, lsn{end}, time_us, false, now));
  return id;
}

inline transaction_id prepare(watermark& w, node_index node, const char* gid, std::uint64_t at) {
  const auto id = w.begin(node, 0, gid);
  REQUIRE_FALSE(w.prepare(node, lsn{at}, lsn{at + 10}));
  return id;
}

inline void decide(watermark& w, node_index node, const char* gid, std::uint64_t end, instant now = 0s) {
  const auto dropped = w.decide(node, gid, true, lsn{end}, 50, now);
  REQUIRE(dropped);
  REQUIRE_FALSE(dropped->has_value());
}

/// Both nodes have nothing more to tell.
inline void both_idle(watermark& w) {
  w.progress(a, {});
  w.progress(b, {});
}

inline closed_cut close(watermark& w, instant now = 1h) {
  auto c = w.close(now);
  REQUIRE(c);
  return *std::move(c);
}

inline void load(watermark& w, node_index node, lsn consistent_point) {
  w.begin_load(node);
  w.end_load(node, consistent_point, 0s);
}

} // namespace weir::cut
