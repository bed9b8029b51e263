#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// How the tables of a view become what the plan needs, where the types of its sources' columns have changed.
struct view_evolution {
  enum class kind {
    none,
    widen, ///< columns take longer values: every row stays as it is
    remake ///< what is in them is worth nothing under the plan, and what it needs may not fit
  };
  kind what = kind::none;
  /// What does it, in this order. Of `remake`: both tables are empty afterwards.
  std::vector<std::string> statements;
};

/// Compares the state table and the view table with the plan. Both exist.
/// Errors   `errc::sink_unfit` the view table is no table of weir's: it has other columns than the view
result<view_evolution> read_evolution(connection& target, const pipeline_plan& plan, std::size_t view);

/// Were the tables of the view made when no key of it could be null, and one can now? False where they are not there.
result<bool> refuses_nulls(connection& target, const pipeline_plan& plan, std::size_t view);

/// The statements that make the tables of a plan with other types those of this one; none if they are.
result<std::vector<std::string>> evolution_of(connection& target, const pipeline_plan& plan);

} // namespace weir::postgres
