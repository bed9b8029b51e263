#include "runtime/base/memory_size.hpp"
#include "tests/support/catch.hpp"

using weir::memory_size;

TEST_CASE("bytes have units") {
  using weir::parse_bytes;
  CHECK(parse_bytes("65536") == 65536);
  CHECK(parse_bytes("2kB") == 2000);
  CHECK(parse_bytes("2 KiB") == 2048);
  CHECK(parse_bytes("1.5 GiB") == std::uint64_t{3} << 29);
  CHECK(parse_bytes("1 TiB") == std::uint64_t{1} << 40);
  CHECK_FALSE(parse_bytes("2 kib"));
  CHECK_FALSE(parse_bytes("-2"));
  CHECK_FALSE(parse_bytes("MiB"));
  CHECK_FALSE(parse_bytes("1.2.3 MiB"));
  CHECK_FALSE(parse_bytes("0.5 B")); // half a byte
  CHECK_FALSE(parse_bytes("99999999999 GiB"));
  CHECK_FALSE(parse_bytes(""));
}

TEST_CASE("memory is an amount or a share") {
  using weir::parse_memory_size;
  CHECK(parse_memory_size("256 MiB") == memory_size{std::uint64_t{256} << 20, 0});
  CHECK(parse_memory_size("25 %") == memory_size{0, 25});
  CHECK(parse_memory_size("100%") == memory_size{0, 100});
  for (const char* wrong : {"0 %", "101 %", "2.5 %", "%", "x %", "25 % x", "lots"}) {
    INFO(wrong);
    CHECK_FALSE(parse_memory_size(wrong));
  }
}

TEST_CASE("a share is of what there is, and never too little") {
  constexpr std::uint64_t gib = std::uint64_t{1} << 30;
  CHECK(weir::bytes_of({gib, 0}, 7) == gib);
  CHECK(weir::bytes_of({0, 50}, 100 * gib) == 50 * gib);
  CHECK(weir::bytes_of({0, 1}, gib) == weir::least_memory_bytes);
}

TEST_CASE("memory is shown in the largest unit that is exact") {
  CHECK(weir::to_string(memory_size{std::uint64_t{256} << 20, 0}) == "256 MiB");
  CHECK(weir::to_string(memory_size{std::uint64_t{3} << 29, 0}) == "1536 MiB");
  CHECK(weir::to_string(memory_size{2'000'000, 0}) == "2 MB");
  CHECK(weir::to_string(memory_size{17, 0}) == "17 B");
  CHECK(weir::to_string(memory_size{0, 25}) == "25 %");
  for (const std::uint64_t bytes :
       {std::uint64_t{1}, std::uint64_t{1} << 20, std::uint64_t{123456789}, std::uint64_t{1} << 40})
    CHECK(weir::parse_bytes(weir::to_string(memory_size{bytes, 0})) == bytes);
}

TEST_CASE("what is nearly a unit is known") {
  CHECK(weir::usual_unit_of_bytes("mib") == "MiB");
  CHECK(weir::usual_unit_of_bytes("mb") == "MB");
  CHECK(weir::usual_unit_of_bytes("G") == "GB");
  CHECK(weir::usual_unit_of_bytes("lots").empty());
}
