#pragma once

#include <chrono>
#include <cstddef>

namespace weir::postgres {

/// Decides whether what was read from a replication stream is handed over at once, or more is waited for first. A
/// machine: no clock, no I/O.
///
/// A walsender makes one send() a row, and a reader that keeps up is woken by many of them. Handing over each time
/// costs a message and a wake-up of the next thread; sleeping instead lets the socket's buffer run full of small
/// packets, and then the walsender stops. So under heavy traffic the reader goes on reading until it has a chunk worth
/// a message.
///
/// Invariant   while less than `heavy_bytes` come within `window` nothing is held back: single commits are not late.
class read_pacer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::microseconds window{2'000};
  static constexpr std::size_t heavy_bytes = 8 * 1024;
  static constexpr std::chrono::microseconds linger{2'000}; ///< the longest that anything is held back

  /// Input    what the read that ended at `now` brought, and since when the oldest byte at hand is there.
  /// Output   true: read on before handing over.
  bool reads_on(std::size_t bytes, time_point oldest, time_point now) noexcept {
    if (now - window_start_ >= window) {
      heavy_ = window_bytes_ >= heavy_bytes && now - window_start_ < 2 * window;
      window_start_ = now;
      window_bytes_ = 0;
    }
    window_bytes_ += bytes;
    return (heavy_ || window_bytes_ >= heavy_bytes) && now - oldest < linger;
  }

private:
  bool heavy_ = false; ///< the window before this one was
  time_point window_start_{};
  std::size_t window_bytes_ = 0;
};

} // namespace weir::postgres
