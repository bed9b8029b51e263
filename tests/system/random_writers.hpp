#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/random.hpp"

namespace weir::test {

struct writing_options {
  int clients_per_worker = 2;
  bool truncate = true;
  bool prepare = false; ///< some transactions go through PREPARE TRANSACTION
};

/// Clients that write to `orders` on every worker until they are stopped: inserts, updates of the group, of the filter,
/// of the amount and of the key, deletes, savepoints rolled back, transactions rolled back, truncates.
///
/// A client whose server goes away waits for it to come back. Any other error stops it and is reported by stop().
class random_writers {
public:
  random_writers(const std::vector<std::string>& workers, std::uint64_t seed, writing_options options = {});
  ~random_writers() { stopping_ = true; }

  /// Ends every client behind its current transaction and waits for it. Throws what stopped one of them early.
  void stop();
  /// Transactions committed so far.
  std::uint64_t committed() const { return committed_; }

private:
  struct client;
  void write(client c, writing_options options);

  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> committed_ = 0;
  std::vector<std::string> problems_;
  std::vector<std::jthread> threads_; // last: joined before the rest goes
};

} // namespace weir::test
