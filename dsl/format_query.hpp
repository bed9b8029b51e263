#pragma once

#include <cstddef>
#include <vector>

#include "dsl/format_document.hpp"

namespace weir::dsl {

/// How the statement, or item of a block, all[first, end) may be spread over lines; a ';' at its end is part of it.
/// Cost   O(end - first), for nesting of bounded depth; what nests deeper is one line.
document layout_of(const std::vector<piece>& all, std::size_t first, std::size_t end);

} // namespace weir::dsl
