#pragma once

#include <functional>
#include <optional>
#include <string>

#include "runtime/base/result.hpp"

namespace weir::dsl {

/// The value of an environment variable; empty if there is none of that name.
using environment = std::function<std::optional<std::string>(const std::string& variable)>;

/// That of this process.
environment process_environment();

/// A connection string with the value of each `${VARIABLE}` in its place; any other `$` stays.
///
/// Errors   `errc::config_invalid` a variable that is not set, or `${` without `}`. Values are in no message.
result<std::string> with_variables(const std::string& conninfo, const environment& from);

} // namespace weir::dsl
