#pragma once

#include <string>
#include <vector>

#include "runtime/base/sql_quoter.hpp"
#include "runtime/plan/pipeline_plan.hpp"

namespace weir::postgres {

/// The totals of one group over all nodes, as a select list over the state table `s`, named as state_layout names
/// them: k1 …, weir_rows, c1, s1; nan1, pinf1, ninf1; and scale1, the largest
/// display scale in use, for scales1.
std::string totals_sql(const view_plan& view);

/// The values of the output columns over the columns of totals_sql, in their order: what PostgreSQL's own aggregates
/// give, in their types and with their display scales, and what is computed of these. Float sums are the correctly
/// rounded exact sum; beyond the range they are infinite.
///
/// Source   PostgreSQL 15, numeric.c (numeric_sum, numeric_avg, int8_avg), float.c (float8_avg).
std::vector<std::string> final_sql(const view_plan& view, const sql_quoter& quote);

/// Over the same columns: does the view show the group, if it has rows? "true" where there is no `having`.
std::string shown_sql(const view_plan& view, const sql_quoter& quote);

} // namespace weir::postgres
