#include "runtime/postgres/server_error.hpp"

#include "tests/support/catch.hpp"

using weir::errc;
using namespace weir::postgres;

TEST_CASE("a SQLSTATE has its name in weir", "[postgres]") {
  const auto code = [](const char* state, const char* message = "", const char* function = "") {
    return classify({state, message, function});
  };
  CHECK(code("") == errc::connection_lost);
  CHECK(code("57P01", "terminating connection due to administrator command") == errc::connection_lost);
  CHECK(code("08006") == errc::connection_lost);
  CHECK(code("57P03", "the database system is starting up") == errc::server_starting);
  CHECK(code("53300", "sorry, too many clients already") == errc::connection_failed);
  CHECK(code("28P01") == errc::authentication_failed);
  CHECK(code("28000") == errc::authentication_failed);
  CHECK(code("42501") == errc::permission_denied);
  CHECK(code("40001") == errc::serialization_conflict);
  CHECK(code("40P01") == errc::serialization_conflict);
  CHECK(code("55P03") == errc::timeout);
  CHECK(code("57014") == errc::timeout);
  CHECK(code("22012") == errc::division_by_zero);
  CHECK(code("22003") == errc::numeric_value_out_of_range);
  CHECK(code("22P02") == errc::invalid_text_representation);
  CHECK(code("42601") == errc::sql_failed);
  CHECK(code("XX000") == errc::sql_failed);
  CHECK(code("XX000", "could not find valid entry for shard 102080") == errc::serialization_conflict);
}

TEST_CASE("what slots die of is told apart", "[postgres]") {
  CHECK(classify({"55006", "replication slot \"weir_a\" is active for PID 7"}) == errc::slot_in_use);
  CHECK(classify({"53400", "all replication slots are in use"}) == errc::no_free_slot);
  CHECK(classify({"53400", "temporary file size exceeds temp_file_limit"}) == errc::sql_failed);
  CHECK(classify({"42704", "replication slot \"weir_a\" does not exist"}) == errc::slot_missing);
  CHECK(classify({"42704", "publication \"weir_a\" does not exist", "get_publication_oid"}) == errc::sql_failed);
  CHECK(classify({"58P01", "requested WAL segment 000000010000000000000001 has already been removed"}) ==
        errc::slot_invalidated);
  CHECK(classify({"58P01", "could not access file \"pgoutput\""}) == errc::sql_failed);
  for (const char* text :
       {"cannot read from logical replication slot \"a\"", "can no longer get changes from replication slot \"a\"",
        "can no longer access replication slot \"a\""})
    CHECK(classify({"55000", text}) == errc::slot_invalidated);
  CHECK(classify({"55000", "logical decoding requires wal_level >= logical"}) == errc::wal_level);
  CHECK(classify({"55000", "replication slot \"a\" was not created in this database"}) == errc::sql_failed);
}

TEST_CASE("a server that speaks another language is understood by its routines", "[postgres]") {
  CHECK(classify({"42704", "Replikations-Slot »a« existiert nicht", "ReplicationSlotAcquire"}) == errc::slot_missing);
  CHECK(classify({"53400", "alle Plätze sind belegt", "ReplicationSlotCreate"}) == errc::no_free_slot);
  CHECK(classify({"55000", "…", "CheckLogicalDecodingRequirements"}) == errc::wal_level);
}

TEST_CASE("the text of a failed connect is taken apart", "[postgres]") {
  SECTION("a refusal by the server") {
    const auto words = parse_connect_failure("connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: "
                                             "password authentication failed for user \"a\"\n"
                                             "LOCATION:  auth_failed, auth.c:332\n");
    CHECK(words.sqlstate == "28P01");
    CHECK(words.message == "FATAL:  password authentication failed for user \"a\"");
  }
  SECTION("nobody there") {
    const auto words =
        parse_connect_failure("connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n"
                              "\tIs the server running on that host and accepting TCP/IP connections?\n");
    CHECK(words.sqlstate.empty());
    CHECK(words.message == "Connection refused; Is the server running on that host and accepting TCP/IP connections?");
    CHECK(classify_connect(words) == errc::connection_failed);
  }
  SECTION("several hosts: the last refusal counts") {
    const auto words =
        parse_connect_failure("connection to server at \"a\", port 1 failed: Connection refused\n"
                              "connection to server at \"b\", port 2 failed: FATAL:  57P03: the database "
                              "system is starting up\nLOCATION:  ProcessStartupPacket, postmaster.c:2351\n");
    CHECK(classify_connect(words) == errc::server_starting);
    CHECK(words.message == "Connection refused; FATAL:  the database system is starting up");
  }
  SECTION("text that only looks like a SQLSTATE") {
    const auto words = parse_connect_failure("could not translate host name \"a:  b\" to address: Name unknown");
    CHECK(words.sqlstate.empty());
    CHECK(words.message == "could not translate host name \"a:  b\" to address: Name unknown");
  }
  SECTION("nothing") { CHECK(parse_connect_failure("").message.empty()); }
}

TEST_CASE("a role that is not there needs another cure than a wrong password", "[postgres]") {
  CHECK(classify_connect({"28000", "FATAL:  role \"a\" does not exist"}) == errc::sql_failed);
  CHECK(classify_connect({"3D000", "FATAL:  database \"a\" does not exist"}) == errc::sql_failed);
  CHECK(classify_connect({"28000", "FATAL:  no pg_hba.conf entry for host"}) == errc::authentication_failed);
  CHECK(classify_connect({"57P01", "FATAL:  terminating connection"}) == errc::connection_failed);
}
