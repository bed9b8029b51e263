#pragma once

#include <functional>

#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// Runs `work` between BEGIN and COMMIT; an error of `work` rolls back and comes out.
status in_transaction(connection& c, const std::function<status()>& work);

} // namespace weir::postgres
