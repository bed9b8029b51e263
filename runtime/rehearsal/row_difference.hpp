#pragma once

#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/rehearsal/script.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::rehearsal {

/// Expected and found rows of a view, side by side.
struct row_difference {
  bool same = true;
  std::size_t expected = 0;
  std::size_t found = 0;
  /// "- ('north', 2)" is expected and not there, "+ …" is there and not expected, "  …" is both; by their first
  /// columns.
  std::vector<std::string> lines;
};

/// Compares as sets of rows that may hold a row several times. Values are equal as GROUP BY sees it: 60.00 is 60.0000;
/// each is shown as it was written, or as PostgreSQL shows it.
///
/// Errors   an expected value that cannot be computed
result<row_difference> compare_rows(const view_plan& view, const std::vector<std::vector<expression>>& expected,
                                    const batch& found);

} // namespace weir::rehearsal
