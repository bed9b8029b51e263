#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/base/letter_cases.hpp"
#include "runtime/plan/pipeline_plan.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// What lower() and upper() of the database make of letters; null if they do not take them one by one, or in an
/// encoding that is not known here: ICU's look at those around one. Takes the server a tenth of a second.
result<std::shared_ptr<const letter_cases>> read_letter_cases(connection& sql);

/// What lower() or upper() of the database makes of another letter than those of the databases by whose letters the
/// plan's views compute: a sentence about the first one; empty if there is none, or if they ask for no letters.
result<std::optional<std::string>> letter_difference(connection& sql, const pipeline_plan& plan);
inline constexpr const char* letter_cure =
    "make all databases with the same LC_CTYPE, on the same release of the C library; or leave letters as they are "
    "(x::text of citext), or those of ASCII (x collate \"C\")";

/// Errors   `errc::unsupported` there is a difference; `place` is what the message calls the server
status check_letters(connection& sql, const pipeline_plan& plan, const std::string& place);

} // namespace weir::postgres
