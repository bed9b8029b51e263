#pragma once

#include <memory>
#include <string>

#include "runtime/postgres/connection.hpp"
#include "tests/support/sql_session.hpp"

namespace weir::test {

/// A real server to write views into, made by tools/cluster; goes down with the test program.
class target_server {
public:
  static target_server& shared();
  ~target_server();
  target_server(const target_server&) = delete;
  target_server& operator=(const target_server&) = delete;

  /// A new database owned by the role weir.
  std::string fresh_database();
  std::string conninfo(const std::string& database) const;
  /// The superuser's.
  std::string admin(const std::string& database) const;

private:
  target_server();

  std::string dir_;
  std::string conninfo_;
  std::string admin_;
  int databases_ = 0;
};

/// A database of its own for one test, and ways in.
struct target_database {
  std::string name = target_server::shared().fresh_database();
  std::string conninfo = target_server::shared().conninfo(name);
  sql_session sql{conninfo};

  postgres::connection connect() const;
};

/// What a call gave, or the test fails with the error's text.
template <class T>
T must(result<T> r) {
  if (!r) throw std::runtime_error(r.error().message + " · " + r.error().hint);
  return std::move(r).value();
}
inline void must(status r) {
  if (!r) throw std::runtime_error(r.error().message + " · " + r.error().hint);
}

} // namespace weir::test
