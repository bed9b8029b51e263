#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// What WAL a server keeps for a slot.
struct slot_retention {
  std::int64_t kept_bytes = 0;
  std::optional<std::int64_t> safe_bytes; ///< until max_slot_wal_keep_size is reached; empty: there is no limit
  bool lost = false;                      ///< invalidated
};

/// Empty if there is no such slot.
/// Cost     one catalog query; any role may ask
result<std::optional<slot_retention>> read_slot_retention(connection& sql, const std::string& slot);

} // namespace weir::postgres
