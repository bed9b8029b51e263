#include "runtime/postgres/transaction.hpp"

namespace weir::postgres {

status in_transaction(connection& c, const std::function<status()>& work) {
  WEIR_TRY(c.execute("BEGIN ISOLATION LEVEL READ COMMITTED"));
  if (auto done = work(); !done) {
    // What went wrong is the news; a failing ROLLBACK only means that the connection is gone too.
    (void)c.execute("ROLLBACK");
    return done;
  }
  return c.execute("COMMIT");
}

} // namespace weir::postgres
