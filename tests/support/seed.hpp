#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace weir::test {

/// The seed of everything random in this run: `WEIR_SEED`, or a fresh one. Printed once, so that a failure replays.
inline std::uint64_t seed() {
  static const std::uint64_t value = [] {
    const char* given = std::getenv("WEIR_SEED");
    const auto s = given != nullptr
                       ? std::strtoull(given, nullptr, 10)
                       : static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
    std::fprintf(stderr, "WEIR_SEED=%llu\n", static_cast<unsigned long long>(s));
    return static_cast<std::uint64_t>(s);
  }();
  return value;
}

} // namespace weir::test
