#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/rows/batch.hpp"

namespace weir {

/// Numbers the distinct keys of rows: equal keys get the same number, new ones the next.
///
/// Equality is GROUP BY's: NULL equals NULL, 1.0 equals 1.00, in citext capital letters are small ones. One hash per
/// row, computed by column.
class group_index {
public:
  explicit group_index(const std::vector<data_type>& key_types);

  /// Input    rows [first, last) of `rows`, whose first key_types.size() columns are the keys.
  /// Output   `groups[i]` is the group of row first + i.
  /// Cost     amortised O(rows); allocates only when groups are added.
  void find_or_add(const batch& rows, std::size_t first, std::size_t last, std::vector<std::uint32_t>& groups);

  std::size_t size() const noexcept { return size_; }
  /// Group g's key is row g of these columns.
  const std::vector<column>& keys() const noexcept { return keys_; }
  std::size_t size_bytes() const noexcept;
  void clear();

private:
  bool equal(std::uint32_t group, const batch& rows, std::size_t row) const;
  std::uint32_t add(const batch& rows, std::size_t row, std::uint64_t hash);
  void grow();

  std::vector<column> keys_;
  std::vector<const letter_cases*> cases_; ///< of keys of citext, by which they are compared: kept by the keys' types
  std::size_t size_ = 0;
  std::vector<std::uint64_t> group_hashes_;
  std::vector<std::uint32_t> slots_; ///< group + 1, 0 is free; a power of two long, at most half full
  std::vector<std::uint64_t> row_hashes_;
};

} // namespace weir
