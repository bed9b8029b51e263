#pragma once

#include <string>
#include <string_view>

namespace weir::sim {

/// Switches a deliberate bug on (runtime/base/mutation.hpp); "" is none. Returns false if this build has none of that
/// name.
bool choose_mutation(std::string_view name);
/// Those that this build has.
std::string mutation_names();

} // namespace weir::sim
