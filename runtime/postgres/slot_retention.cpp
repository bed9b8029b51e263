#include "runtime/postgres/slot_retention.hpp"

#include <charconv>
#include <vector>

namespace weir::postgres {

namespace {

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

} // namespace

result<std::optional<slot_retention>> read_slot_retention(connection& sql, const std::string& slot) {
  const std::vector<parameter> name{slot};
  WEIR_ASSIGN(const auto row,
              sql.query("SELECT coalesce(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE "
                        "pg_current_wal_lsn() END - restart_lsn, 0)::bigint, safe_wal_size, wal_status = 'lost' "
                        "FROM pg_replication_slots WHERE slot_name = $1",
                        name));
  if (row.rows() == 0) return std::optional<slot_retention>{};
  slot_retention found{number(row.at(0, 0)), std::nullopt, row.at(0, 2) == "t"};
  if (!row.is_null(0, 1)) found.safe_bytes = number(row.at(0, 1));
  return std::optional{found};
}

} // namespace weir::postgres
