#pragma once

#include <string>

#include "runtime/base/error.hpp"

namespace weir {

/// The error with "node w1: " before its message, unless it names the node there already.
error about_node(const std::string& node, error why);

} // namespace weir
