#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/verify/group_choice.hpp"
#include "runtime/verify/report.hpp"

namespace weir::verify {

/// What is to be verified.
struct request {
  std::vector<std::size_t> views; ///< into pipeline_plan::views
  group_choice choice;
  std::chrono::milliseconds patience{60'000}; ///< for each wait: a slot to be made, the views to get there
};

/// Compares views of a running pipeline with their queries, at one cut, without stopping it.
///
/// On each node the query is evaluated at the snapshot of a temporary slot, and carried on by that slot's stream to the
/// position that the pipeline's frontier then has; the tables of the views are read in the transaction that reads the
/// frontier. docs/decisions/0013-verify.md has the proof.
///
/// Errors   `errc::definition_changed` the target has the pipeline under another definition, or not at all ·
///          `errc::timeout` the views do not get to where the nodes were read, or a slot waits for a transaction ·
///          `errc::wrong_server` · `errc::invalid_text_representation` an end of the range is no value of a key ·
///          node_probe's
/// Cost     a scan of the source a view on every node, restricted to the chosen groups; a scan of the view table;
///          memory of some megabytes a node: the shares are in temporary tables of the target
result<report> run(const pipeline_plan& plan, const request& what);

} // namespace weir::verify
