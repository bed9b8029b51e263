#pragma once

#include <map>
#include <string>
#include <vector>

namespace weir::test {

/// Real servers, made by tools/cluster: a coordinator and workers w1, w2 …
///
/// Invariant   goes down with the test program, even one that is killed.
class test_cluster {
public:
  /// The one that the tests share, two workers. A test leaves it as it found it: all servers up.
  static test_cluster& shared();

  explicit test_cluster(int workers);
  ~test_cluster();
  test_cluster(const test_cluster&) = delete;
  test_cluster& operator=(const test_cluster&) = delete;

  /// coordinator, w1, w2 …
  const std::vector<std::string>& nodes() const { return nodes_; }
  /// A connection string of the role weir for `database`.
  std::string conninfo(const std::string& node, const std::string& database) const;
  /// The same of the superuser.
  std::string admin(const std::string& node, const std::string& database) const;

  /// Does nothing if it runs.
  void start(const std::string& node) { control("start", node); }
  void stop(const std::string& node) { control("stop", node); }
  /// kill -9 of the server and of all that it started.
  void kill(const std::string& node) { control("kill", node); }

private:
  void control(const std::string& verb, const std::string& node);

  std::string dir_;
  std::vector<std::string> nodes_;
  std::map<std::string, std::string> env_;
};

} // namespace weir::test
