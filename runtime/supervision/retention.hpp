#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace weir {

/// What a node says of its slot at one moment.
struct retention_sample {
  std::int64_t kept_bytes = 0;            ///< from where the slot holds on to the end of the WAL
  std::optional<std::int64_t> safe_bytes; ///< that may still be written before the slot is lost; empty: no limit
};

/// How the WAL that a slot keeps fares.
struct retention_status {
  std::int64_t kept_bytes = 0;
  double bytes_per_second = 0;                   ///< by which it grows; negative: it shrinks
  std::optional<int> used_percent;               ///< of what the node allows; empty: it sets no limit
  std::optional<std::chrono::seconds> time_left; ///< until the slot is lost, as it grows now; empty: never, or no limit
};

/// Watches the WAL that one node keeps for one slot, and says when it is worth a WARNING. No clock: time is given.
///
/// Where the node sets a limit (max_slot_wal_keep_size), one warning at 50, 80 and 95 % of it; where it sets none, one
/// at 8 GiB and at each doubling. Once per crossing: a threshold can warn again when less than four fifths of it are
/// used. The all-clear is told once, when the lowest threshold can warn again.
class retention_watch {
public:
  using instant = std::chrono::milliseconds;

  struct verdict {
    retention_status status;
    bool warn = false;    ///< a threshold was crossed upwards
    bool relaxed = false; ///< after a warning it is well again
  };

  verdict observe(const retention_sample& sample, instant now);

private:
  int level_of(const retention_sample& sample, double slack) const;
  void measure_growth(std::int64_t kept_bytes, instant now);

  std::optional<instant> last_;
  std::int64_t last_kept_ = 0;
  double growth_ = 0; ///< bytes per second, smoothed
  bool measured_ = false;
  int warned_level_ = 0; ///< thresholds that have warned and may not yet again
};

/// "slot weir_orders_w1 keeps 3.2 GB of WAL, 81 % of what the node allows; growing by 1.2 MB/s, it is lost in 12 min".
std::string describe(const std::string& slot, const retention_status& status);

} // namespace weir
