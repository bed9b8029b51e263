#pragma once

#include <map>
#include <string>
#include <vector>

namespace weir::test {

/// Which servers: plain ones, or a Citus cluster with citus.enable_change_data_capture off or on.
enum class server_kind { plain, citus, citus_cdc };

/// Real servers, made by tools/cluster: a coordinator and workers w1, w2 …
///
/// Invariant   goes down with the test program, even one that is killed.
class test_cluster {
public:
  /// The one that the tests share, two workers. A test leaves it as it found it: all servers up.
  static test_cluster& shared();

  explicit test_cluster(int workers, server_kind kind = server_kind::plain);
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

  /// One more server, alone: in a Citus cluster it has the extension and has joined nothing.
  void add(const std::string& node);
  /// A server that follows `node` by streaming; promote() makes it a primary. Returns its name.
  enum class slots { none, copied };
  std::string add_standby(const std::string& node, slots logical = slots::none);
  void promote(const std::string& standby) { control("promote", standby); }

private:
  void read_env();
  void control(const std::string& verb, const std::string& node);

  std::string dir_;
  std::vector<std::string> nodes_;
  std::map<std::string, std::string> env_;
};

} // namespace weir::test
