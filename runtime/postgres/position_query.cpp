#include "runtime/postgres/position_query.hpp"

#include <libpq-fe.h>

namespace weir::postgres {
namespace {

constexpr const char* question = "SELECT pg_current_wal_flush_lsn()";
constexpr const char* doing = "asking for the end of the WAL";

} // namespace

status position_query::ask(connection& sql) {
  if (PQsendQuery(sql.native(), question) == 0) return error_from(sql.native(), nullptr, doing);
  asked_ = true;
  return {};
}

result<std::optional<lsn>> position_query::answer(connection& sql) {
  pg_conn* conn = sql.native();
  // A connection that is lost has its answer too: the one that says so.
  if (PQconsumeInput(conn) != 0 && PQisBusy(conn) != 0) return std::optional<lsn>{};
  asked_ = false;
  const query_result answer{PQgetResult(conn)};
  while (pg_result* rest = PQgetResult(conn)) PQclear(rest);
  if (PQresultStatus(answer.native()) != PGRES_TUPLES_OK || answer.rows() != 1)
    return error_from(conn, answer.native(), doing);
  WEIR_ASSIGN(const auto position, parse_lsn(answer.at(0, 0)));
  return std::optional<lsn>{position};
}

} // namespace weir::postgres
