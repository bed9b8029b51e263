#include "runtime/supervision/retention.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "runtime/base/human_text.hpp"

namespace weir {

namespace {

constexpr std::array<double, 3> thresholds{0.50, 0.80, 0.95}; ///< of what the node allows
constexpr double first_without_limit = 8.0 * (1LL << 30);     ///< bytes; then each doubling
constexpr double rearm = 0.8;           ///< of a threshold: a value that swings around it warns once
constexpr double smoothing_ms = 60'000; ///< the growth of about the last minute

double used_part(const retention_sample& s) {
  const auto kept = static_cast<double>(s.kept_bytes);
  const auto safe = std::max(0.0, static_cast<double>(*s.safe_bytes));
  return kept + safe > 0 ? kept / (kept + safe) : 1.0;
}

} // namespace

/// How many thresholds are passed by 1/slack of what is kept.
int retention_watch::level_of(const retention_sample& s, double slack) const {
  if (s.safe_bytes)
    return static_cast<int>(std::count_if(thresholds.begin(), thresholds.end(),
                                          [part = used_part(s), slack](double t) { return part >= t * slack; }));
  const auto doublings =
      std::log2(static_cast<double>(std::max<std::int64_t>(s.kept_bytes, 1)) / (first_without_limit * slack));
  return doublings < 0 ? 0 : static_cast<int>(doublings) + 1;
}

void retention_watch::measure_growth(std::int64_t kept_bytes, instant now) {
  const auto passed = last_ ? static_cast<double>((now - *last_).count()) : 0.0;
  if (passed > 0) {
    const double rate = static_cast<double>(kept_bytes - last_kept_) * 1000 / passed;
    const double weight = measured_ ? 1 - std::exp(-passed / smoothing_ms) : 1;
    growth_ += weight * (rate - growth_);
    measured_ = true;
  }
  if (last_ && passed <= 0) return;
  last_ = now;
  last_kept_ = kept_bytes;
}

retention_watch::verdict retention_watch::observe(const retention_sample& sample, instant now) {
  measure_growth(sample.kept_bytes, now);
  verdict v;
  v.status.kept_bytes = sample.kept_bytes;
  v.status.bytes_per_second = growth_;
  if (sample.safe_bytes) {
    v.status.used_percent = static_cast<int>(used_part(sample) * 100);
    if (growth_ >= 1)
      v.status.time_left = std::chrono::seconds{
          static_cast<std::int64_t>(static_cast<double>(std::max<std::int64_t>(*sample.safe_bytes, 0)) / growth_)};
  }
  const int level = level_of(sample, 1);
  if (level > warned_level_) {
    v.warn = true;
    warned_level_ = level;
  }
  const int still = std::min(warned_level_, level_of(sample, rearm));
  v.relaxed = warned_level_ > 0 && still == 0;
  warned_level_ = still;
  return v;
}

std::string describe(const std::string& slot, const retention_status& s) {
  auto text = fmt::format("slot {} keeps {} of WAL", slot, human_bytes(s.kept_bytes));
  if (s.used_percent)
    text += fmt::format(", {} % of what the node allows", *s.used_percent);
  else
    text += ", and the node sets no limit";
  if (s.bytes_per_second >= 1)
    text += fmt::format("; growing by {}/s", human_bytes(static_cast<std::int64_t>(s.bytes_per_second)));
  if (s.time_left) text += fmt::format(", it is lost in {}", human_seconds(static_cast<double>(s.time_left->count())));
  return text;
}

} // namespace weir
