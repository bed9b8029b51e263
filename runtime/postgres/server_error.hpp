#pragma once

#include <string>
#include <string_view>

#include "runtime/base/error.hpp"

namespace weir::postgres {

/// What is known of one refusal of a server, before it has a name in weir.
struct server_words {
  std::string sqlstate; ///< "" if the server did not say one
  std::string message;
  std::string function = {}; ///< the server's own routine (PG_DIAG_SOURCE_FUNCTION): unlike `message` never translated
};

/// Names a refusal as `connection` documents it. Pure.
///
/// Output   `errc::connection_lost` without a SQLSTATE.
/// Source   PostgreSQL manual, appendix "Error Codes"; slot.c, logical.c, walsender.c for those that share a code.
errc classify(const server_words& words);

/// Takes the text of a failed connect, as libpq writes it under PQERRORS_VERBOSE, apart: the only way to learn the
/// SQLSTATE of a refused connection. Several hosts tried give several lines; the last SQLSTATE counts.
///
/// Output   `message` on one line, without SQLSTATEs, LOCATION lines and libpq's "connection to server … failed: ".
server_words parse_connect_failure(std::string_view verbose);

/// Is it the certificate, or that one side wants TLS and the other does not?
bool is_about_tls(const server_words& words);

/// Names a failed connect.
///
/// Output   `errc::connection_failed` for what has no SQLSTATE, is a server at its limit of connections, or just died.
errc classify_connect(const server_words& words);

} // namespace weir::postgres
