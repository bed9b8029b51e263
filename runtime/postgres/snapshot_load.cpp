#include "runtime/postgres/snapshot_load.hpp"

#include <utility>

#include "runtime/postgres/copy_reader.hpp"

namespace weir::postgres {

status import_snapshot(connection& sql, const std::string& snapshot) {
  WEIR_TRY(sql.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  auto imported = sql.execute("SET TRANSACTION SNAPSHOT " + sql.literal(snapshot));
  // A policy that hides rows is to be an error, not a view that lacks them; and a load takes as long as it takes.
  if (imported)
    return sql.execute("SET LOCAL row_security = off; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; "
                       "SET LOCAL idle_in_transaction_session_timeout = 0");
  WEIR_TRY(sql.execute("ROLLBACK"));
  // A snapshot goes with the connection that exported it: no fault of any row, as its SQLSTATE (22023) would have it.
  if (kind_of(imported.error().code) == failure_kind::poison) {
    imported.error().code = errc::connection_lost;
    imported.error().hint = "the connection that made the slot was lost or used: make the slot again";
  }
  return imported;
}

status copy_out(connection& sql, const std::string& select, const std::vector<data_type>& types,
                std::size_t batch_bytes, const batch_consumer& consume) {
  WEIR_ASSIGN(auto rows, copy_reader::start(sql, select, types, batch_bytes));
  for (;;) {
    status outcome;
    if (auto next = rows.next(); !next)
      outcome = std::move(next).error();
    else if (*next)
      outcome = consume(**std::move(next));
    else
      return {};
    if (outcome) continue;
    rows.abandon();
    return outcome;
  }
}

} // namespace weir::postgres
