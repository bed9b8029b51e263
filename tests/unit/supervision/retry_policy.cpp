#include "runtime/supervision/retry_policy.hpp"

#include <set>

#include "tests/support/catch.hpp"
#include "tests/support/seed.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;
using action = retry_policy::verdict::action;

const error lost{errc::connection_lost, "the connection broke"};
const error fatal{errc::permission_denied, "may not"};

retry_policy policy(retry_policy::limits limits = {}) { return {limits, test::seed()}; }

TEST_CASE("delays double from the least to the most, with at most a quarter more", "[supervision]") {
  auto p = policy({.backoff_min = 100ms, .backoff_max = 1000ms});
  for (const auto base : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    const auto delay = p.failed(lost, 0ms).delay;
    CHECK(delay >= base);
    CHECK(delay <= base + base / 4);
  }
}

TEST_CASE("thousands of failures stay at the longest delay", "[supervision]") {
  auto p = policy({.backoff_min = 100ms, .backoff_max = 1000ms});
  for (int i = 0; i < 5000; ++i) p.failed(lost, 0ms);
  const auto v = p.failed(lost, 0ms);
  CHECK(v.failures == 5001);
  CHECK(v.delay >= 1000ms);
  CHECK(v.delay <= 1250ms);
}

TEST_CASE("delays of workers that fail together spread", "[supervision]") {
  std::set<std::chrono::milliseconds> delays;
  for (std::uint64_t worker = 0; worker < 20; ++worker)
    delays.insert(retry_policy({.backoff_min = 10'000ms}, test::seed() + worker).failed(lost, 0ms).delay);
  CHECK(delays.size() > 1);
}

TEST_CASE("the same seed gives the same delays", "[supervision]") {
  retry_policy one({}, 42);
  retry_policy two({}, 42);
  for (int i = 0; i < 10; ++i) CHECK(one.failed(lost, 0ms).delay == two.failed(lost, 0ms).delay);
}

TEST_CASE("the failure that reaches the threshold warns, those after it do not", "[supervision]") {
  auto p = policy({.retry = 3});
  CHECK_FALSE(p.failed(lost, 0ms).warn);
  CHECK_FALSE(p.failed(lost, 0ms).warn);
  CHECK(p.failed(lost, 0ms).warn);
  for (int i = 0; i < 20; ++i) CHECK_FALSE(p.failed(lost, 0ms).warn);
}

TEST_CASE("a threshold of one warns at the first failure", "[supervision]") {
  auto p = policy({.retry = 1});
  CHECK(p.failed(lost, 0ms).warn);
}

TEST_CASE("recovery is told once, and only after a warning", "[supervision]") {
  auto p = policy({.retry = 2});
  p.failed(lost, 0ms);
  CHECK_FALSE(p.healthy(1s));
  p.failed(lost, 2s);
  CHECK(p.healthy(3s));
  CHECK_FALSE(p.healthy(4s));
}

TEST_CASE("a worker that fails again before it was healthy for long goes on counting", "[supervision]") {
  auto p = policy({.retry = 2, .healthy_after = 10s});
  p.failed(lost, 0s);
  p.failed(lost, 1s);
  p.healthy(2s);
  const auto v = p.failed(lost, 2s + 9'999ms);
  CHECK(v.failures == 3);
  CHECK_FALSE(v.warn);
}

TEST_CASE("a worker that only flaps tells neither warning nor recovery again", "[supervision]") {
  auto p = policy({.retry = 1, .healthy_after = 10s});
  CHECK(p.failed(lost, 0s).warn);
  CHECK(p.healthy(1s));
  CHECK_FALSE(p.failed(lost, 2s).warn);
  CHECK_FALSE(p.healthy(3s));
}

TEST_CASE("a healthy period starts the count, the delays and the warnings anew", "[supervision]") {
  auto p = policy({.retry = 2, .backoff_min = 100ms, .healthy_after = 10s});
  for (int i = 0; i < 4; ++i) p.failed(lost, 0s);
  p.healthy(1s);
  p.healthy(5s); // the period began at the first sign of health
  const auto v = p.failed(lost, 11s);
  CHECK(v.failures == 1);
  CHECK(v.delay <= 125ms);
  CHECK(p.failed(lost, 12s).warn);
  CHECK(p.healthy(13s));
}

TEST_CASE("a fatal error gives up at once", "[supervision]") {
  auto p = policy();
  const auto v = p.failed(fatal, 0s);
  CHECK(v.what == action::give_up);
  CHECK_FALSE(v.warn);
}

TEST_CASE("transient and poison errors are tried again for ever", "[supervision]") {
  auto p = policy();
  for (int i = 0; i < 100; ++i) CHECK(p.failed(lost, 0s).what == action::restart);
  CHECK(p.failed({errc::division_by_zero, "x"}, 0s).what == action::restart);
}

} // namespace
} // namespace weir
