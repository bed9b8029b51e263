#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::bench {

/// Microseconds since some moment of this run.
inline std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// "p50 1.0 ms  p95 …".  Input: not empty.
inline std::string quantiles_text(std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  const auto quantile = [&](double q) {
    return ms[std::min(ms.size() - 1, std::size_t(std::ceil(q * double(ms.size()))))];
  };
  return fmt::format("p50 {:.1f} ms  p95 {:.1f} ms  p99 {:.1f} ms  max {:.1f} ms", quantile(0.50), quantile(0.95),
                     quantile(0.99), ms.back());
}

} // namespace weir::bench
