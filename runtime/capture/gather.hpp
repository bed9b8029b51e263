#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/rows/column.hpp"

namespace weir::capture {

/// Rows `rows` (ascending) of a column, as a column of its own.
/// Cost     O(rows), allocations by column, not by row; a copy in one piece where all rows are wanted.
column gather(const column& from, std::span<const std::uint32_t> rows);

std::vector<std::int64_t> gather(const std::vector<std::int64_t>& from, std::span<const std::uint32_t> rows);

} // namespace weir::capture
