#include <poll.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "runtime/postgres/node_admin.hpp"
#include "runtime/postgres/position_query.hpp"
#include "runtime/postgres/prepared_transactions.hpp"
#include "runtime/postgres/replication_stream.hpp"
#include "runtime/postgres/timeline.hpp"
#include "tests/property/postgres_source_server.hpp"
#include "tests/support/catch.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using postgres::connection;

namespace {

lsn ask(postgres::position_query& query, connection& sql) {
  succeeds(query.ask(sql));
  for (;;) {
    const auto answer = gained(query.answer(sql));
    if (answer) return *answer;
    pollfd waited{sql.socket(), POLLIN, 0};
    REQUIRE(::poll(&waited, 1, 20'000) == 1);
  }
}

/// First bytes of the messages that the stream brings, until it has been silent for so long.
std::string tags_of(postgres::replication_stream& stream, std::chrono::milliseconds silence) {
  std::string tags;
  std::vector<std::byte> bytes;
  for (pollfd waited{stream.socket(), POLLIN, 0}; ::poll(&waited, 1, static_cast<int>(silence.count())) == 1;) {
    bytes.clear();
    gained(stream.read(bytes, 1 << 16));
    for (std::size_t at = 0; at < bytes.size();) {
      std::uint32_t length = 0;
      std::memcpy(&length, bytes.data() + at, sizeof length);
      const auto* frame = reinterpret_cast<const char*>(bytes.data() + at + sizeof length);
      if (frame[0] == 'w') tags += frame[25];
      at += sizeof length + length;
    }
  }
  return tags;
}

/// A slot that is being made waits for what was running; returns when it does.
void until_waiting(connection& sql, const std::string& slot) {
  const std::vector<postgres::parameter> name{slot};
  for (;;) {
    const auto row = gained(sql.query("SELECT 1 FROM pg_replication_slots s JOIN pg_locks l ON l.pid = s.active_pid "
                                      "WHERE s.slot_name = $1 AND NOT l.granted",
                                      name));
    if (row.rows() == 1) return;
    std::this_thread::sleep_for(5ms);
  }
}

} // namespace

TEST_CASE("a server that was promoted knows where it left its timelines", "[postgres]") {
  source_server server;
  auto replication = server.replicate();
  CHECK(gained(postgres::identify(replication)).timeline == 1);
  CHECK(gained(postgres::timeline_history(replication, 1)).empty());
  lsn end;
  for (std::int32_t timeline = 1; timeline <= 2; ++timeline) {
    auto sql = server.connect();
    succeeds(sql.execute("CREATE TABLE public.t" + std::to_string(timeline) + "()"));
    end = gained(postgres::flushed_position(sql));
    server.become_standby();
    succeeds(server.connect().execute("SELECT pg_promote()"));
    replication = server.replicate();
    const auto identity = gained(postgres::identify(replication));
    CHECK(identity.timeline == timeline + 1);
    const auto history = gained(postgres::timeline_history(replication, identity.timeline));
    REQUIRE(history.size() == static_cast<std::size_t>(timeline));
    CHECK(history.back().timeline == timeline);
    CHECK(history.back().end >= end);
    CHECK(history.back().end <= identity.flushed);
  }
}

TEST_CASE("the text of a timeline history is read, or refused") {
  const auto history = gained(postgres::parse_timeline_history(
      "1\t0/3000158\tno recovery target specified\n\n# a comment\n4\t16/B374D848\t\n"));
  REQUIRE(history.size() == 2);
  CHECK(history[0].timeline == 1);
  CHECK(history[0].end == lsn{0x3000158});
  CHECK(history[1].timeline == 4);
  CHECK(to_string(history[1].end) == "16/B374D848");
  for (const char* bad : {"1", "x\t0/1\t", "1 0/1", "1\tnix\t"})
    CHECK(failure_of(postgres::parse_timeline_history(bad)).code == errc::invalid_value);
}

TEST_CASE("the end of the WAL is asked for without waiting", "[postgres]") {
  auto& server = source_server::shared();
  auto sql = server.connect(server.fresh_database());
  postgres::position_query query;
  const auto first = ask(query, sql);
  succeeds(sql.execute("CREATE TABLE public.t()"));
  CHECK(ask(query, sql) > first);
  CHECK_FALSE(query.asked());
  const std::vector<postgres::parameter> pid{std::string(gained(sql.query("SELECT pg_backend_pid()")).at(0, 0))};
  succeeds(server.connect().execute("SELECT pg_terminate_backend($1::int, 20000)", pid));
  succeeds(query.ask(sql));
  CHECK(failure_of(query.answer(sql)).code == errc::connection_lost);
  CHECK_FALSE(query.asked());
}

TEST_CASE("what is prepared while a slot is made comes with its decision, not before", "[postgres]") {
  auto& server = source_server::shared();
  const auto database = server.fresh_database();
  auto sql = server.connect(database);
  const std::string slot = "made_" + database;
  succeeds(sql.execute("CREATE TABLE public.t(id int)"));
  succeeds(sql.execute("CREATE PUBLICATION weir_p FOR TABLE public.t"));
  CHECK(gained(postgres::prepared_transactions(sql)).empty());

  auto first = server.connect(database);
  auto second = server.connect(database);
  auto third = server.connect(database);
  succeeds(first.execute("BEGIN; INSERT INTO public.t VALUES (1)"));
  postgres::created_slot made;
  std::thread maker([&] {
    auto replication = server.replicate(database);
    auto other = server.connect(database);
    made = gained(postgres::create_slot(replication, other, {"w1", ""}, slot, 60s));
  });
  // The slot waits for those that ran when it was asked for; then for those that ran at that moment. What begins only
  // now may be prepared by the time it is made.
  until_waiting(sql, slot);
  succeeds(second.execute("BEGIN; INSERT INTO public.t VALUES (2)"));
  succeeds(first.execute("COMMIT"));
  std::this_thread::sleep_for(500ms);
  until_waiting(sql, slot);
  succeeds(third.execute("BEGIN; INSERT INTO public.t VALUES (3); PREPARE TRANSACTION 'early'"));
  succeeds(second.execute("COMMIT"));
  maker.join();

  const auto prepared = gained(postgres::prepared_transactions(sql));
  CHECK(prepared.size() == 1);
  auto stream =
      gained(postgres::replication_stream::start(server.replicate(database), {slot, "weir_p", made.consistent_point}));
  CHECK(tags_of(stream, 1s) == "");
  succeeds(sql.execute("COMMIT PREPARED 'early'"));
  CHECK(tags_of(stream, 1s) == "bRIPK");
  CHECK(gained(postgres::prepared_transactions(sql)).empty());
  stream.stop(1s);
  succeeds(postgres::drop_slot(sql, slot));
}
