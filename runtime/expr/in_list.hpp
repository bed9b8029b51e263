#pragma once

#include "runtime/expr/prepared_node.hpp"

namespace weir {

/// x in (items without columns): x = any of them.
///
/// Cost   O(1) a row where the items are constant integers, dates, texts and the like, O(items) otherwise
column compute_in_list(const prepared_node& node, const batch& input, std::size_t rows, std::vector<row_error>& errors);

} // namespace weir
