#pragma once

#include <chrono>
#include <cstddef>

namespace weir::postgres {

/// Decides whether a reader of a replication stream waits on its socket at once, or sleeps a little first so that the
/// socket fills. A machine: no clock, no I/O.
///
/// A walsender makes one send() a row. A reader that waits on the socket is woken by nearly each of them, and both
/// sides spend their time on that: measured on two cores with rows of 40 bytes, one slot drains 225,000 rows/s so and
/// 390,000 with naps of 200 µs, two slots at once 280,000 and 385,000 each; the reader's system time falls from 0.9 to
/// 0.03 µs a row. From some 700 µs on it is slower again: the receive buffer is full of small packets, which the kernel
/// then has to collapse.
///
/// Invariant   no nap while less than `busy_bytes` come within `window`: single commits are never held up.
class read_pacer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::microseconds nap{200};
  static constexpr std::chrono::milliseconds window{2};
  static constexpr std::size_t busy_bytes = 8 * 1024;     ///< in one window: traffic is heavy from here on
  static constexpr std::size_t still_busy_bytes = 512;    ///< a nap that brought less was a poor one
  static constexpr int patience = 3;                      ///< poor naps in a row: traffic is light again
  static constexpr std::size_t crowded_bytes = 48 * 1024; ///< after a nap: large rows, the buffer fills by itself

  /// Input    what the read that ended at `now` brought, and whether it left nothing at hand.
  /// Output   how long to sleep before waiting on the socket; zero: wait (or, if not drained, read) at once.
  std::chrono::microseconds after_read(std::size_t bytes, bool drained, time_point now) noexcept;

private:
  std::chrono::microseconds while_light(std::size_t bytes, bool drained, time_point now) noexcept;
  std::chrono::microseconds while_busy(std::size_t bytes, bool drained) noexcept;

  bool busy_ = false;
  bool napped_ = false; ///< before the read that is reported next
  int poor_naps_ = 0;
  time_point window_start_{};
  std::size_t window_bytes_ = 0;
};

} // namespace weir::postgres
