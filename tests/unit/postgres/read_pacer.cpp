#include "runtime/postgres/read_pacer.hpp"

#include "tests/support/catch.hpp"

using std::chrono::microseconds;
using weir::postgres::read_pacer;

namespace {

constexpr microseconds none{0};

/// A pacer and the time it lives in.
struct reader {
  read_pacer pacer;
  read_pacer::time_point now{};

  microseconds read(std::size_t bytes, microseconds later, bool drained = true) {
    now += later;
    return pacer.after_read(bytes, drained, now);
  }
  void make_busy() {
    while (read(1000, microseconds{50}) == none) {
    }
  }
};

} // namespace

TEST_CASE("light traffic is never held up", "[postgres]") {
  reader r;
  for (int i = 0; i < 10'000; ++i) REQUIRE(r.read(300, microseconds{1000}) == none); // single-row commits at 1,000/s
  for (int i = 0; i < 1'000; ++i) REQUIRE(r.read(7'000, microseconds{3000}) == none);
}

TEST_CASE("a reader that is woken row by row naps", "[postgres]") {
  reader r;
  int rows = 0;
  while (r.read(67, microseconds{4}) == none) REQUIRE(++rows < 200);
  for (int i = 0; i < 100; ++i) REQUIRE(r.read(6'000, microseconds{250}) == read_pacer::nap);
}

TEST_CASE("no nap while there is something at hand, or while large rows fill the buffer", "[postgres]") {
  reader r;
  r.make_busy();
  CHECK(r.read(6'000, microseconds{250}, false) == none);
  CHECK(r.read(60'000, microseconds{250}) == none);
  CHECK(r.read(6'000, microseconds{250}) == read_pacer::nap);
}

TEST_CASE("one poor nap changes nothing, three in a row end it", "[postgres]") {
  reader r;
  r.make_busy();
  CHECK(r.read(100, microseconds{250}) == none);
  CHECK(r.read(67, microseconds{250}) == read_pacer::nap); // the first row after a wait says nothing
  CHECK(r.read(6'000, microseconds{250}) == read_pacer::nap);
  int naps = 0;
  for (int i = 0; i < 1'000; ++i) naps += r.read(300, microseconds{1000}) == none ? 0 : 1;
  CHECK(naps <= read_pacer::patience);
}
