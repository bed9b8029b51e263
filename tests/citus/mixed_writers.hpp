#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace weir::test {

struct mixed_writing {
  int clients_per_node = 1;
  bool insert_only = false;
  bool truncate = false;  ///< rarely
  bool reference = false; ///< also to the reference table `regions (id int primary key, name text, visits bigint)`
};

/// Clients that write to the distributed table `orders` through every node given, until they are stopped: inserts of
/// one and of many rows, updates and deletes of one row and over shards, rows that get another distribution key (delete
/// and insert), INSERT … SELECT, savepoints and transactions rolled back, and what `mixed_writing` says.
///
/// A client goes on after what a cluster under change does to it: a lost connection, a shard that has gone elsewhere,
/// a deadlock. Any other error stops it and is reported by stop().
class mixed_writers {
public:
  mixed_writers(const std::vector<std::string>& nodes, std::uint64_t seed, mixed_writing options = {});
  ~mixed_writers() { stopping_ = true; }

  /// A node that came later.
  void add(const std::string& conninfo);
  /// A node that is about to go: returns when its clients have ended.
  void remove(const std::string& conninfo);
  /// Clients end their transaction and wait; returns when all do.
  void pause();
  void resume();
  /// Ends every client behind its current transaction and waits for it. Throws what stopped one of them early.
  void stop();
  std::uint64_t committed() const { return committed_; }
  /// How often which error was met and survived, by SQLSTATE.
  std::map<std::string, int> survived() const;

private:
  struct client;
  void write(client c);
  void note(const std::string& sqlstate);
  bool is_removed(const std::string& conninfo) const;

  std::atomic<bool> stopping_ = false;
  std::atomic<bool> pausing_ = false;
  std::atomic<int> writing_ = 0;
  std::atomic<std::uint64_t> committed_ = 0;
  std::uint64_t seed_;
  mixed_writing options_;
  mutable std::mutex mutex_;
  std::map<std::string, int> survived_;
  std::vector<std::string> problems_;
  std::set<std::string> removed_;
  std::vector<std::jthread> threads_; // last: joined before the rest goes
};

} // namespace weir::test
