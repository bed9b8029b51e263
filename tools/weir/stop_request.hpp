#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace weir::program {

/// That the program is to end: said once, to all pipelines of a process. Thread-safe.
class stop_request {
public:
  void make() {
    {
      const std::lock_guard lock(mutex_);
      made_ = true;
    }
    changed_.notify_all();
  }

  /// Has it been made, within `patience`?
  bool made_within(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [this] { return made_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool made_ = false;
};

} // namespace weir::program
