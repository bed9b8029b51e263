#include "runtime/postgres/read_pacer.hpp"

namespace weir::postgres {

std::chrono::microseconds read_pacer::after_read(std::size_t bytes, bool drained, time_point now) noexcept {
  return busy_ ? while_busy(bytes, drained) : while_light(bytes, drained, now);
}

std::chrono::microseconds read_pacer::while_light(std::size_t bytes, bool drained, time_point now) noexcept {
  if (window_bytes_ == 0 || now - window_start_ > window) {
    window_start_ = now;
    window_bytes_ = 0;
  }
  window_bytes_ += bytes;
  if (window_bytes_ < busy_bytes) return {};
  busy_ = true;
  napped_ = drained;
  poor_naps_ = 0;
  window_bytes_ = 0;
  return drained ? nap : std::chrono::microseconds{0};
}

std::chrono::microseconds read_pacer::while_busy(std::size_t bytes, bool drained) noexcept {
  const bool judged = napped_; // what came without a nap says nothing: the first row ends the wait
  napped_ = drained && bytes < crowded_bytes;
  if (!judged || bytes >= still_busy_bytes) {
    if (judged) poor_naps_ = 0;
    return napped_ ? nap : std::chrono::microseconds{0};
  }
  napped_ = false;
  if (++poor_naps_ >= patience) busy_ = false;
  return {};
}

} // namespace weir::postgres
