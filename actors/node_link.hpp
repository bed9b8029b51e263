#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "runtime/base/ids.hpp"

namespace weir {

/// The backward direction of one node's stream: credit, the confirmed position, requests. Shared by the slot reader,
/// whose thread waits in poll() and not in a mailbox, and those behind it.
///
/// Bytes leave the reader only against credit; the credit comes back when the last batch made of them is gone
/// (node_charge), wherever that is: so the memory of a node's whole chain is bounded by its first credit.
class node_link {
public:
  explicit node_link(std::int64_t credit_bytes);
  node_link(const node_link&) = delete;
  node_link& operator=(const node_link&) = delete;
  ~node_link();

  void grant(std::int64_t bytes) noexcept;
  void confirm(lsn flushed) noexcept;
  void request_sample() noexcept;
  void stop() noexcept;

  /// The reader: a sample was taken, and somebody waits for the stream to pass it. Whoever does: it has.
  void await() noexcept { awaited_.store(true, std::memory_order_release); }
  void passed() noexcept { awaited_.store(false, std::memory_order_release); }
  bool awaited() const noexcept { return awaited_.load(std::memory_order_acquire); }

  bool stopped() const noexcept { return stopped_.load(std::memory_order_acquire); }
  std::int64_t credit() const noexcept { return credit_.load(std::memory_order_relaxed); }
  void spend(std::int64_t bytes) noexcept { credit_.fetch_sub(bytes, std::memory_order_relaxed); }
  lsn confirmed() const noexcept { return lsn{confirmed_.load(std::memory_order_relaxed)}; }
  /// True once for each request_sample().
  bool take_sample_request() noexcept { return sample_.exchange(false, std::memory_order_acq_rel); }

  /// Readable when something above has changed since clear_wake().
  int wake_fd() const noexcept { return wake_fd_; }
  void clear_wake() noexcept;

private:
  void wake() noexcept;

  int wake_fd_;
  std::atomic<std::int64_t> credit_;
  std::atomic<std::uint64_t> confirmed_{0};
  std::atomic<bool> sample_{false};
  std::atomic<bool> awaited_{false};
  std::atomic<bool> stopped_{false};
};

/// Credit in use. Whoever keeps a part of what was read keeps this; it goes back when the last one lets go.
class node_charge {
public:
  node_charge(std::shared_ptr<node_link> link, std::int64_t bytes) : link_(std::move(link)), bytes_(bytes) {}
  node_charge(const node_charge&) = delete;
  node_charge& operator=(const node_charge&) = delete;
  ~node_charge() { link_->grant(bytes_); }

private:
  std::shared_ptr<node_link> link_;
  std::int64_t bytes_;
};

} // namespace weir
