#include "runtime/postgres/statement_pipe.hpp"

#include <cerrno>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

namespace weir::postgres {
namespace {

/// How much may wait in libpq's buffer before a send waits for the server.
constexpr std::size_t unsent_limit_bytes = 4U << 20U;

struct parameter_values {
  explicit parameter_values(std::span<const parameter> parameters) {
    values.reserve(parameters.size());
    for (const auto& p : parameters) {
      values.push_back(p ? p->c_str() : nullptr);
      bytes += p ? p->size() : 0;
    }
  }
  int count() const { return static_cast<int>(values.size()); }
  std::vector<const char*> values;
  std::size_t bytes = 0;
};

} // namespace

result<statement_pipe> statement_pipe::open(connection c) {
  if (PQsetnonblocking(c.native(), 1) != 0 || PQenterPipelineMode(c.native()) != 1)
    return error{errc::internal, fmt::format("the connection to {} is busy", c.address())};
  return statement_pipe{std::move(c)};
}

error statement_pipe::fail(error e) {
  if (!failure_) failure_ = std::move(e);
  return *failure_;
}

status statement_pipe::send(pipe_statement& statement, std::span<const parameter> parameters, check expected) {
  if (failure_) return *failure_;
  if (statement.name.empty()) {
    statement.name = fmt::format("weir_{}", ++names_);
    const int sent = PQsendPrepare(connection_.native(), statement.name.c_str(), statement.sql.c_str(), 0, nullptr);
    WEIR_TRY(after_send(sent, statement.doing, {}, statement.sql.size()));
  }
  const parameter_values values{parameters};
  const int sent = PQsendQueryPrepared(connection_.native(), statement.name.c_str(), values.count(),
                                       values.values.data(), nullptr, nullptr, 0);
  return after_send(sent, statement.doing, std::move(expected), values.bytes);
}

status statement_pipe::send_once(const std::string& sql, const std::string& doing,
                                 std::span<const parameter> parameters, check expected) {
  if (failure_) return *failure_;
  const parameter_values values{parameters};
  const int sent = PQsendQueryParams(connection_.native(), sql.c_str(), values.count(), nullptr, values.values.data(),
                                     nullptr, nullptr, 0);
  return after_send(sent, doing, std::move(expected), values.bytes + sql.size());
}

status statement_pipe::after_send(int sent, std::string doing, check expected, std::size_t bytes) {
  if (sent != 1) return fail(error_from(connection_.native(), nullptr, doing));
  awaited_.push_back({std::move(doing), std::move(expected)});
  unsent_bytes_ += bytes;
  if (unsent_bytes_ <= unsent_limit_bytes) return {};
  return wait_for_answers(false);
}

status statement_pipe::flush() {
  if (failure_) return *failure_;
  const int unsent = PQflush(connection_.native());
  if (unsent < 0) return fail(error_from(connection_.native(), nullptr, "sending"));
  if (unsent == 0) unsent_bytes_ = 0;
  if (PQconsumeInput(connection_.native()) != 1)
    return fail(error_from(connection_.native(), nullptr, "reading results"));
  WEIR_TRY(read_answers());
  if (failure_) return *failure_;
  return {};
}

status statement_pipe::sync() {
  if (failure_) return *failure_;
  if (PQpipelineSync(connection_.native()) != 1) return fail(error_from(connection_.native(), nullptr, "sending"));
  awaited_.push_back({"synchronising", {}});
  return wait_for_answers(true);
}

/// Sends all that is buffered, reading meanwhile; `until_empty`: and waits for the answers to all of it.
status statement_pipe::wait_for_answers(bool until_empty) {
  pg_conn* conn = connection_.native();
  for (;;) {
    const int unsent = PQflush(conn);
    if (unsent < 0) return fail(error_from(conn, nullptr, "sending"));
    if (unsent == 0) {
      unsent_bytes_ = 0;
      if (!until_empty || awaited_.empty()) break;
    }
    pollfd ready{PQsocket(conn), static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN), 0};
    if (::poll(&ready, 1, -1) < 0 && errno != EINTR)
      return fail({errc::connection_lost, fmt::format("waiting for {} failed", connection_.address())});
    if ((ready.revents & (POLLIN | POLLERR | POLLHUP)) == 0) continue;
    if (PQconsumeInput(conn) != 1) return fail(error_from(conn, nullptr, "reading results"));
    // An error of a statement is kept until the sync has been answered: the connection is in a known state then.
    WEIR_TRY(read_answers());
  }
  if (failure_) return *failure_;
  return {};
}

status statement_pipe::read_answers() {
  pg_conn* conn = connection_.native();
  while (!awaited_.empty() && PQisBusy(conn) == 0) {
    pg_result* raw = PQgetResult(conn);
    if (raw == nullptr) {
      if (PQstatus(conn) == CONNECTION_BAD) return fail(error_from(conn, nullptr, awaited_.front().doing));
      continue; // the end of one statement's results
    }
    WEIR_TRY(take_result(raw));
  }
  return {};
}

status statement_pipe::take_result(pg_result* raw) {
  const query_result answer{raw};
  const awaited done = std::move(awaited_.front());
  awaited_.pop_front();
  const auto outcome = PQresultStatus(raw);
  if (outcome == PGRES_PIPELINE_SYNC || outcome == PGRES_PIPELINE_ABORTED) return {};
  if (outcome != PGRES_COMMAND_OK && outcome != PGRES_TUPLES_OK) {
    const auto e = fail(error_from(connection_.native(), raw, done.doing));
    if (PQstatus(connection_.native()) == CONNECTION_BAD) return e;
    return {};
  }
  if (done.expected && !failure_)
    if (auto held = done.expected(answer); !held) failure_ = std::move(held).error();
  return {};
}

void statement_pipe::abandon() noexcept {
  pg_conn* conn = connection_.native();
  if (PQstatus(conn) != CONNECTION_OK) return;
  if (!failure_) failure_ = error{errc::internal, "the transaction was abandoned"};
  // The server skips everything after an error, a ROLLBACK too, up to the next sync.
  if (PQpipelineSync(conn) != 1) return;
  awaited_.push_back({"synchronising", {}});
  if (PQsendQueryParams(conn, "ROLLBACK", 0, nullptr, nullptr, nullptr, nullptr, 0) != 1) return;
  awaited_.push_back({"rolling back", {}});
  if (PQpipelineSync(conn) != 1) return;
  awaited_.push_back({"synchronising", {}});
  (void)wait_for_answers(true);
}

} // namespace weir::postgres
