#pragma once

#include <optional>
#include <string>

#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// What the time zone files of the server say otherwise than those of this machine, of the zones that the plan's views
/// compute by: a sentence about the difference next to now; empty if there is none.
result<std::optional<std::string>> zone_difference(connection& sql, const pipeline_plan& plan);
inline constexpr const char* zone_cure =
    "install the same release of tzdata on all machines, then restart the servers and weir";

/// Errors   `errc::unsupported` there is a difference; `place` is what the message calls the server
status check_zones(connection& sql, const pipeline_plan& plan, const std::string& place);

} // namespace weir::postgres
