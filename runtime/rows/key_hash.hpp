#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/rows/column.hpp"

namespace weir {

/// By which keys of the type are compared; null of all that is not citext.
inline const letter_cases* letters_of_keys(const data_type& type) noexcept {
  return type.id == type_id::citext ? type.cases.get() : nullptr;
}

/// Hashes under which what GROUP BY takes for equal is equal: NULL and NULL, 1.0 and 1.00, 1 day and 24 hours.
///
/// Input    rows [first, last) of the key columns. `cases`: letters_of_keys of each.
/// Output   `hashes[i]` is that of row first + i.
/// Cost     O(rows), column by column.
void hash_keys(std::span<const column> keys, std::span<const letter_cases* const> cases, std::size_t first,
               std::size_t last, std::vector<std::uint64_t>& hashes);

} // namespace weir
