#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

#include "tests/property/postgres_source_server.hpp"
#include "tests/support/catch.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;
using postgres::connection;
using postgres::parameter;

TEST_CASE("a session speaks canonical text, whatever its defaults are", "[postgres]") {
  auto& server = source_server::shared();
  const auto database = server.fresh_database();
  succeeds(server.connect().execute(
      "ALTER DATABASE " + database + " SET datestyle = 'German'; ALTER DATABASE " + database +
      " SET timezone = 'Asia/Tokyo'; ALTER DATABASE " + database + " SET extra_float_digits = 0; ALTER DATABASE " +
      database + " SET intervalstyle = 'iso_8601'; ALTER DATABASE " + database + " SET client_encoding = 'LATIN1'"));
  for (const bool replication : {false, true}) {
    auto c = replication ? server.replicate(database) : server.connect(database);
    const auto row = gained(c.query("SELECT timestamptz '2026-01-02 03:04:05+00', float8 '0.1' + float8 '0.2', "
                                    "interval '1 day', current_setting('client_encoding'), "
                                    "current_setting('search_path'), current_setting('tcp_keepalives_idle')"));
    CHECK(row.at(0, 0) == "2026-01-02 03:04:05+00");
    CHECK(row.at(0, 1) == "0.30000000000000004");
    CHECK(row.at(0, 2) == "1 day");
    CHECK(row.at(0, 3) == "UTF8");
    CHECK(row.at(0, 4) == "pg_catalog");
  }
}

TEST_CASE("what the connection string says stays", "[postgres]") {
  auto& server = source_server::shared();
  auto c = gained(connection::open(server.conninfo() + " application_name=mine options='-c work_mem=7MB'", {}));
  const auto row = gained(c.query("SELECT current_setting('application_name'), current_setting('work_mem')"));
  CHECK(row.at(0, 0) == "mine");
  CHECK(row.at(0, 1) == "7MB");
  CHECK(gained(server.connect().query("SHOW application_name")).at(0, 0) == "weir");
}

TEST_CASE("statements and their results", "[postgres]") {
  auto c = source_server::shared().connect();
  SECTION("parameters, null among them") {
    const std::vector<parameter> parameters{"a'b", std::nullopt};
    const auto row = gained(c.query("SELECT $1::text, $2::text", parameters));
    CHECK(row.at(0, 0) == "a'b");
    CHECK(row.is_null(0, 1));
    CHECK(row.columns() == 2);
  }
  SECTION("several statements: the last one's rows") {
    const auto rows = gained(c.query("CREATE TEMP TABLE t(a int); INSERT INTO t VALUES (1), (2); SELECT a FROM t"));
    CHECK(rows.rows() == 2);
    CHECK(gained(c.query("DELETE FROM t WHERE a = 1")).affected() == 1);
  }
  SECTION("quoting") {
    const auto row = gained(c.query("SELECT " + c.literal("a'b\\c") + " AS " + c.identifier("we\"ird")));
    CHECK(row.at(0, 0) == "a'b\\c");
    CHECK(c.qualified("a", "B") == "\"a\".\"B\"");
  }
  SECTION("errors name the place, the statement and the cause") {
    const auto e = failure_of(c.query("SELECT\n  1/0"));
    CHECK(e.code == errc::division_by_zero);
    CHECK_THAT(e.message,
               WEIR_CONTAINS(c.address()) && WEIR_CONTAINS("SELECT 1/0") && WEIR_CONTAINS("division by zero"));
    CHECK(failure_of(c.query("SELECT 'x'::int")).code == errc::invalid_text_representation);
    CHECK(failure_of(c.query("SELECT 1e400::float8")).code == errc::numeric_value_out_of_range);
    CHECK(failure_of(c.query("SELECT * FROM nowhere")).code == errc::sql_failed);
    succeeds(c.execute("SET statement_timeout = '20ms'"));
    CHECK(failure_of(c.query("SELECT pg_sleep(10)")).code == errc::timeout);
  }
  SECTION("a terminated session is a lost connection, now and later") {
    auto other = source_server::shared().connect();
    const auto pid = gained(c.query("SELECT pg_backend_pid()"));
    succeeds(other.execute("SELECT pg_terminate_backend(" + std::string{pid.at(0, 0)} + ", 5000)"));
    CHECK(failure_of(c.query("SELECT 1")).code == errc::connection_lost);
    CHECK(failure_of(c.query("SELECT 1")).code == errc::connection_lost);
  }
}

TEST_CASE("a server that takes the connection and says nothing is given up", "[postgres]") {
  const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listening, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listening, 1) == 0);
  REQUIRE(::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const auto e = failure_of(connection::open(
      "host=127.0.0.1 connect_timeout=1 port=" + std::to_string(ntohs(address.sin_port)), {.connect_timeout = 1h}));
  ::close(listening);
  CHECK(e.code == errc::connection_failed);
  CHECK_THAT(e.message, WEIR_CONTAINS("connect_timeout"));
}

TEST_CASE("a failed connect says why and what to do, and nothing secret", "[postgres]") {
  source_server server{{"max_connections = 5", "superuser_reserved_connections = 1", "max_wal_senders = 2"},
                       "host all weir 127.0.0.1/32 scram-sha-256\nhost all nobody 127.0.0.1/32 trust\n"
                       "host all postgres 127.0.0.1/32 trust\n"};
  const auto open = [&](const std::string& conninfo, bool replication = false) {
    auto opened = connection::open(conninfo, {.replication = replication, .connect_timeout = std::chrono::seconds{5}});
    auto e = failure_of(opened);
    CHECK((e.message + e.hint).find("hunter2") == std::string::npos);
    return e;
  };
  SECTION("wrong password") {
    const auto e = open(server.conninfo("weir") + " password=hunter2");
    CHECK(e.code == errc::authentication_failed);
    CHECK_THAT(e.message, WEIR_CONTAINS("cannot connect to 127.0.0.1:") && WEIR_CONTAINS("password"));
    CHECK_THAT(e.hint, WEIR_CONTAINS("pg_hba.conf"));
    CHECK(connection::open(server.conninfo("weir") + " password=right", {}));
  }
  SECTION("no password") { CHECK(open(server.conninfo("weir")).code == errc::authentication_failed); }
  SECTION("not in pg_hba.conf") { CHECK(open(server.conninfo("stranger")).code == errc::authentication_failed); }
  SECTION("no such role") {
    const auto e = open(server.conninfo("nobody"));
    CHECK(e.code == errc::sql_failed);
    CHECK_THAT(e.hint, WEIR_CONTAINS("CREATE ROLE"));
  }
  SECTION("no such database") {
    const auto e = open(server.conninfo("postgres", "nix"));
    CHECK(e.code == errc::sql_failed);
    CHECK_THAT(e.message, WEIR_CONTAINS("database \"nix\" does not exist"));
  }
  SECTION("a role that may not replicate") {
    succeeds(server.connect().execute("CREATE ROLE nobody LOGIN"));
    const auto e = open(server.conninfo("nobody"), true);
    CHECK(e.code == errc::permission_denied);
    CHECK_THAT(e.hint, WEIR_CONTAINS("ALTER ROLE") && WEIR_CONTAINS("REPLICATION"));
  }
  SECTION("too many connections are a passing trouble") {
    std::vector<connection> held;
    held.reserve(8);
    error last;
    for (int i = 0; i < 8; ++i) {
      auto c = connection::open(server.conninfo(), {});
      if (c)
        held.push_back(*std::move(c));
      else
        last = c.error();
    }
    CHECK(last.code == errc::connection_failed);
    CHECK_THAT(last.hint, WEIR_CONTAINS("max_connections"));
  }
  SECTION("nobody there") {
    server.stop("immediate");
    const auto e = open(server.conninfo() + " password=hunter2");
    CHECK(e.code == errc::connection_failed);
    CHECK_THAT(e.message, WEIR_CONTAINS("Connection refused"));
  }
}
