#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/random.hpp"
#include "tests/system/scenario.hpp"

namespace weir::test {

/// Clients that move money between workers, each move one distributed transaction of prepared parts: the sum of all
/// amounts is 0 in every state that existed. Some have two parts on a worker, some are rolled back, some stay in doubt
/// for a while. A client whose server goes away finishes its transaction when it is back.
class transfer_clients {
public:
  transfer_clients(const scenario& s, std::uint64_t seed, int clients = 3);
  ~transfer_clients() { stopping_ = true; }

  /// Ends every client behind its current transfer. Throws what stopped one of them early.
  void stop();
  std::uint64_t committed() const { return committed_; }

private:
  void move(std::vector<std::string> workers, int number, seeded_random random);

  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> committed_ = 0;
  std::mutex mutex_;
  std::vector<std::string> problems_;
  std::vector<std::jthread> threads_;
};

/// Looks at the view's total without pause.
class total_watcher {
public:
  explicit total_watcher(const scenario& s);
  ~total_watcher() { stopping_ = true; }

  /// Looks so far that the target answered.
  std::uint64_t looks() const { return looks_; }
  /// Looks that saw another total than 0: "cut 17: 25.00". Those while the pipeline said it was degraded are counted
  /// apart.
  std::vector<std::string> stop();

private:
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> looks_ = 0;
  std::vector<std::string> halves_;
  std::jthread thread_;
};

} // namespace weir::test
