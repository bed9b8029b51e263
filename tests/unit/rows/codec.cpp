#include "runtime/rows/codec.hpp"

#include "runtime/base/random.hpp"
#include "runtime/rows/text_form.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace weir {
namespace {

batch sample() {
  auto parsed = parse_text(R"(
    b:bool n:int8 d:numeric(12,2) f:float8 t:text u:uuid                                  m:timestamptz
    +  t   -5     1.50            NaN      eu     a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11    '2024-01-01 00:00:00+00'
    -3 f   7      NaN             -0       ''     null                                    infinity
    +  null null  123456789012345678901234567890123456789012.5 1e300 null a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 null
  )");
  REQUIRE(parsed);
  return std::move(parsed->rows);
}

TEST_CASE("a batch comes back from its bytes", "[rows][codec]") {
  const auto rows = sample();
  std::vector<std::byte> bytes;
  encode(rows, bytes);
  const auto back = decode(bytes);
  REQUIRE(back);
  CHECK(to_text(*back, {}) == to_text(rows, {}));
  CHECK(back->columns[2].type == rows.columns[2].type);
  std::vector<std::byte> again;
  encode(*back, again);
  CHECK(again == bytes);
}

TEST_CASE("an empty batch and a batch without columns", "[rows][codec]") {
  batch none;
  none.columns.emplace_back(data_type{type_id::text, -1});
  batch counted;
  counted.weights = {1, -1, 5};
  for (const auto* rows : {&none, &counted}) {
    std::vector<std::byte> bytes;
    encode(*rows, bytes);
    const auto back = decode(bytes);
    REQUIRE(back);
    CHECK(back->weights == rows->weights);
    CHECK(back->columns.size() == rows->columns.size());
  }
}

TEST_CASE("bytes cut off anywhere are an error", "[rows][codec]") {
  std::vector<std::byte> bytes;
  encode(sample(), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = decode(std::span(bytes).first(size));
    REQUIRE_FALSE(cut);
    REQUIRE((cut.error().code == errc::truncated || cut.error().code == errc::invalid_value));
  }
  bytes.push_back(std::byte{0});
  const auto longer = decode(bytes);
  REQUIRE_FALSE(longer);
  CHECK(longer.error().code == errc::trailing_bytes);
}

TEST_CASE("damaged bytes are an error or a batch that can be read", "[rows][codec]") {
  seeded_random random(test::seed());
  std::vector<std::byte> bytes;
  encode(sample(), bytes);
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto damaged = bytes;
    for (auto n = 1 + random.below(3); n > 0; --n) {
      damaged[random.below(damaged.size())] = static_cast<std::byte>(random.next());
    }
    const auto back = decode(damaged);
    if (!back) {
      ++refused;
      continue;
    }
    for (const auto& c : back->columns) REQUIRE(c.rows() == back->rows());
    if (back->rows() < 100) (void)to_text(*back, {});
  }
  CHECK(refused > 0);
}

} // namespace
} // namespace weir
