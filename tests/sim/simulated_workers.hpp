#pragma once

#include "actors/pipeline_supervisor.hpp"
#include "tests/sim/simulation.hpp"

namespace weir::test {

/// The view's condition on a row: view 0 takes all, view 1 those with an amount that is not negative.
inline bool in_view(std::size_t view, const sim_row& row) { return view == 0 || row.amount >= 0; }

/// Workers that talk to the simulated servers. They belong to one life of the program: once that is over (it was
/// killed), they do nothing more to a server, whatever is still in their mailboxes.
worker_factory simulated_workers(simulation& world, std::shared_ptr<const bool> alive);

} // namespace weir::test
