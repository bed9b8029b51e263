#pragma once

#include <cstddef>
#include <string>

#include "runtime/plan/pipeline_plan.hpp"
#include "tests/sim/world/wal.hpp"

namespace weir::sim {

/// Two views of the one table: select region, count(*), sum(amount) from orders [where amount >= 0] group by region.
///
/// Input    `transaction_name`: of applications' distributed transactions, a pattern · `raw`: streams tell of shards
pipeline_plan make_sample_plan(std::size_t nodes, consistency what, supervise_plan policy, std::string transaction_name,
                               bool raw);

/// The view's condition on a row: view 0 takes all, view 1 those with an amount that is not negative.
inline bool in_view(std::size_t view, const order_row& row) { return view == 0 || row.amount >= 0; }
constexpr std::size_t sample_views = 2;

} // namespace weir::sim
