#pragma once

#include <string>
#include <vector>

#include "runtime/postgres/connection.hpp"

namespace weir::test {

/// A real server of one's own to read from, in a temporary directory, on a port that is free; gone with the object.
/// Roles: the superuser postgres; and weir, who may log in and replicate.
class source_server {
public:
  /// `settings` are lines of postgresql.conf, on top of what logical replication needs; `hba` replaces pg_hba.conf
  /// (everyone on loopback is trusted). With "ssl = on" among the settings it gets a certificate.
  explicit source_server(const std::vector<std::string>& settings = {}, const std::string& hba = {});
  ~source_server();
  source_server(const source_server&) = delete;
  source_server& operator=(const source_server&) = delete;

  /// One for all tests that need nothing special.
  static source_server& shared();

  void start();
  /// `mode`: smart, fast or immediate.
  void stop(const std::string& mode);
  /// Starts it again as a standby of nobody.
  void become_standby();

  std::string conninfo(const std::string& user = "postgres", const std::string& database = "postgres") const;
  /// A new, empty database; gives its name.
  std::string fresh_database();
  postgres::connection connect(const std::string& database = "postgres", const std::string& user = "postgres") const;
  postgres::connection replicate(const std::string& database = "postgres", const std::string& user = "postgres") const;

private:
  void pg_ctl(const std::vector<std::string>& arguments);

  std::string dir_;
  int port_;
  int databases_ = 0;
  bool running_ = false;
};

/// The value of a call, or the test fails with the error's text.
template <class T>
T gained(result<T> r) {
  if (!r) throw std::runtime_error(r.error().message + " | " + r.error().hint);
  return std::move(r).value();
}
inline void succeeds(status r) {
  if (!r) throw std::runtime_error(r.error().message + " | " + r.error().hint);
}
/// The error of a call that must fail.
template <class T>
error failure_of(const result<T>& r) {
  if (r) throw std::runtime_error("the call succeeded");
  return r.error();
}

} // namespace weir::test
