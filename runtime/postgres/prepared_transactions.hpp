#pragma once

#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// What is prepared in this database and not decided, in no order. Names come again; these ids do not, for a while.
result<std::vector<xid>> prepared_transactions(connection& sql);

} // namespace weir::postgres
