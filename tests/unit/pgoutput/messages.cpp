#include "runtime/pgoutput/message.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/message_text.hpp"
#include "tests/support/wire_builder.hpp"

namespace weir {
namespace {

/// The bytes of a string literal, as PostgreSQL would put them on the wire. `size - 1`: without C++'s own zero.
template <std::size_t size>
test::bytes wire(const char (&text)[size]) {
  const auto* from = reinterpret_cast<const std::byte*>(text);
  return {from, from + size - 1};
}

std::string decoded(const test::bytes& payload) {
  const auto m = pgoutput::decode(payload);
  return m ? test::to_text(*m) : std::string(to_string(m.error().code)) + ": " + m.error().message;
}

/// A decoder that reads too far or too little is found by the lengths just beside the right one.
void check_exact_size(test::bytes payload) {
  auto shorter = payload;
  for (std::size_t size = 0; size < payload.size(); ++size) {
    shorter.assign(payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size));
    const auto m = pgoutput::decode(shorter);
    REQUIRE_FALSE(m);
    CHECK(m.error().code == errc::truncated);
  }
  payload.push_back(std::byte{0});
  const auto m = pgoutput::decode(payload);
  REQUIRE_FALSE(m);
  CHECK(m.error().code == errc::trailing_bytes);
}

void check(const test::bytes& payload, const std::string& expected) {
  CHECK(decoded(payload) == expected);
  check_exact_size(payload);
}

} // namespace

TEST_CASE("pgoutput: Begin and Commit") {
  check(wire("B\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0\x05\0\0\x03\xe8"), "begin final=1/2 time=5 xid=1000");
  check(wire("C\0\0\0\0\0\0\0\0\x0a\0\0\0\0\0\0\0\x0b\xff\xff\xff\xff\xff\xff\xff\xff"),
        "commit at=0/A end=0/B time=-1");
  CHECK(decoded(wire("C\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")) ==
        "invalid_value: pgoutput: flags of Commit 0x01 is not known");
}

TEST_CASE("pgoutput: Origin and Type") {
  check(wire("O\0\0\0\0\0\0\0\x10node_b\0"), "origin 'node_b' at=0/10");
  check(wire("Y\0\0\x40\0public\0mood\0"), "type 16384 public.mood");
  check(wire("Y\0\0\0\x19\0text\0"), "type 25 pg_catalog.text");
}

TEST_CASE("pgoutput: Relation") {
  check(wire("R\0\0\x40\x05public\0orders\0d\0\x02"
             "\x01id\0\0\0\0\x14\xff\xff\xff\xff"
             "\0amount\0\0\0\x06\xa4\0\x0c\0\x06"),
        "relation 16389 public.orders identity=d *id:20/-1 amount:1700/786438");
  check(wire("R\0\0\0\x01\0t\0n\0\0"), "relation 1 pg_catalog.t identity=n");
  CHECK(decoded(wire("R\0\0\0\x01\0t\0n\0\x01\x02x\0\0\0\0\0\0\0\0\0")) ==
        "invalid_value: pgoutput: flags of a Relation's column 0x02 is not known");
}

TEST_CASE("pgoutput: Insert, Update, Delete") {
  check(wire("I\0\0\0\x09N\0\x04t\0\0\0\x02"
             "ab"
             "nub\0\0\0\x01x"),
        "insert 9 new ('ab', null, unchanged, 1 binary bytes)");
  check(wire("I\0\0\0\x09N\0\0"), "insert 9 new ()");
  check(wire("U\0\0\0\x09N\0\x01t\0\0\0\0"), "update 9 new ('')");
  check(wire("U\0\0\0\x09K\0\x01t\0\0\0\x01"
             "1N\0\x01t\0\0\0\x01"
             "2"),
        "update 9 old key ('1') new ('2')");
  check(wire("U\0\0\0\x09O\0\x01nN\0\x01u"), "update 9 old (null) new (unchanged)");
  check(wire("D\0\0\0\x09K\0\x01t\0\0\0\x01"
             "1"),
        "delete 9 old key ('1')");
  check(wire("D\0\0\0\x09O\0\x02nn"), "delete 9 old (null, null)");
}

TEST_CASE("pgoutput: rows with the wrong parts") {
  CHECK(decoded(wire("I\0\0\0\x09O\0\0")) == "invalid_value: pgoutput: tuple tag 'O' is not known");
  CHECK(decoded(wire("U\0\0\0\x09K\0\0K\0\0")) == "invalid_value: pgoutput: tuple tag 'K' is not known");
  CHECK(decoded(wire("D\0\0\0\x09N\0\0")) == "invalid_value: pgoutput: tuple tag of Delete 'N' is not known");
  CHECK(decoded(wire("I\0\0\0\x09N\0\x01x")) == "invalid_value: pgoutput: column kind 'x' is not known");
  CHECK(decoded(wire("I\0\0\0\x09N\0\x01t\xff\xff\xff\xff"
                     "a")) == "truncated: pgoutput: Insert of 14 bytes ends inside a field");
}

TEST_CASE("pgoutput: a row decoder that is used again forgets the row before") {
  pgoutput::row_change row;
  const auto full = wire("U\0\0\0\x09O\0\x02nnN\0\x02nn");
  const auto alone = wire("U\0\0\0\x08N\0\x01t\0\0\0\x01z");
  const auto removal = wire("D\0\0\0\x07K\0\x01n");
  REQUIRE(pgoutput::decode_row(full, row));
  REQUIRE(pgoutput::decode_row(alone, row));
  CHECK(test::to_text(row) == "update 8 new ('z')");
  CHECK(row.old_values.empty());
  REQUIRE(pgoutput::decode_row(removal, row));
  CHECK(test::to_text(row) == "delete 7 old key (null)");
  CHECK(row.new_values.empty());
}

TEST_CASE("pgoutput: Truncate") {
  check(wire("T\0\0\0\x02\x03\0\0\0\x01\0\0\0\x02"), "truncate cascade restart identity 1 2");
  check(wire("T\0\0\0\x01\0\0\0\0\x05"), "truncate 5");
  CHECK(decoded(wire("T\xff\xff\xff\xff\0")) == "truncated: pgoutput: Truncate of 6 bytes ends inside a field");
  CHECK(decoded(wire("T\0\0\0\0\x04")) == "invalid_value: pgoutput: flags of Truncate 0x04 is not known");
}

TEST_CASE("pgoutput: Message") {
  check(wire("M\x01\0\0\0\0\0\0\0\x10weir\0\0\0\0\x04tick"), "message transactional at=0/10 'weir' 'tick'");
  check(wire("M\0\0\0\0\0\0\0\0\x10\0\0\0\0\0"), "message at=0/10 '' ''");
}

TEST_CASE("pgoutput: prepared transactions") {
  check(wire("b\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x03\0\0\0\x04gid\0"),
        "begin prepare at=0/1 end=0/2 time=3 xid=4 'gid'");
  check(wire("P\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x03\0\0\0\x04gid\0"),
        "prepare at=0/1 end=0/2 time=3 xid=4 'gid'");
  check(wire("K\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x03\0\0\0\x04gid\0"),
        "commit prepared at=0/1 end=0/2 time=3 xid=4 'gid'");
  check(wire("r\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\x04\0\0\0\x05gid\0"),
        "rollback prepared end of prepare=0/1 end=0/2 times=3 4 xid=5 'gid'");
}

TEST_CASE("pgoutput: messages of streaming are refused by name") {
  const auto refused = [](char tag, const std::string& name) {
    const auto m = pgoutput::decode(test::wire_writer().tag(tag).u32(1).take());
    REQUIRE_FALSE(m);
    CHECK(m.error().code == errc::unsupported);
    CHECK_THAT(m.error().message, WEIR_CONTAINS(name));
    CHECK_THAT(m.error().hint, WEIR_CONTAINS("streaming"));
  };
  refused('S', "Stream Start");
  refused('E', "Stream Stop");
  refused('c', "Stream Commit");
  refused('A', "Stream Abort");
  refused('p', "Stream Prepare");
}

TEST_CASE("pgoutput: what is no message") {
  CHECK(decoded({}) == "truncated: pgoutput: message of 0 bytes ends inside a field");
  CHECK(decoded(wire("z")) == "unknown_tag: pgoutput: message tag 'z' is not known");
  CHECK(decoded(wire("\xff")) == "unknown_tag: pgoutput: message tag 0xff is not known");
  pgoutput::row_change row;
  const auto outcome = pgoutput::decode_row(wire("B\0\0\0\x01N"), row);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == errc::unknown_tag);
}

} // namespace weir
