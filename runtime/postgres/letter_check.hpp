#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/base/letter_cases.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// What lower() of the database makes of letters; null if it does not take them one by one, or not in an encoding that
/// is known here: ICU's looks at those around one. Takes the server half a second.
result<std::shared_ptr<const letter_cases>> read_letter_cases(connection& sql);

/// What lower() of the database makes of another letter than that of the databases whose citext the plan's views
/// compare: a sentence about the first one; empty if there is none, or if they compare none.
result<std::optional<std::string>> letter_difference(connection& sql, const pipeline_plan& plan);
inline constexpr const char* letter_cure = "make all databases with the same LC_CTYPE, on the same release of the C "
                                           "library, or use the column as text: x::text";

/// Errors   `errc::unsupported` there is a difference; `place` is what the message calls the server
status check_letters(connection& sql, const pipeline_plan& plan, const std::string& place);

} // namespace weir::postgres
