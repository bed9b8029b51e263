#include "runtime/postgres/copy_reader.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace weir::postgres {

namespace {

constexpr const char* doing = "reading the first load";

struct free_line {
  void operator()(char* line) const noexcept { PQfreemem(line); }
};

error load_error(pg_conn* conn, pg_result* failed) {
  auto failure = error_from(conn, failed, doing);
  if (failure.code == errc::permission_denied) failure.hint = "GRANT SELECT ON the table to the role that weir uses";
  return failure;
}

} // namespace

result<copy_reader> copy_reader::start(connection& sql, const std::string& select, const std::vector<data_type>& types,
                                       std::size_t batch_bytes) {
  pg_conn* conn = sql.native();
  const query_result started{PQexec(conn, fmt::format("COPY ({}) TO STDOUT", select).c_str())};
  if (PQresultStatus(started.native()) != PGRES_COPY_OUT) return load_error(conn, started.native());
  return copy_reader{sql, types, batch_bytes};
}

batch copy_reader::take() {
  batch full = parser_.empty_batch();
  for (auto& c : full.columns) c.reserve(rows_.rows());
  full.weights.reserve(rows_.rows());
  std::swap(full, rows_);
  bytes_ = 0;
  return full;
}

result<std::optional<batch>> copy_reader::next() {
  pg_conn* conn = sql_->native();
  while (!ended_) {
    char* raw = nullptr;
    const int length = PQgetCopyData(conn, &raw, 0);
    if (length <= 0) return finish();
    const std::unique_ptr<char, free_line> line{raw};
    const std::string_view text{raw, static_cast<std::size_t>(length)};
    const std::size_t bytes = parser_.row_bytes(text);
    std::optional<batch> full;
    if (bytes_ + bytes > batch_bytes_ && !rows_.empty()) full = take();
    bytes_ += bytes;
    WEIR_TRY(parser_.append(text, rows_));
    if (full) return full;
  }
  return std::optional<batch>{};
}

/// The command's own end; then the one that says that nothing follows.
result<std::optional<batch>> copy_reader::finish() {
  pg_conn* conn = sql_->native();
  ended_ = true;
  const query_result outcome{PQgetResult(conn)};
  const bool complete = PQresultStatus(outcome.native()) == PGRES_COMMAND_OK;
  auto failure = complete ? status{} : status{load_error(conn, outcome.native())};
  while (pg_result* rest = PQgetResult(conn)) PQclear(rest);
  WEIR_TRY(std::move(failure));
  return rows_.empty() ? std::optional<batch>{} : std::optional<batch>{take()};
}

void copy_reader::abandon() {
  if (std::exchange(ended_, true)) return;
  pg_conn* conn = sql_->native();
  const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> handle{PQgetCancel(conn), &PQfreeCancel};
  char reason[256];
  if (handle) PQcancel(handle.get(), reason, sizeof reason);
  char* line = nullptr;
  while (PQgetCopyData(conn, &line, 0) > 0) PQfreemem(line);
  while (pg_result* rest = PQgetResult(conn)) PQclear(rest);
}

} // namespace weir::postgres
