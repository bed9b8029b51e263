#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/plan/state_layout.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::postgres {

/// Does some group come more than once in the state batches of a cut, as one does of which several nodes have rows?
/// Known by hashes of the keys: it may say so of groups that do not, never the other way round.
/// Bounded: behind `most` groups it says so of all.
class repeated_groups {
public:
  static constexpr std::size_t most = std::size_t{1} << 20U; ///< 16 MiB

  /// Input    the `rows` of a state batch of this layout.
  void add(const batch& state, const std::vector<state_column>& layout, std::span<const std::uint32_t> rows);
  bool any() const noexcept { return any_; }
  void clear();

private:
  void insert(std::uint64_t hash);
  void grow();

  std::vector<std::uint64_t> slots_; ///< hashes, 0 is free; a power of two long, at most half full
  std::size_t groups_ = 0;
  bool any_ = false;
  std::vector<std::uint64_t> hashes_;
};

} // namespace weir::postgres
