#pragma once

#include <optional>

#include "runtime/base/ids.hpp"
#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

/// Asks a server for the end of its WAL without waiting for the answer: one question at a time on a connection, and no
/// other command of that connection before the answer.
class position_query {
public:
  /// Sends the question.
  /// Errors   `errc::connection_lost`
  status ask(connection& sql);
  bool asked() const noexcept { return asked_; }
  /// What has come is taken in; empty as long as the answer is not complete. The connection's socket is readable when
  /// there is more of it.
  ///
  /// Errors   those of the server; the question is over then
  result<std::optional<lsn>> answer(connection& sql);

private:
  bool asked_ = false;
};

} // namespace weir::postgres
