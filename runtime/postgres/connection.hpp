#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/base/sql_quoter.hpp"

struct pg_conn;
struct pg_result;

namespace weir::postgres {

/// The rows of one statement, as text.
class query_result {
public:
  explicit query_result(pg_result* owned);
  std::size_t rows() const noexcept;
  std::size_t columns() const noexcept;
  bool is_null(std::size_t row, std::size_t column) const noexcept;
  std::string_view at(std::size_t row, std::size_t column) const noexcept;
  /// Rows touched by INSERT, UPDATE, DELETE; 0 for others.
  std::size_t affected() const noexcept;
  pg_result* native() const noexcept;

private:
  struct clear {
    void operator()(pg_result* r) const noexcept;
  };
  std::unique_ptr<pg_result, clear> result_;
};

struct connect_options {
  std::string application_name = "weir"; ///< shows in pg_stat_activity
  bool replication = false;              ///< replication=database
  std::chrono::seconds connect_timeout{5};
};

/// A parameter of a statement in text form; empty is NULL.
using parameter = std::optional<std::string>;

/// One connection to a server. The session speaks UTF8, DateStyle ISO, TimeZone UTC, extra_float_digits 3,
/// search_path pg_catalog, TCP keepalives on, so that text forms are canonical and a dead peer is noticed.
///
/// Errors of every call carry the SQLSTATE's class as errc and the server's words, never the connection string:
/// 28xxx authentication_failed · 42501 permission_denied · 57P0x, 08xxx, lost socket connection_lost ·
/// 57P03 server_starting · 55006 slot_in_use · 53400 with slots no_free_slot · 40xxx serialization_conflict ·
/// 22xxx numeric_value_out_of_range/division_by_zero/invalid_text_representation · other sql_failed.
class connection : public sql_quoter {
public:
  /// Errors   `errc::connection_failed` naming host, port and cause · `errc::authentication_failed` ·
  /// `errc::server_starting`
  static result<connection> open(const std::string& conninfo, const connect_options& options);

  connection(connection&&) noexcept;
  connection& operator=(connection&&) noexcept;
  ~connection() override;

  /// Runs one statement (or, without parameters, several) and waits for it.
  result<query_result> query(const std::string& sql, std::span<const parameter> parameters = {});
  status execute(const std::string& sql, std::span<const parameter> parameters = {});

  std::string identifier(std::string_view name) const override; ///< PQescapeIdentifier
  std::string literal(std::string_view text) const override;    ///< PQescapeLiteral
  /// schema.table, both quoted.
  std::string qualified(std::string_view schema, std::string_view name) const;

  /// 150020 for 15.20.
  int server_version() const noexcept;
  int socket() const noexcept;
  pg_conn* native() const noexcept;
  /// "host:port/dbname", for messages.
  const std::string& address() const noexcept;

private:
  struct close {
    void operator()(pg_conn* c) const noexcept;
  };
  connection(pg_conn* owned, std::string address);
  std::unique_ptr<pg_conn, close> conn_;
  std::string address_;
};

/// "host:port/dbname" of a libpq connection, also of one that failed.
std::string address_of(pg_conn* conn);

/// The error that the last failed call on `conn` (or `failed`, if there is a result) left, as weir names it.
error error_from(pg_conn* conn, pg_result* failed, const std::string& doing);

} // namespace weir::postgres
