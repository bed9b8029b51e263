#include "runtime/postgres/connection.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include "runtime/postgres/server_error.hpp"

namespace weir::postgres {

namespace {

using clock = std::chrono::steady_clock;

/// What makes text forms canonical. SET rather than libpq's `options`, which the user may need for himself.
constexpr const char* session_settings =
    "SET datestyle = 'ISO'; SET timezone = 'UTC'; SET extra_float_digits = 3; "
    "SET intervalstyle = 'postgres'; SET bytea_output = 'hex'; SET search_path = pg_catalog";

struct free_options {
  void operator()(PQconninfoOption* o) const noexcept { PQconninfoFree(o); }
};
using conninfo_options = std::unique_ptr<PQconninfoOption, free_options>;

void drop_notice(void*, const char*) {}

/// libpq's own message quotes the piece of the string it stumbled over, which may be the password.
status check_conninfo(const std::string& conninfo) {
  char* text = nullptr;
  const conninfo_options parsed{PQconninfoParse(conninfo.c_str(), &text)};
  if (text != nullptr) PQfreemem(text);
  if (parsed) return {};
  return error{errc::config_invalid, "a connection string cannot be read",
               "write it as \"host=… port=… dbname=… user=…\" or \"postgresql://user@host:port/dbname\""};
}

/// Settings before `dbname` are defaults that the connection string may replace; those after it are ours to decide.
pg_conn* start_connect(const std::string& conninfo, const connect_options& options) {
  const std::string timeout = std::to_string(options.connect_timeout.count());
  std::vector<const char*> keywords{
      "connect_timeout",  "fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval",
      "keepalives_count", "tcp_user_timeout",          "dbname",     "client_encoding"};
  std::vector<const char*> values{
      timeout.c_str(), options.application_name.c_str(), "1", "10", "5", "3", "30000", conninfo.c_str(), "UTF8"};
  if (options.replication) {
    keywords.push_back("replication");
    values.push_back("database");
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectStartParams(keywords.data(), values.data(), 1);
}

/// The time a connect may take, all its hosts together; empty if the user wants no limit.
std::optional<clock::time_point> connect_deadline(pg_conn* conn) {
  const conninfo_options effective{PQconninfo(conn)};
  long seconds = 0;
  long hosts = 1;
  for (const PQconninfoOption* o = effective.get(); o != nullptr && o->keyword != nullptr; ++o) {
    if (o->val == nullptr) continue;
    const std::string_view keyword = o->keyword;
    if (keyword == "connect_timeout") std::from_chars(o->val, o->val + std::strlen(o->val), seconds);
    if (keyword == "host") hosts = 1 + std::count(o->val, o->val + std::strlen(o->val), ',');
  }
  if (seconds <= 0) return std::nullopt;
  return clock::now() + std::chrono::seconds{seconds * hosts};
}

/// false: the time is over.
bool wait_for_socket(pg_conn* conn, short events, std::optional<clock::time_point> deadline) {
  for (;;) {
    int timeout_ms = -1;
    if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - clock::now()).count();
      if (left <= 0) return false;
      timeout_ms = static_cast<int>(std::min<long>(left, 60'000));
    }
    pollfd waited{PQsocket(conn), events, 0};
    const int ready = ::poll(&waited, 1, timeout_ms);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true; // PQconnectPoll will say what is wrong with the socket
  }
}

/// false: the time is over. Otherwise PQstatus tells.
bool finish_connect(pg_conn* conn) {
  const auto deadline = connect_deadline(conn);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    if (!wait_for_socket(conn, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) return false;
    state = PQconnectPoll(conn);
  }
  return true;
}

error connect_error(pg_conn* conn, bool timed_out) {
  const std::string address = address_of(conn);
  if (timed_out)
    return {errc::connection_failed, fmt::format("cannot connect to {}: no answer within connect_timeout", address),
            "is the server running there, and does a firewall let the port through?"};
  const auto words = parse_connect_failure(PQerrorMessage(conn));
  errc code = classify_connect(words);
  std::string hint;
  if (PQconnectionNeedsPassword(conn) != 0) code = errc::authentication_failed;
  if (is_about_tls(words))
    hint = "check sslmode, sslrootcert and the host's name in the connection string against the server's certificate "
           "(verify-full wants the name among its subjectAltName), and hostssl in the server's pg_hba.conf";
  else if (code == errc::authentication_failed)
    hint = "check user, password (connection string, ~/.pgpass, PGPASSWORD) and the server's pg_hba.conf";
  else if (words.sqlstate == "3D000")
    hint = "name an existing database with dbname=…";
  else if (code == errc::sql_failed && words.sqlstate == "28000")
    hint = "name an existing role with user=…, or create it: CREATE ROLE … LOGIN";
  else if (code == errc::permission_denied)
    hint = "let a superuser run: ALTER ROLE … REPLICATION";
  else if (code == errc::connection_failed && words.sqlstate == "53300")
    hint = "raise max_connections or max_wal_senders, or close other connections";
  return {code, fmt::format("cannot connect to {}: {}", address, words.message), std::move(hint)};
}

/// The statement as a message quotes it: its beginning, on one line.
std::string doing(const std::string& sql) {
  constexpr std::size_t shown = 80;
  std::string text;
  for (const char c : sql) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (space && (text.empty() || text.back() == ' ')) continue;
    // Cut before a character of several bytes begins, never inside it.
    if (text.size() >= shown && (static_cast<unsigned char>(c) & 0xc0U) != 0x80U) return text + "…";
    text += space ? ' ' : c;
  }
  return text;
}

bool is_success(pg_result* r) {
  const auto outcome = PQresultStatus(r);
  return outcome == PGRES_TUPLES_OK || outcome == PGRES_COMMAND_OK || outcome == PGRES_EMPTY_QUERY;
}

} // namespace

query_result::query_result(pg_result* owned) : result_(owned) {}

void query_result::clear::operator()(pg_result* r) const noexcept { PQclear(r); }

std::size_t query_result::rows() const noexcept { return static_cast<std::size_t>(PQntuples(result_.get())); }

std::size_t query_result::columns() const noexcept { return static_cast<std::size_t>(PQnfields(result_.get())); }

bool query_result::is_null(std::size_t row, std::size_t column) const noexcept {
  return PQgetisnull(result_.get(), static_cast<int>(row), static_cast<int>(column)) != 0;
}

std::string_view query_result::at(std::size_t row, std::size_t column) const noexcept {
  const int r = static_cast<int>(row);
  const int c = static_cast<int>(column);
  const char* text = PQgetvalue(result_.get(), r, c);
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(PQgetlength(result_.get(), r, c))};
}

std::size_t query_result::affected() const noexcept {
  const std::string_view text = PQcmdTuples(result_.get());
  std::size_t rows = 0;
  std::from_chars(text.data(), text.data() + text.size(), rows);
  return rows;
}

pg_result* query_result::native() const noexcept { return result_.get(); }

void connection::close::operator()(pg_conn* c) const noexcept { PQfinish(c); }

connection::connection(pg_conn* owned, std::string address) : conn_(owned), address_(std::move(address)) {}
connection::connection(connection&&) noexcept = default;
connection& connection::operator=(connection&&) noexcept = default;
connection::~connection() = default;

result<connection> connection::open(const std::string& conninfo, const connect_options& options) {
  WEIR_TRY(check_conninfo(conninfo));
  std::unique_ptr<pg_conn, close> owned{start_connect(conninfo, options)};
  pg_conn* conn = owned.get();
  if (conn == nullptr) return error{errc::connection_failed, "cannot connect: out of memory"};
  PQsetNoticeProcessor(conn, drop_notice, nullptr);
  PQsetErrorVerbosity(conn, PQERRORS_VERBOSE); // a refused connect tells its SQLSTATE in no other way
  const bool in_time = PQstatus(conn) == CONNECTION_BAD || finish_connect(conn);
  if (!in_time || PQstatus(conn) != CONNECTION_OK) return connect_error(conn, !in_time);
  PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
  std::string address = address_of(conn);
  connection opened{owned.release(), std::move(address)};
  WEIR_TRY(opened.execute(session_settings));
  return opened;
}

result<query_result> connection::query(const std::string& sql, std::span<const parameter> parameters) {
  pg_result* raw = nullptr;
  if (parameters.empty()) {
    raw = PQexec(conn_.get(), sql.c_str());
  } else {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& p : parameters) values.push_back(p ? p->c_str() : nullptr);
    raw = PQexecParams(conn_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                       nullptr, 0);
  }
  query_result answer{raw};
  if (!is_success(raw)) return error_from(conn_.get(), raw, doing(sql));
  return answer;
}

status connection::execute(const std::string& sql, std::span<const parameter> parameters) {
  WEIR_TRY(query(sql, parameters));
  return {};
}

namespace {

/// libpq refuses only text that is not valid UTF8; the server will refuse it too, and say so.
std::string in_quotes(std::string_view text, char quote, char* escaped) {
  if (escaped != nullptr) {
    std::string copy{escaped};
    PQfreemem(escaped);
    return copy;
  }
  std::string out{quote};
  for (const char c : text) {
    if (c == quote) out += c;
    out += c;
  }
  return out + quote;
}

} // namespace

std::string connection::identifier(std::string_view name) const {
  return in_quotes(name, '"', PQescapeIdentifier(conn_.get(), name.data(), name.size()));
}

std::string connection::literal(std::string_view text) const {
  return in_quotes(text, '\'', PQescapeLiteral(conn_.get(), text.data(), text.size()));
}

std::string connection::qualified(std::string_view schema, std::string_view name) const {
  return identifier(schema) + "." + identifier(name);
}

int connection::server_version() const noexcept { return PQserverVersion(conn_.get()); }

int connection::socket() const noexcept { return PQsocket(conn_.get()); }

pg_conn* connection::native() const noexcept { return conn_.get(); }

const std::string& connection::address() const noexcept { return address_; }

} // namespace weir::postgres
