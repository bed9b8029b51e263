#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "runtime/postgres/connection.hpp"
#include "runtime/postgres/copy_text.hpp"
#include "runtime/rows/batch.hpp"

namespace weir::postgres {

/// COPY (sql) TO STDOUT, parsed into batches of at most `batch_bytes`, weights +1. One at a time on a connection, which
/// must outlive it; no other command of that connection before the end.
class copy_reader {
public:
  /// Errors   those of the server
  static result<copy_reader> start(connection& sql, const std::string& select, const std::vector<data_type>& types,
                                   std::size_t batch_bytes);

  /// The next batch; empty at the end.
  /// Errors   the server's (22xxx mean that some row cannot be computed) · `errc::invalid_value`
  result<std::optional<batch>> next();
  /// Reads what nobody wants any more to its end, so that the connection can be used again.
  void abandon();

private:
  copy_reader(connection& sql, const std::vector<data_type>& types, std::size_t batch_bytes)
      : sql_(&sql), parser_(types), rows_(parser_.empty_batch()), batch_bytes_(batch_bytes) {}
  batch take();
  result<std::optional<batch>> finish();

  connection* sql_;
  copy_text parser_;
  batch rows_;
  std::size_t bytes_ = 0; ///< of rows_
  std::size_t batch_bytes_;
  bool ended_ = false;
};

} // namespace weir::postgres
