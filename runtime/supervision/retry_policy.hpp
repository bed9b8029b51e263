#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/base/random.hpp"

namespace weir {

/// When a worker that failed starts again, and when its failing is worth a WARNING. No clock: time is given.
///
/// Delays double from `backoff_min` to `backoff_max`, with up to a quarter of jitter. Failures are consecutive until
/// the worker has been healthy for `healthy_after`. One warning per crossing of `retry`; recovery is told once too.
class retry_policy {
public:
  using instant = std::chrono::milliseconds;

  struct limits {
    int retry = 5;
    std::chrono::milliseconds backoff_min{200};
    std::chrono::milliseconds backoff_max{30'000};
    std::chrono::milliseconds healthy_after{10'000};
  };

  struct verdict {
    enum class action : std::uint8_t { restart, give_up };
    action what = action::restart;
    std::chrono::milliseconds delay{0};
    int failures = 0;  ///< consecutive, this one included
    bool warn = false; ///< this failure crossed the threshold
  };

  retry_policy(limits l, std::uint64_t seed) : limits_(l), random_(seed) {}

  /// A fatal error gives up at once; everything else is tried again, for ever.
  verdict failed(const error& why, instant now);
  /// The same of an error that would be fatal, had its owner no cure for it: never gives up.
  verdict failed_curably(instant now);
  /// The worker does its work again. Returns true if a warning had been given: the recovery is to be told.
  bool healthy(instant now);

  int failures() const noexcept { return failures_; }

private:
  limits limits_;
  seeded_random random_;
  int failures_ = 0;
  bool warned_ = false;        ///< of this row of failures
  bool recovery_told_ = false; ///< since that warning
  bool up_ = false;
  instant up_since_{0};
};

} // namespace weir
