#pragma once

#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"

namespace weir::program {

/// Prints what `plan`, made of `d`, changes since the version of the pipeline that is registered in its target, and
/// what `weir run` does with it; as text or JSON. Changes nothing.
///
/// Output   an exit_code: success whatever is found; server_unfit if the target cannot be asked
int print_difference(const command_line& line, const definition& d, const pipeline_plan& plan);

} // namespace weir::program
