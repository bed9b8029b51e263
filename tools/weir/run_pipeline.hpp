#pragma once

#include "runtime/telemetry/log.hpp"
#include "tools/weir/definition.hpp"
#include "tools/weir/stop_request.hpp"

namespace weir::program {

/// Runs one pipeline until it is to stop or ends by itself; by another plan where its cluster or its tables change.
/// What is wrong is printed, and logged. Several may run at once, each in a thread of its own.
///
/// Output   an exit_code
int run_pipeline(const definition& as_read, stop_request& stop, const event_log& log);

} // namespace weir::program
