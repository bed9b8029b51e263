#pragma once

#include <chrono>
#include <string_view>

#include "runtime/base/result.hpp"

namespace weir::program {

/// The value of --timeout: "500ms", "10 s", "1.5 min", "1h".
///
/// Errors   `errc::invalid_value` no number, no unit, or more than a day
result<std::chrono::milliseconds> parse_timeout(std::string_view text);

} // namespace weir::program
