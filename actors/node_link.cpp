#include "actors/node_link.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace weir {

node_link::node_link(std::int64_t credit_bytes)
    : wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), credit_(credit_bytes) {}

node_link::~node_link() {
  if (wake_fd_ >= 0) close(wake_fd_);
}

void node_link::wake() noexcept {
  const std::uint64_t one = 1;
  // A full counter is as readable as one more; there is nothing to do about the result.
  [[maybe_unused]] const auto written = write(wake_fd_, &one, sizeof one);
}

void node_link::clear_wake() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(wake_fd_, &count, sizeof count);
}

void node_link::grant(std::int64_t bytes) noexcept {
  const auto before = credit_.fetch_add(bytes, std::memory_order_relaxed);
  if (before <= 0 && before + bytes > 0) wake();
}

void node_link::confirm(lsn flushed) noexcept { confirmed_.store(flushed.value, std::memory_order_relaxed); }

void node_link::request_sample() noexcept {
  sample_.store(true, std::memory_order_release);
  wake();
}

void node_link::stop() noexcept {
  stopped_.store(true, std::memory_order_release);
  wake();
}

} // namespace weir
