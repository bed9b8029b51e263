#include <poll.h>

#include <chrono>
#include <cstring>
#include <optional>
#include <thread>

#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/replication_stream.hpp"
#include "tests/property/postgres_source_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using postgres::connection;
using postgres::replication_stream;

namespace {

/// A table, its publication and a slot, in a database of their own.
struct streamed_table {
  source_server& server;
  std::string database = server.fresh_database();
  connection sql = server.connect(database);
  std::string slot = "s_" + database;

  explicit streamed_table(source_server& where) : server(where) {
    succeeds(sql.execute("CREATE TABLE public.t(id int PRIMARY KEY, note text)"));
    succeeds(sql.execute("CREATE PUBLICATION weir_p FOR TABLE public.t"));
    succeeds(sql.execute("SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput', false, true)"));
  }
  ~streamed_table() {
    auto again = connection::open(server.conninfo("postgres", database), {});
    if (again) (void)postgres::drop_slot(*again, slot);
  }

  result<replication_stream> open(lsn from = {}, const std::string& publication = "weir_p") {
    return replication_stream::start(server.replicate(database), {slot, publication, from});
  }
};

/// The payloads in what read() gave.
std::vector<std::string> frames_of(const std::vector<std::byte>& bytes) {
  std::vector<std::string> frames;
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint32_t length = 0;
    REQUIRE(at + sizeof length <= bytes.size());
    std::memcpy(&length, bytes.data() + at, sizeof length);
    at += sizeof length;
    REQUIRE(at + length <= bytes.size());
    frames.emplace_back(reinterpret_cast<const char*>(bytes.data() + at), length);
    at += length;
  }
  return frames;
}

lsn end_of_commit(const std::string& frame) {
  // 'w', start, end, clock; 'C', flags, commit LSN, end LSN
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i)
    value = value << 8 | static_cast<unsigned char>(frame[25 + 1 + 1 + 8 + static_cast<std::size_t>(i)]);
  return lsn{value};
}

/// What a stream brings until `commits` transactions have ended, or until it ends itself.
struct reading {
  std::vector<std::string> messages; ///< pgoutput's, without keepalives and XLogData headers
  int commits = 0;
  lsn last_end;
  std::optional<error> failure;
};

reading read_until(replication_stream& stream, int commits, std::size_t max_bytes = 1 << 16) {
  reading r;
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (r.commits < commits && std::chrono::steady_clock::now() < until) {
    std::vector<std::byte> bytes;
    const auto outcome = stream.read(bytes, max_bytes);
    const auto frames = frames_of(bytes);
    for (const auto& frame : frames) {
      if (frame[0] != 'w') continue;
      r.messages.push_back(frame.substr(25));
      if (frame[25] != 'C') continue;
      ++r.commits;
      r.last_end = end_of_commit(frame);
    }
    if (!outcome) {
      r.failure = outcome.error();
      return r;
    }
    REQUIRE(outcome->frames == frames.size());
    pollfd waited{stream.socket(), POLLIN, 0};
    if (outcome->drained) ::poll(&waited, 1, 100);
  }
  return r;
}

int inserts(const reading& r) {
  int n = 0;
  for (const auto& m : r.messages) n += m[0] == 'I' ? 1 : 0;
  return n;
}

/// The error that ends a stream on which nothing more is expected.
error end_of(replication_stream& stream) {
  const auto r = read_until(stream, 1'000'000);
  REQUIRE(r.failure);
  return *r.failure;
}

} // namespace

TEST_CASE("a stream brings whole frames, and goes on from where it was confirmed", "[postgres]") {
  streamed_table t{source_server::shared()};
  succeeds(t.sql.execute("INSERT INTO public.t SELECT i, repeat('x', i % 50) FROM generate_series(1, 20000) i"));
  lsn end;
  {
    auto stream = gained(t.open());
    const auto r = read_until(stream, 1);
    CHECK_FALSE(r.failure);
    CHECK(inserts(r) == 20000);
    end = r.last_end;
    succeeds(stream.send_feedback(end, end, false));
    CHECK(eventually(10s, [&] {
      std::vector<std::byte> bytes; // sends what is still queued
      return stream.read(bytes, 1 << 16) && gained(postgres::find_slot(t.sql, t.slot))->confirmed == end;
    }));
    stream.stop(5s);
  }
  succeeds(t.sql.execute("INSERT INTO public.t VALUES (-1, 'after')"));
  CHECK(eventually(10s, [&] { return !gained(postgres::find_slot(t.sql, t.slot))->active; }));
  auto stream = gained(t.open(end));
  const auto r = read_until(stream, 1);
  CHECK(inserts(r) == 1);
  CHECK(r.last_end > end);
}

TEST_CASE("read() keeps to max_bytes, and a row may be larger than any buffer", "[postgres]") {
  streamed_table t{source_server::shared()};
  succeeds(t.sql.execute("INSERT INTO public.t SELECT i, repeat(chr(64 + i), 3000000) FROM generate_series(1, 3) i; "
                         "INSERT INTO public.t SELECT i, 'small' FROM generate_series(10, 2009) i"));
  auto stream = gained(t.open());
  int small_frames = 0;
  bool overfull = false;
  int commits = 0;
  std::size_t largest = 0;
  while (commits < 1) {
    std::vector<std::byte> bytes;
    const auto outcome = gained(stream.read(bytes, 1000));
    const auto frames = frames_of(bytes);
    for (const auto& f : frames) {
      largest = std::max(largest, f.size());
      small_frames += f[0] == 'w' && f[25] == 'I' && f.size() < 200 ? 1 : 0;
      commits += f[0] == 'w' && f[25] == 'C' ? 1 : 0;
    }
    if (!frames.empty()) overfull = overfull || bytes.size() - frames.back().size() - 4 >= 1000;
    pollfd waited{stream.socket(), POLLIN, 0};
    if (outcome.drained) ::poll(&waited, 1, 100);
  }
  CHECK(small_frames == 2000);
  CHECK(largest > 3'000'000);
  CHECK_FALSE(overfull);
}

TEST_CASE("nothing waits unseen inside TLS", "[postgres]") {
  source_server server{{"ssl = on"}};
  streamed_table t{server};
  REQUIRE(gained(t.sql.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).at(0, 0) == "t");
  succeeds(t.sql.execute("INSERT INTO public.t SELECT i, repeat('x', i % 5000) FROM generate_series(1, 20000) i; "
                         "INSERT INTO public.t SELECT -i, repeat(chr(64 + i), 3000000) FROM generate_series(1, 3) i"));
  auto stream = gained(t.open());
  int rows = 0;
  bool ended = false;
  while (!ended) {
    std::vector<std::byte> bytes;
    const auto outcome = gained(stream.read(bytes, 1 << 16));
    for (const auto& f : frames_of(bytes)) {
      rows += f[0] == 'w' && f[25] == 'I' ? 1 : 0;
      ended = ended || (f[0] == 'w' && f[25] == 'C');
    }
    if (!outcome.drained || ended) continue;
    // The server has all of it to send: a wait that ends with nothing is one for bytes that are here already.
    pollfd waited{stream.socket(), POLLIN, 0};
    REQUIRE(::poll(&waited, 1, 20'000) == 1);
  }
  CHECK(rows == 20003);
}

TEST_CASE("prepared transactions come with their names, messages too", "[postgres]") {
  streamed_table t{source_server::shared()};
  succeeds(t.sql.execute("BEGIN; INSERT INTO public.t VALUES (1); PREPARE TRANSACTION 'citus_0_1_2_3'"));
  succeeds(t.sql.execute("COMMIT PREPARED 'citus_0_1_2_3'"));
  succeeds(postgres::heartbeat(t.sql, "orders"));
  auto stream = gained(t.open());
  const auto r = read_until(stream, 1);
  std::string tags;
  for (const auto& m : r.messages) tags += m[0];
  CHECK(tags == "bRIPKBMC");
  CHECK_THAT(r.messages[3], WEIR_CONTAINS("citus_0_1_2_3"));
  CHECK_THAT(r.messages[6], WEIR_CONTAINS("weir") && WEIR_CONTAINS("orders"));
}

TEST_CASE("a stream that cannot be opened says why", "[postgres]") {
  streamed_table t{source_server::shared()};
  SECTION("no such slot") {
    const auto e = failure_of(replication_stream::start(t.server.replicate(t.database), {"nix", "weir_p", lsn{}}));
    CHECK(e.code == errc::slot_missing);
    CHECK_THAT(e.message, WEIR_CONTAINS("nix"));
    CHECK_FALSE(e.hint.empty());
  }
  SECTION("read by someone else") {
    auto first = gained(t.open());
    const auto e = failure_of(t.open());
    CHECK(e.code == errc::slot_in_use);
    CHECK_THAT(e.message, WEIR_CONTAINS("PID"));
  }
  SECTION("of another database") {
    const auto e = failure_of(replication_stream::start(t.server.replicate(), {t.slot, "weir_p", lsn{}}));
    CHECK(e.code == errc::sql_failed);
  }
}

TEST_CASE("a publication that is not there ends the stream with its cure", "[postgres]") {
  streamed_table t{source_server::shared()};
  succeeds(t.sql.execute("INSERT INTO public.t VALUES (1)"));
  auto stream = gained(t.open({}, "nix\"'"));
  const auto e = end_of(stream);
  CHECK(e.code == errc::sql_failed);
  CHECK_THAT(e.message, WEIR_CONTAINS("publication \"nix\"'\" does not exist"));
  CHECK_THAT(e.hint, WEIR_CONTAINS("older than the slot"));
}

TEST_CASE("a terminated walsender is a lost connection", "[postgres]") {
  streamed_table t{source_server::shared()};
  auto stream = gained(t.open());
  succeeds(t.sql.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '" +
                         t.slot + "'"));
  CHECK(end_of(stream).code == errc::connection_lost);
}

TEST_CASE("a server that stops ends its streams", "[postgres]") {
  source_server server;
  streamed_table t{server};
  succeeds(t.sql.execute("INSERT INTO public.t VALUES (1)"));
  auto stream = gained(t.open());
  SECTION("fast") {
    // The walsender waits until all is confirmed.
    const auto r = read_until(stream, 1);
    succeeds(stream.send_feedback(lsn{~std::uint64_t{0} >> 1}, r.last_end, false));
    std::thread stopper{[&] { server.stop("fast"); }};
    const auto until = std::chrono::steady_clock::now() + 30s;
    std::optional<error> failure;
    while (!failure && std::chrono::steady_clock::now() < until) {
      std::vector<std::byte> bytes;
      const auto outcome = stream.read(bytes, 1 << 16);
      if (!outcome)
        failure = outcome.error();
      else if (!stream.send_feedback(lsn{~std::uint64_t{0} >> 1}, r.last_end, false))
        break;
      std::this_thread::sleep_for(10ms);
    }
    stopper.join();
    REQUIRE(failure);
    CHECK(failure->code == errc::connection_lost);
  }
  SECTION("immediate") {
    server.stop("immediate");
    CHECK(end_of(stream).code == errc::connection_lost);
  }
  server.start();
  t.sql = server.connect(t.database);
  auto again = gained(t.open());
  CHECK(inserts(read_until(again, 1)) == 1);
}

TEST_CASE("a slot that the server gave up is named so", "[postgres]") {
  source_server server{{"max_slot_wal_keep_size = 1MB", "min_wal_size = 32MB", "max_wal_size = 32MB"}};
  streamed_table t{server};
  for (int i = 0; i < 6; ++i)
    succeeds(t.sql.execute("SELECT pg_switch_wal(); CREATE TABLE public.x" + std::to_string(i) + "()"));
  succeeds(t.sql.execute("CHECKPOINT"));
  REQUIRE(gained(postgres::find_slot(t.sql, t.slot))->wal_status == "lost");
  const auto e = failure_of(t.open());
  CHECK(e.code == errc::slot_invalidated);
  CHECK_THAT(e.hint, WEIR_CONTAINS("max_slot_wal_keep_size"));
}
