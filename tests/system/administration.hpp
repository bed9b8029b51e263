#pragma once

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/system/scenario.hpp"

namespace weir::test {

/// "user=postgres passfile=…" of the servers' superuser.
inline std::string superuser(scenario& s) {
  const auto conninfo = s.cluster().admin("coordinator", "postgres");
  return conninfo.substr(conninfo.find("user="));
}

/// psql as the superuser, with the statements that setup printed; each server is named in them.
inline void administer(scenario& s, const std::string& sql) {
  const auto path = s.definition_path() + ".sql";
  write_file(path, sql);
  const auto log = path + ".log";
  child_process psql({"psql", "-X", "-q", "-d", s.cluster().admin("coordinator", "postgres"), "-f", path}, log, log);
  const auto code = psql.wait(std::chrono::seconds(60));
  INFO(read_file(log));
  REQUIRE(code == 0);
}

/// A role that is made by what setup prints, and goes with the test: declare it before the scenario.
class lean_role {
public:
  lean_role(std::string name, test_cluster& cluster) : name_(std::move(name)), cluster_(cluster) { drop(); }
  ~lean_role() { drop(); }
  lean_role(const lean_role&) = delete;
  lean_role& operator=(const lean_role&) = delete;

  /// Every connection string of the definition is of this role from now on, with a passfile of its own.
  void take_over(scenario& s) const {
    const auto passfile = s.definition_path() + ".pgpass";
    write_file(passfile, fmt::format("*:*:*:{}:lean_secret\n", name_));
    REQUIRE(::chmod(passfile.c_str(), 0600) == 0);
    const auto conninfo = s.conninfo("coordinator");
    const auto before = conninfo.substr(conninfo.find("user="));
    const auto after = fmt::format("user={} passfile={}", name_, passfile);
    auto text = read_file(s.definition_path());
    for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at + after.size()))
      text.replace(at, before.size(), after);
    s.define(text);
  }

  /// The last thing an administrator does. The tests' own role may then look at what this one has made.
  void let_in(scenario& s, const std::vector<std::string>& nodes) const {
    for (const auto& node : nodes) s.admin(node).run(fmt::format("alter role {} password 'lean_secret'", name_));
    s.admin("coordinator").run(fmt::format("grant {} to weir", name_));
  }

  /// Nothing beside what setup gave it.
  bool is_lean(scenario& s, const std::string& node) const {
    return s.admin(node).value(fmt::format("select not (rolsuper or rolcreatedb or rolcreaterole or exists (select "
                                           "from pg_auth_members where member "
                                           "= r.oid) or has_database_privilege(r.oid, current_database(), 'create')) "
                                           "from pg_roles r where rolname = "
                                           "'{}'",
                                           name_)) == "t";
  }

private:
  void drop() const {
    for (const auto& node : cluster_.nodes()) {
      try {
        sql_session admin(cluster_.admin(node, "postgres"));
        if (admin.value(fmt::format("select 1 from pg_roles where rolname = '{}'", name_)).empty()) continue;
        admin.run(fmt::format("drop owned by {0}; drop role {0}", name_));
      } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
      }
    }
  }

  std::string name_;
  test_cluster& cluster_;
};

} // namespace weir::test
