#include "runtime/supervision/retention.hpp"

#include <map>

#include "runtime/base/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t mib = 1 << 20;
constexpr std::int64_t gib = 1 << 30;

/// Of 100 MiB that are allowed.
retention_sample percent(std::int64_t p) { return {p * mib, (100 - p) * mib}; }

struct watch {
  retention_watch machine;
  std::chrono::milliseconds now{0};
  retention_watch::verdict see(const retention_sample& s, std::chrono::milliseconds later = 1000ms) {
    now += later;
    return machine.observe(s, now);
  }
};

TEST_CASE("each threshold warns once as it is crossed", "[supervision]") {
  watch w;
  std::vector<int> warned;
  for (int p = 0; p < 100; ++p)
    if (w.see(percent(p)).warn) warned.push_back(p);
  CHECK(warned == std::vector<int>{50, 80, 95});
}

TEST_CASE("a jump over several thresholds is one warning", "[supervision]") {
  watch w;
  CHECK(w.see(percent(99)).warn);
  CHECK_FALSE(w.see(percent(99)).warn);
  CHECK_FALSE(w.see(percent(81)).warn);
}

TEST_CASE("a value that swings around a threshold warns once, one that falls well below it warns again",
          "[supervision]") {
  watch w;
  CHECK(w.see(percent(51)).warn);
  for (int i = 0; i < 20; ++i) {
    CHECK_FALSE(w.see(percent(45)).warn);
    CHECK_FALSE(w.see(percent(55)).warn);
  }
  CHECK_FALSE(w.see(percent(45)).relaxed);
  CHECK(w.see(percent(39)).relaxed);
  CHECK_FALSE(w.see(percent(10)).relaxed); // told once
  CHECK(w.see(percent(50)).warn);
}

TEST_CASE("falling below the highest threshold alone is no all-clear", "[supervision]") {
  watch w;
  CHECK(w.see(percent(96)).warn);
  CHECK_FALSE(w.see(percent(70)).relaxed);
  CHECK(w.see(percent(96)).warn);
}

TEST_CASE("a healthy slot never warns", "[supervision]") {
  watch w;
  seeded_random random(test::seed());
  for (int i = 0; i < 1000; ++i) {
    const auto v = w.see(percent(static_cast<std::int64_t>(random.below(50))));
    CHECK_FALSE(v.warn);
    CHECK_FALSE(v.relaxed);
  }
}

TEST_CASE("it warns exactly when a threshold that may warn is reached", "[supervision]") {
  watch w;
  seeded_random random(test::seed());
  std::map<int, bool> armed{{50, true}, {80, true}, {95, true}};
  for (int i = 0; i < 5000; ++i) {
    const int p = static_cast<int>(random.below(101));
    if (p == 64 || p == 76) continue; // four fifths of a threshold, where rounding decides
    bool expected = false;
    for (const auto& [threshold, may] : armed) expected = expected || (may && p >= threshold);
    const bool was_quiet = armed[50];
    for (auto& [threshold, may] : armed) may = p < threshold && (may || p * 5 < threshold * 4);
    const auto v = w.see(percent(p));
    INFO("sample " << i << ": " << p << " %");
    REQUIRE(v.warn == expected);
    REQUIRE(v.relaxed == (!was_quiet && armed[50]));
  }
}

TEST_CASE("without a limit it warns at 8 GiB and at each doubling", "[supervision]") {
  watch w;
  std::vector<std::int64_t> warned;
  for (std::int64_t g = 0; g <= 40; ++g)
    if (w.see({g * gib, std::nullopt}).warn) warned.push_back(g);
  CHECK(warned == std::vector<std::int64_t>{8, 16, 32});
  CHECK_FALSE(w.see({7 * gib, std::nullopt}).relaxed);
  CHECK(w.see({6 * gib, std::nullopt}).relaxed);
  CHECK_FALSE(w.see({6 * gib, std::nullopt}).status.used_percent);
}

TEST_CASE("growth and the time that is left", "[supervision]") {
  watch w;
  w.see({0, 1000 * mib});
  retention_status last;
  for (std::int64_t i = 1; i <= 300; ++i) last = w.see({i * mib, (1000 - i) * mib}).status;
  CHECK(last.bytes_per_second == Approx(static_cast<double>(mib)).epsilon(0.01));
  REQUIRE(last.time_left);
  CHECK(*last.time_left >= 690s);
  CHECK(*last.time_left <= 710s);
  CHECK(last.used_percent == 30);
  for (int i = 0; i < 600; ++i) last = w.see({300 * mib, 700 * mib}).status;
  CHECK(last.bytes_per_second < 0.01 * mib);
  last = w.see({0, 1000 * mib}).status;
  CHECK(last.bytes_per_second < 0);
  CHECK_FALSE(last.time_left);
}

TEST_CASE("a first sample and two at once tell no growth", "[supervision]") {
  watch w;
  CHECK(w.see({gib, gib}).status.bytes_per_second == 0);
  CHECK(w.see({2 * gib, gib}, 0ms).status.bytes_per_second == 0);
}

TEST_CASE("a slot past its limit has no time left", "[supervision]") {
  watch w;
  w.see({100 * mib, 0});
  const auto v = w.see({200 * mib, -5 * mib});
  CHECK(v.status.used_percent == 100);
  REQUIRE(v.status.time_left);
  CHECK(*v.status.time_left == 0s);
}

TEST_CASE("retention in words", "[supervision]") {
  CHECK(describe("s", {3 * gib, 2.0 * mib, 81, 720s}) ==
        "slot s keeps 3 GB of WAL, 81 % of what the node allows; growing by 2 MB/s, it is lost in 12 min");
  CHECK(describe("s", {9 * gib, -1, std::nullopt, std::nullopt}) ==
        "slot s keeps 9 GB of WAL, and the node sets no limit");
}

} // namespace
} // namespace weir
