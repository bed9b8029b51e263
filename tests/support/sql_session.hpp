#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::test {

/// What a server answered a test that did not expect it.
struct sql_error : std::runtime_error {
  sql_error(const std::string& text, std::string state) : std::runtime_error(text), sqlstate(std::move(state)) {}
  std::string sqlstate; ///< "" if the connection itself failed
};

/// One connection of a test to a server, in plain libpq: a test must not trust the code it tests.
class sql_session {
public:
  explicit sql_session(const std::string& conninfo) : conn_(PQconnectdb(conninfo.c_str()), &PQfinish) {
    if (PQstatus(conn_.get()) != CONNECTION_OK) throw sql_error(PQerrorMessage(conn_.get()), "");
    PQsetNoticeProcessor(
        conn_.get(), [](void*, const char*) {}, nullptr);
  }

  /// The rows of the (last) statement, NULL as an empty optional.
  std::vector<std::vector<std::optional<std::string>>> rows(const std::string& sql) {
    const answer a(PQexec(conn_.get(), sql.c_str()), &PQclear);
    const auto state = PQresultStatus(a.get());
    if (state != PGRES_TUPLES_OK && state != PGRES_COMMAND_OK) throw failure(a.get(), sql);
    std::vector<std::vector<std::optional<std::string>>> out(static_cast<std::size_t>(PQntuples(a.get())));
    for (int r = 0; r < PQntuples(a.get()); ++r)
      for (int c = 0; c < PQnfields(a.get()); ++c)
        out[static_cast<std::size_t>(r)].push_back(
            PQgetisnull(a.get(), r, c) ? std::nullopt : std::optional<std::string>(PQgetvalue(a.get(), r, c)));
    return out;
  }

  void run(const std::string& sql) { (void)rows(sql); }

  /// The one value of the one row; "" for NULL or no row.
  std::string value(const std::string& sql) {
    const auto all = rows(sql);
    return all.empty() || !all[0][0] ? std::string() : *all[0][0];
  }
  long long number(const std::string& sql) {
    const auto text = value(sql);
    return text.empty() ? 0 : std::stoll(text);
  }

  /// Carries the rows of `from_sql` (COPY … TO STDOUT here) into `into_sql` (COPY … FROM STDIN at `into`).
  void copy(const std::string& from_sql, sql_session& into, const std::string& into_sql) {
    const answer from(PQexec(conn_.get(), from_sql.c_str()), &PQclear);
    if (PQresultStatus(from.get()) != PGRES_COPY_OUT) throw failure(from.get(), from_sql);
    const answer to(PQexec(into.conn_.get(), into_sql.c_str()), &PQclear);
    if (PQresultStatus(to.get()) != PGRES_COPY_IN) throw into.failure(to.get(), into_sql);
    char* line = nullptr;
    for (int n = 0; (n = PQgetCopyData(conn_.get(), &line, 0)) > 0; PQfreemem(line))
      PQputCopyData(into.conn_.get(), line, n);
    PQputCopyEnd(into.conn_.get(), nullptr);
    finish(from_sql);
    into.finish(into_sql);
  }

  /// The payload of the next notification within `patience`; empty if none came.
  std::optional<std::string> notification(std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    do {
      PQconsumeInput(conn_.get());
      if (const std::unique_ptr<PGnotify, void (*)(void*)> n(PQnotifies(conn_.get()), &PQfreemem); n) return n->extra;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    } while (std::chrono::steady_clock::now() < until);
    return std::nullopt;
  }

private:
  using answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

  sql_error failure(const PGresult* r, const std::string& sql) const {
    const char* state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    return {std::string(PQerrorMessage(conn_.get())) + "in: " + sql.substr(0, 300), state == nullptr ? "" : state};
  }
  void finish(const std::string& sql) {
    while (PGresult* r = PQgetResult(conn_.get())) {
      const answer a(r, &PQclear);
      if (PQresultStatus(r) != PGRES_COMMAND_OK) throw failure(r, sql);
    }
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> conn_;
};

} // namespace weir::test
