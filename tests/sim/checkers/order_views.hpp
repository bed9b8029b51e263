#pragma once

#include <array>
#include <string>

#include "tests/sim/world/sample_plan.hpp"
#include "tests/sim/world/simulated_target.hpp"
#include "tests/sim/world/wal.hpp"

namespace weir::sim {

/// What the queries of the views give, by another way than the one that is tested: groups that are counted up and down.
/// A group may count less than nothing while rows come from where they were not put in.
using order_views = std::array<order_view, sample_views>;

void count(order_views& in, const order_row& row, std::int64_t weight);
void change(order_views& in, const order_changes& changes);
order_views query(const order_table& rows);
void add(order_view& to, const order_view& from);
std::string to_text(const order_view& view);

} // namespace weir::sim
