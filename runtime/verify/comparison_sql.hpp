#pragma once

#include <cstddef>
#include <string>

#include "runtime/base/sql_quoter.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/verify/group_choice.hpp"

namespace weir::verify {

/// Compares the table of a view with what the states in `share_table` amount to: PostgreSQL computes the values, with
/// the SQL that writes views, and compares their text, so that 1.0 is not 1.00 and NULL is NULL.
///
/// Output   a row for each of the first `shown` groups that differ, at least one row: groups, groups that differ, the
///          keys as text, whether the view has the row, whether the query has it, its other outputs as the view shows
///          them, the same as the query has them. All but the first two are NULL in a row that stands for no group.
std::string comparison_sql(const view_plan& view, const std::string& share_table, const group_choice& choice,
                           std::size_t shown, const sql_quoter& quote);

} // namespace weir::verify
