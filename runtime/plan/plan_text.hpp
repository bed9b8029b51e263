#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "runtime/plan/pipeline_plan.hpp"

/// Parts of a plan as a person reads them; for explain and for graphs.
namespace weir::plan_text {

/// "200 ms", "5 s", "2 min".
std::string duration(std::chrono::milliseconds d);
/// "sum(amount)".
std::string aggregate(const view_plan& view, const aggregate_plan& a, const std::vector<source_column>& columns);
/// "count(*), sum(amount)".
std::string aggregates(const view_plan& view, const std::vector<source_column>& columns);
/// An expression over the columns of a group.
std::string over_groups(const view_plan& view, const expression& e, const std::vector<source_column>& columns);
/// What a column of the view is.
std::string output(const view_plan& view, const output_column& o, const std::vector<source_column>& columns);
/// "region, placed_on"; "" where all rows are one group.
std::string keys(const view_plan& view, const std::vector<source_column>& columns);
/// "local", "reference", "distributed by (region) colocated with public.orders".
std::string placement(const sink_plan& sink);
/// "analytics.revenue, distributed by (region), at most every 200 ms".
std::string sink(const sink_plan& sink);

} // namespace weir::plan_text
