#include "runtime/postgres/snapshot_load.hpp"

#include <memory>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "runtime/postgres/copy_text.hpp"

namespace weir::postgres {

namespace {

constexpr const char* doing = "reading the first load";

struct free_line {
  void operator()(char* line) const noexcept { PQfreemem(line); }
};

/// Reads a COPY that nobody wants any more to its end.
void abandon(pg_conn* conn) {
  const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> handle{PQgetCancel(conn), &PQfreeCancel};
  char reason[256];
  if (handle) PQcancel(handle.get(), reason, sizeof reason);
  char* line = nullptr;
  while (PQgetCopyData(conn, &line, 0) > 0) PQfreemem(line);
  while (pg_result* rest = PQgetResult(conn)) PQclear(rest);
}

/// Parses lines into batches and hands each on when it is full.
class batcher {
public:
  batcher(const std::vector<data_type>& types, std::size_t batch_bytes, const batch_consumer& consume)
      : parser_(types), rows_(parser_.empty_batch()), batch_bytes_(batch_bytes), consume_(consume) {}

  status add(std::string_view line) {
    const std::size_t bytes = parser_.row_bytes(line);
    if (bytes_ + bytes > batch_bytes_) WEIR_TRY(flush());
    bytes_ += bytes;
    return parser_.append(line, rows_);
  }

  status flush() {
    if (rows_.empty()) return {};
    batch full = parser_.empty_batch();
    for (auto& c : full.columns) c.reserve(rows_.rows());
    full.weights.reserve(rows_.rows());
    std::swap(full, rows_);
    bytes_ = 0;
    return consume_(std::move(full));
  }

private:
  copy_text parser_;
  batch rows_;
  std::size_t bytes_ = 0;
  std::size_t batch_bytes_;
  const batch_consumer& consume_;
};

error load_error(pg_conn* conn, pg_result* failed) {
  auto failure = error_from(conn, failed, doing);
  if (failure.code == errc::permission_denied) failure.hint = "GRANT SELECT ON the table to the role that weir uses";
  return failure;
}

} // namespace

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
  pg_conn* conn = sql.native();
  {
    const query_result started{PQexec(conn, fmt::format("COPY ({}) TO STDOUT", select).c_str())};
    if (PQresultStatus(started.native()) != PGRES_COPY_OUT) return load_error(conn, started.native());
  }
  batcher rows{types, batch_bytes, consume};
  for (;;) {
    char* raw = nullptr;
    const int length = PQgetCopyData(conn, &raw, 0);
    if (length <= 0) break;
    const std::unique_ptr<char, free_line> line{raw};
    auto taken = rows.add({raw, static_cast<std::size_t>(length)});
    if (taken) continue;
    abandon(conn);
    return taken;
  }
  // The command's own end; then the one that says that nothing follows.
  const query_result ended{PQgetResult(conn)};
  const bool complete = PQresultStatus(ended.native()) == PGRES_COMMAND_OK;
  auto failure = complete ? status{} : status{load_error(conn, ended.native())};
  while (pg_result* rest = PQgetResult(conn)) PQclear(rest);
  if (!complete) return failure;
  return rows.flush();
}

} // namespace weir::postgres
