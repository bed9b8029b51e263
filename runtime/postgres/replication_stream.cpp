#include "runtime/postgres/replication_stream.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

namespace weir::postgres {

namespace {

using clock = std::chrono::steady_clock;

/// A recv() that brought less than this found the socket empty: libpq offers it at least as much room.
constexpr std::size_t full_recv_bytes = 8192;

/// The grammar of replication commands knows doubled quotes and nothing else (no E'…').
std::string doubled(std::string_view text, char quote) {
  std::string out{quote};
  for (const char c : text) {
    if (c == quote) out += c;
    out += c;
  }
  return out + quote;
}

std::string start_command(const stream_options& o) {
  // publication_names is a list of identifiers inside a string.
  return fmt::format("START_REPLICATION SLOT {} LOGICAL {} (proto_version '3', publication_names {}, messages 'true', "
                     "two_phase '{}')",
                     doubled(o.slot, '"'), to_string(o.start), doubled(doubled(o.publication, '"'), '\''), o.two_phase);
}

/// Adds the cure to what the server said about a stream.
error with_cure(error failure, const std::string& slot) {
  switch (failure.code) {
    case errc::slot_missing:
      failure.hint = fmt::format("the slot {} was dropped, and with it what it kept: load the pipeline anew", slot);
      break;
    case errc::slot_invalidated:
      failure.hint =
          fmt::format("the server has removed WAL that slot {} still needed: load the pipeline anew, and raise "
                      "max_slot_wal_keep_size",
                      slot);
      break;
    case errc::slot_in_use:
      failure.hint = "another process reads the slot; if it is a dead one, SELECT pg_terminate_backend(pid)";
      break;
    case errc::permission_denied:
    case errc::authentication_failed: failure.hint = "the role needs ALTER ROLE … REPLICATION"; break;
    case errc::sql_failed:
      if (failure.message.find("publication") != std::string::npos)
        failure.hint = "a slot decodes with the publications of its own position in the WAL: the publication has to be "
                       "older than the slot. Drop the slot, then start the pipeline again";
      break;
    default: break;
  }
  return failure;
}

void append_frame(std::vector<std::byte>& out, const char* payload, std::uint32_t length) {
  const auto* prefix = reinterpret_cast<const std::byte*>(&length);
  const auto* bytes = reinterpret_cast<const std::byte*>(payload);
  out.insert(out.end(), prefix, prefix + sizeof length);
  out.insert(out.end(), bytes, bytes + length);
}

char* put_int64(char* to, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) *to++ = static_cast<char>(value >> shift);
  return to;
}

/// PostgreSQL's clock: microseconds since 2000-01-01 UTC.
std::uint64_t server_time_us() {
  constexpr std::int64_t unix_to_postgres_us = 946'684'800'000'000;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count() -
                                    unix_to_postgres_us);
}

} // namespace

replication_stream::replication_stream(connection c, std::string slot)
    : connection_(std::move(c)), slot_(std::move(slot)),
      encrypted_(PQsslInUse(connection_.native()) != 0 || PQgssEncInUse(connection_.native()) != 0) {}

result<replication_stream> replication_stream::start(connection c, const stream_options& options) {
  pg_conn* conn = c.native();
  const query_result answer{PQexec(conn, start_command(options).c_str())};
  if (PQresultStatus(answer.native()) != PGRES_COPY_BOTH)
    return with_cure(error_from(conn, answer.native(), fmt::format("reading slot {}", options.slot)), options.slot);
  if (PQsetnonblocking(conn, 1) != 0) return error_from(conn, nullptr, "switching the socket to non-blocking");
  return replication_stream{std::move(c), options.slot};
}

void replication_stream::wake_at(std::size_t bytes) noexcept {
  if (bytes == wake_at_) return;
  const int low_water = static_cast<int>(bytes);
  // Where the system does not know it, the reader is woken more often: nothing else changes.
  (void)setsockopt(socket(), SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof low_water);
  wake_at_ = bytes;
}

result<replication_stream::read_outcome> replication_stream::read(std::vector<std::byte>& out, std::size_t max_bytes) {
  pg_conn* conn = connection_.native();
  read_outcome outcome;
  std::size_t before = out.size();
  bool consumed = false;
  int empty_reads = 0;
  for (;;) {
    char* payload = nullptr;
    const int length = PQgetCopyData(conn, &payload, 1);
    if (length > 0) {
      append_frame(out, payload, static_cast<std::uint32_t>(length));
      PQfreemem(payload);
      ++outcome.frames;
      if (out.size() >= max_bytes) return outcome;
      continue;
    }
    if (length < 0) return end_of_stream();
    if (consumed) {
      const std::size_t brought = out.size() - before;
      empty_reads = brought == 0 ? empty_reads + 1 : 0;
      // TLS: up to 16 KiB may wait inside the library, and each call takes 8 KiB of it at least.
      outcome.drained = encrypted_ ? empty_reads >= 2 : brought < full_recv_bytes;
      if (outcome.drained) return outcome;
    }
    before = out.size();
    if (PQconsumeInput(conn) == 0) return end_of_stream();
    consumed = true;
  }
}

error replication_stream::end_of_stream() {
  pg_conn* conn = connection_.native();
  const std::string doing = fmt::format("reading slot {}", slot_);
  if (PQstatus(conn) == CONNECTION_BAD) return error_from(conn, nullptr, doing);
  for (pg_result* raw = PQgetResult(conn); raw != nullptr; raw = PQgetResult(conn)) {
    const query_result answer{raw};
    const auto outcome = PQresultStatus(raw);
    if (outcome == PGRES_FATAL_ERROR) return with_cure(error_from(conn, raw, doing), slot_);
    if (outcome == PGRES_COPY_IN || outcome == PGRES_COPY_BOTH) break; // would come for ever
  }
  return error{errc::connection_lost,
               fmt::format("{}: {}: the server ended the stream; it is shutting down", connection_.address(), doing)};
}

status replication_stream::send_feedback(lsn received, lsn flushed, bool request_reply) {
  std::array<char, 1 + 4 * 8 + 1> message{};
  message[0] = 'r';
  char* at = put_int64(message.data() + 1, received.value);
  at = put_int64(at, flushed.value);
  at = put_int64(at, flushed.value); // applied
  at = put_int64(at, server_time_us());
  *at = request_reply ? 1 : 0;
  pg_conn* conn = connection_.native();
  // 0 is a full send queue: this update may be left out, since a later one says more.
  if (PQputCopyData(conn, message.data(), static_cast<int>(message.size())) < 0 || PQflush(conn) < 0)
    return error_from(conn, nullptr, fmt::format("confirming slot {}", slot_));
  return {};
}

void replication_stream::stop(std::chrono::milliseconds wait) noexcept {
  pg_conn* conn = connection_.native();
  if (conn == nullptr || PQputCopyEnd(conn, nullptr) != 1) return;
  const auto deadline = clock::now() + wait;
  for (;;) {
    const int unsent = PQflush(conn);
    if (unsent < 0) return;
    for (;;) { // rows on their way when the server learns of the end
      char* payload = nullptr;
      const int length = PQgetCopyData(conn, &payload, 1);
      if (length < 0) return;
      if (length == 0) break;
      PQfreemem(payload);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
    if (left <= 0) return;
    const auto events = static_cast<short>(POLLIN | (unsent > 0 ? POLLOUT : 0));
    pollfd waited{PQsocket(conn), events, 0};
    if (::poll(&waited, 1, static_cast<int>(std::min<long>(left, 60'000))) < 0 && errno != EINTR) return;
    if (PQconsumeInput(conn) == 0) return;
  }
}

int replication_stream::socket() const noexcept { return connection_.socket(); }

} // namespace weir::postgres
