#pragma once

#include <string>

#include "runtime/plan/pipeline_plan.hpp"

namespace weir::postgres {

/// The totals of one group over all nodes, as a select list over the state table `s`, named as state_layout names
/// them: k1 …, weir_rows, c1, s1; nan1, pinf1, ninf1; and scale1, the largest
/// display scale in use, for scales1.
std::string totals_sql(const view_plan& view);

/// The value of one output column over the columns of totals_sql: what PostgreSQL's own aggregate gives, in its type
/// and with its display scale. Float sums are the correctly rounded exact sum; beyond the range they are infinite.
///
/// Source   PostgreSQL 15, numeric.c (numeric_sum, numeric_avg, int8_avg), float.c (float8_avg).
std::string final_sql(const view_plan& view, const output_column& output);

} // namespace weir::postgres
