#include "runtime/supervision/retry_policy.hpp"

#include <algorithm>

namespace weir {

retry_policy::verdict retry_policy::failed(const error& why, instant now) {
  auto v = failed_curably(now);
  if (kind_of(why.code) == failure_kind::fatal) v = {verdict::action::give_up, {}, v.failures, false};
  return v;
}

retry_policy::verdict retry_policy::failed_curably(instant now) {
  if (up_ && now - up_since_ >= limits_.healthy_after) {
    failures_ = 0;
    warned_ = false;
  }
  up_ = false;
  ++failures_;
  verdict v;
  v.failures = failures_;
  const int doublings = std::min(failures_ - 1, 20);
  const auto base = std::min(limits_.backoff_max, limits_.backoff_min * (std::int64_t{1} << doublings));
  const auto jitter = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(base.count() / 4 + 1)));
  v.delay = base + std::chrono::milliseconds(jitter);
  v.warn = failures_ >= limits_.retry && !warned_;
  if (v.warn) {
    warned_ = true;
    recovery_told_ = false;
  }
  return v;
}

bool retry_policy::healthy(instant now) {
  if (!up_) {
    up_ = true;
    up_since_ = now;
  }
  if (!warned_ || recovery_told_) return false;
  recovery_told_ = true;
  return true;
}

} // namespace weir
