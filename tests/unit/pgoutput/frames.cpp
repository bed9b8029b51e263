#include "runtime/pgoutput/frame.hpp"

#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/wire_builder.hpp"

namespace weir {
namespace {

errc code_of(const test::bytes& payload) {
  const auto f = pgoutput::decode_frame(payload);
  return f ? errc::internal : f.error().code;
}

} // namespace

TEST_CASE("frame: XLogData") {
  const auto bytes = test::wire_writer().tag('w').u64(1).u64(2).i64(-3).raw("abc").take();
  const auto f = pgoutput::decode_frame(bytes);
  REQUIRE(f);
  const auto& data = std::get<pgoutput::xlog_data>(*f);
  CHECK(data.start == lsn{1});
  CHECK(data.end == lsn{2});
  CHECK(data.server_time_us == -3);
  CHECK(data.payload.size() == 3);
  CHECK(data.payload.data() == bytes.data() + 25);
}

TEST_CASE("frame: keepalive") {
  const auto f = pgoutput::decode_frame(test::wire_writer().tag('k').u64(0x100000002).i64(7).u8(1).take());
  REQUIRE(f);
  const auto& alive = std::get<pgoutput::keepalive>(*f);
  CHECK(alive.end == lsn{0x100000002});
  CHECK(alive.server_time_us == 7);
  CHECK(alive.reply_requested);
}

TEST_CASE("frame: what is none") {
  CHECK(code_of({}) == errc::truncated);
  CHECK(code_of(test::wire_writer().tag('x').take()) == errc::unknown_tag);
  CHECK(code_of(test::wire_writer().tag('w').u64(1).u64(2).u32(3).take()) == errc::truncated);
  CHECK(code_of(test::wire_writer().tag('k').u64(1).i64(2).take()) == errc::truncated);
  CHECK(code_of(test::wire_writer().tag('k').u64(1).i64(2).u8(2).take()) == errc::invalid_value);
  CHECK(code_of(test::wire_writer().tag('k').u64(1).i64(2).u8(0).u8(0).take()) == errc::trailing_bytes);
}

TEST_CASE("frame: a chunk is taken apart frame by frame") {
  const auto chunk =
      test::wire_builder().frame(test::wire_writer().raw("one").take()).frame({}).keepalive(lsn{9}).take();
  std::span<const std::byte> rest = chunk;
  std::vector<std::size_t> sizes;
  while (!rest.empty()) {
    const auto payload = pgoutput::take_frame(rest);
    REQUIRE(payload);
    sizes.push_back(payload->size());
  }
  CHECK(sizes == std::vector<std::size_t>{3, 0, 18});
}

TEST_CASE("frame: a chunk that ends inside a frame") {
  const auto chunk = test::wire_builder().keepalive(lsn{9}).take();
  for (std::size_t size = 0; size < chunk.size(); ++size) {
    auto cut = std::span(chunk).first(size);
    const auto payload = pgoutput::take_frame(cut);
    REQUIRE_FALSE(payload);
    CHECK(payload.error().code == errc::truncated);
  }
}

} // namespace weir
