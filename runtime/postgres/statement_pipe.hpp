#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// One SQL text that is prepared on the server when it is first sent.
struct pipe_statement {
  std::string sql;
  std::string doing;     ///< for messages: "writing view orders"
  std::string name = {}; ///< the prepared statement's; given by the pipe
};

/// Statements that do not wait for each other's answers (libpq's pipeline mode): sent as they come, their results
/// read as they come, so that neither side ever blocks on the other and memory stays bounded.
///
/// After the first error the server skips everything up to the next sync; every further call returns that error.
class statement_pipe {
public:
  /// What must hold of a statement's result; called once, when it has come.
  using check = std::function<status(const query_result&)>;

  /// Errors   `errc::internal` the connection is in the middle of something.
  static result<statement_pipe> open(connection c);

  /// Cost     blocks only while more than some megabytes wait to be sent.
  status send(pipe_statement& statement, std::span<const parameter> parameters, check expected = {});
  /// A statement that is sent once: neither prepared nor planned for reuse.
  status send_once(const std::string& sql, const std::string& doing, std::span<const parameter> parameters = {},
                   check expected = {});
  /// Pushes out what is buffered, as far as it goes without waiting.
  status flush();
  /// Waits until everything sent so far has been done and checked.
  status sync();
  /// Ends a transaction that failed; the error stays.
  void abandon() noexcept;

  connection& conn() noexcept { return connection_; }

private:
  struct awaited {
    std::string doing;
    check expected;
  };
  explicit statement_pipe(connection c) : connection_(std::move(c)) {}
  status after_send(int sent, std::string doing, check expected, std::size_t bytes);
  status wait_for_answers(bool until_empty);
  status read_answers();
  status take_result(pg_result* raw);
  error fail(error e);

  connection connection_;
  std::deque<awaited> awaited_;
  std::optional<error> failure_;
  std::size_t names_ = 0;
  std::size_t unsent_bytes_ = 0; ///< at most: since the buffer was last seen empty
};

} // namespace weir::postgres
