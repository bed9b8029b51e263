#pragma once

#include <optional>
#include <string>

#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// What a target knows of the version of a pipeline that ran last, or runs.
struct registration {
  std::string fingerprint; ///< registered_fingerprint of its plan
  std::string definition;  ///< its text, with all that it includes
};

/// Empty if no pipeline of that name is registered, or the target has no schema weir.
result<std::optional<registration>> read_registration(connection& target, const std::string& pipeline);

} // namespace weir::postgres
