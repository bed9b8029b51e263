#include "runtime/postgres/read_pacer.hpp"

#include "tests/support/catch.hpp"

using weir::postgres::read_pacer;
using namespace std::chrono_literals;

namespace {
const read_pacer::time_point start{std::chrono::hours{1}};
}

TEST_CASE("single commits are handed over at once") {
  read_pacer pacer;
  for (int i = 0; i < 1000; ++i) {
    const auto now = start + i * 1ms;
    CHECK_FALSE(pacer.reads_on(300, now, now));
  }
}

TEST_CASE("under heavy traffic the reader reads on, also when a single read brings little") {
  read_pacer pacer;
  auto now = start;
  for (int i = 0; i < 200; ++i) pacer.reads_on(100, now, now += 20us);
  CHECK(pacer.reads_on(100, now, now));
}

TEST_CASE("nothing is held back for longer than the linger") {
  read_pacer pacer;
  CHECK(pacer.reads_on(100'000, start, start));
  CHECK_FALSE(pacer.reads_on(100'000, start, start + read_pacer::linger));
}

TEST_CASE("a burst that is over does not count") {
  read_pacer pacer;
  pacer.reads_on(100'000, start, start);
  const auto later = start + 1s;
  CHECK_FALSE(pacer.reads_on(100, later, later));
}
