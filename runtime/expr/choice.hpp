#pragma once

#include "runtime/expr/prepared_node.hpp"

namespace weir {

// Expressions whose value on a row is that of one of their arguments. As in PostgreSQL the arguments behind the one
// that is taken are not computed on that row: their errors do not count.

column compute_case(const prepared_node& node, const batch& input, std::size_t rows, std::vector<row_error>& errors);
column compute_coalesce(const prepared_node& node, const batch& input, std::size_t rows,
                        std::vector<row_error>& errors);

// These compute all their arguments.

column compute_null_if(const prepared_node& node, const batch& input, std::size_t rows, std::vector<row_error>& errors);
/// greatest and least.
column compute_extreme(const prepared_node& node, const batch& input, std::size_t rows, std::vector<row_error>& errors);
/// By the node's kernel, which is that of `<>`.
column compute_distinct(const prepared_node& node, const batch& input, std::size_t rows,
                        std::vector<row_error>& errors);

} // namespace weir
