#include "runtime/postgres/server_error.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "runtime/postgres/connection.hpp"

namespace weir::postgres {

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Object-not-in-prerequisite-state is one SQLSTATE for quite different things.
errc classify_prerequisite(const server_words& words) {
  if (contains(words.message, "wal_level") || words.function == "CheckLogicalDecodingRequirements")
    return errc::wal_level;
  // The wording of 15, of 16 and 17, of 18.
  for (const auto* wording : {"cannot read from logical replication slot", "can no longer get changes from replication",
                              "can no longer access replication slot"})
    if (contains(words.message, wording)) return errc::slot_invalidated;
  return errc::sql_failed;
}

errc classify_data_exception(std::string_view sqlstate) {
  if (sqlstate == "22012") return errc::division_by_zero;
  if (sqlstate == "22003" || sqlstate == "22008") return errc::numeric_value_out_of_range;
  return errc::invalid_text_representation;
}

bool about_slot(const server_words& words) {
  return contains(words.message, "replication slot") || contains(words.function, "ReplicationSlot");
}

/// "FATAL:  28P01: password …": the five characters between two colons.
std::size_t find_sqlstate(std::string_view line) {
  for (std::size_t at = line.find(":  "); at != std::string_view::npos; at = line.find(":  ", at + 1)) {
    const auto code = line.substr(at + 3, 5);
    const bool is_code = code.size() == 5 && std::all_of(code.begin(), code.end(), [](unsigned char c) {
                           return std::isdigit(c) != 0 || std::isupper(c) != 0;
                         });
    if (is_code && line.substr(at + 8, 2) == ": ") return at + 3;
  }
  return std::string_view::npos;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

std::string field(pg_result* failed, int code) {
  const char* text = failed == nullptr ? nullptr : PQresultErrorField(failed, code);
  return text == nullptr ? std::string{} : std::string{text};
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : trim(text)) {
    if (c != '\n' && c != '\t')
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  return line;
}

} // namespace

errc classify(const server_words& words) {
  const std::string_view state = words.sqlstate;
  if (state.empty()) return errc::connection_lost;
  if (state == "57P03") return errc::server_starting;
  if (state == "53300") return errc::connection_failed;
  if (state.starts_with("57P") || state.starts_with("08")) return errc::connection_lost;
  if (state == "57014" || state == "55P03") return errc::timeout;
  if (state == "42501") return errc::permission_denied;
  if (state.starts_with("28")) return errc::authentication_failed;
  if (state.starts_with("40")) return errc::serialization_conflict;
  if (state.starts_with("22")) return classify_data_exception(state);
  // An internal error of Citus (13.2), where a statement was planned before its shard was split or moved.
  if (state == "XX000" && contains(words.message, "could not find valid entry for shard"))
    return errc::serialization_conflict;
  if (state == "55006") return errc::slot_in_use;
  if (state == "53400" && contains(words.message + words.function, "lot")) return errc::no_free_slot;
  if (state == "42704" && about_slot(words)) return errc::slot_missing;
  if (state == "58P01" && (contains(words.message, "WAL segment") || contains(words.function, "WalSegment")))
    return errc::slot_invalidated;
  if (state == "55000") return classify_prerequisite(words);
  return errc::sql_failed;
}

server_words parse_connect_failure(std::string_view verbose) {
  server_words words;
  while (!verbose.empty()) {
    const auto end = std::min(verbose.find('\n'), verbose.size());
    auto line = trim(verbose.substr(0, end));
    verbose.remove_prefix(std::min(end + 1, verbose.size()));
    if (line.empty() || line.starts_with("LOCATION:")) continue;
    std::string text{line};
    if (const auto code = find_sqlstate(line); code != std::string_view::npos) {
      words.sqlstate = std::string{line.substr(code, 5)};
      text.erase(code, 7);
    }
    if (text.starts_with("connection to server ")) {
      const auto failed = text.find("failed: ");
      if (failed != std::string::npos) text.erase(0, failed + 8);
    }
    if (!words.message.empty()) words.message += words.message.back() == '?' ? " " : "; ";
    words.message += text;
  }
  return words;
}

bool is_about_tls(const server_words& words) {
  // libpq's own words; it has no codes for these.
  for (const auto* wording : {"does not match host name", "certificate verify failed", "root certificate file",
                              "does not support SSL", "could not load root", "no SSL encryption", "SSL error"})
    if (contains(words.message, wording)) return true;
  return false;
}

errc classify_connect(const server_words& words) {
  // What a certificate lacks it will lack the next time, too; a connection that broke while it was made secure may not.
  if (words.sqlstate.empty() && is_about_tls(words) && !contains(words.message, "SSL error: unexpected eof") &&
      !contains(words.message, "SSL SYSCALL"))
    return errc::authentication_failed;
  // A role or a database that is not there is no failed proof of identity: the cure is another one.
  if (contains(words.message, "role ") && contains(words.message, "does not exist")) return errc::sql_failed;
  const errc code = classify(words);
  if (code == errc::connection_lost || code == errc::timeout) return errc::connection_failed;
  return code;
}

error error_from(pg_conn* conn, pg_result* failed, const std::string& doing) {
  server_words words{field(failed, PG_DIAG_SQLSTATE), field(failed, PG_DIAG_MESSAGE_PRIMARY),
                     field(failed, PG_DIAG_SOURCE_FUNCTION)};
  if (words.message.empty()) words.message = one_line(PQerrorMessage(conn));
  if (words.message.empty()) words.message = "no answer from the server";
  errc code = classify(words);
  // A libpq error of its own (a wrong use, no memory) on a connection that still stands is not a lost one.
  if (code == errc::connection_lost && words.sqlstate.empty() && PQstatus(conn) == CONNECTION_OK)
    code = errc::sql_failed;
  const std::string detail = one_line(field(failed, PG_DIAG_MESSAGE_DETAIL));
  std::string message = fmt::format("{}: {}: {}", address_of(conn), doing, words.message);
  if (!detail.empty()) message += fmt::format(" ({})", detail);
  return {code, std::move(message), one_line(field(failed, PG_DIAG_MESSAGE_HINT))};
}

std::string address_of(pg_conn* conn) {
  const auto text = [](const char* value, const char* fallback) {
    return std::string{value == nullptr || *value == '\0' ? fallback : value};
  };
  return fmt::format("{}:{}/{}", text(PQhost(conn), "localhost"), text(PQport(conn), "5432"), text(PQdb(conn), "?"));
}

} // namespace weir::postgres
