#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/rows/batch.hpp"

namespace weir {

/// Appends a batch in a compact binary form, for files that the same machine reads back (byte order is its own).
///
/// Cost   a copy of each vector; a column without nulls stores none.
void encode(const batch& rows, std::vector<std::byte>& out);

/// Reads what encode wrote, one batch and nothing behind it. Damaged bytes give an error, never a batch that breaks
/// the invariants of columns.
///
/// Errors   `errc::truncated` · `errc::trailing_bytes` · `errc::invalid_value`
result<batch> decode(std::span<const std::byte> bytes);

} // namespace weir
