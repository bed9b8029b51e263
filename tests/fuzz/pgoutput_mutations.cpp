#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/pgoutput/frame.hpp"
#include "runtime/pgoutput/message.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/wire_capture.hpp"

namespace weir {
namespace {

constexpr std::size_t cases = 200'000;

std::byte any_byte(seeded_random& random) { return static_cast<std::byte>(random.next()); }

/// Numbers that lengths and counts are likely to stumble over.
std::uint32_t awkward(seeded_random& random) {
  constexpr std::uint32_t numbers[] = {0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
  return numbers[random.below(std::size(numbers))];
}

void overwrite(test::bytes& message, std::size_t at, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size && at + i < message.size(); ++i) {
    message[at + i] = static_cast<std::byte>(value >> (8 * (size - 1 - i)));
  }
}

void mutate(test::bytes& message, const std::vector<test::captured_message>& corpus, seeded_random& random) {
  const auto at = random.below(message.size() + 1);
  const auto from = message.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random.below(6)) {
    case 0: overwrite(message, at, static_cast<std::uint32_t>(random.next()), 1); break;
    case 1: overwrite(message, at, awkward(random), 2); break;
    case 2: overwrite(message, at, awkward(random), 4); break;
    case 3: message.resize(at); break;
    case 4: message.insert(from, any_byte(random)); break;
    default: { // the front of this one, the back of another
      const auto& other = corpus[random.below(corpus.size())].payload;
      const auto cut = random.below(other.size());
      message.resize(at);
      message.insert(message.end(), other.begin() + static_cast<std::ptrdiff_t>(cut), other.end());
    }
  }
}

/// Long values only make the run slow: what stumbles is lengths and kinds.
std::vector<test::captured_message> short_messages() {
  auto corpus = test::postgres15_capture();
  std::erase_if(corpus, [](const test::captured_message& m) { return m.payload.size() > 400; });
  return corpus;
}

} // namespace

TEST_CASE("pgoutput: mutated messages decode or are refused") {
  const auto corpus = short_messages();
  REQUIRE(corpus.size() > 30);
  seeded_random random(test::seed());
  std::size_t decoded = 0;
  for (std::size_t i = 0; i < cases; ++i) {
    auto message = corpus[random.below(corpus.size())].payload;
    for (auto left = 1 + random.below(3); left > 0; --left) mutate(message, corpus, random);
    message.shrink_to_fit(); // so that a read past the end leaves the allocation
    const auto m = pgoutput::decode(message);
    if (!m) continue;
    ++decoded;
    // What is accepted means what its bytes say: written again, it is the same message.
    const auto again = test::encode(*m);
    if (again == message) continue;
    const auto same = pgoutput::decode(again);
    REQUIRE(same);
    REQUIRE(*same == *m);
  }
  CHECK(decoded > cases / 50);
  CHECK(decoded < cases);
}

TEST_CASE("pgoutput: frames of random bytes decode or are refused") {
  seeded_random random(test::seed());
  for (std::size_t i = 0; i < cases; ++i) {
    test::bytes payload(random.below(32));
    std::generate(payload.begin(), payload.end(), [&] { return any_byte(random); });
    if (!payload.empty() && random.chance(9, 10)) payload[0] = static_cast<std::byte>("wk"[random.below(2)]);
    const auto f = pgoutput::decode_frame(payload);
    if (!f) continue;
    if (const auto* data = std::get_if<pgoutput::xlog_data>(&*f)) REQUIRE(data->payload.size() == payload.size() - 25);
  }
}

} // namespace weir
