// TLS with an authority of one's own, passwords from files, and nodes that are reached as their coordinator is.

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "runtime/postgres/cluster_nodes.hpp"
#include "runtime/postgres/node_admin.hpp"
#include "tests/property/postgres_source_server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/citus_catalogs.hpp"

using namespace weir;
using namespace weir::test;
using namespace weir::postgres;
using namespace std::chrono_literals;

namespace {

void openssl(std::vector<std::string> arguments, const std::string& log) {
  arguments.insert(arguments.begin(), "openssl");
  if (child_process(arguments, log, log).wait(60s) != 0) throw std::runtime_error(read_file(log));
}

/// A server for TLS alone, with a certificate for the name "localhost" from an authority that nobody else knows.
class tls_server {
public:
  tls_server() : server_({"ssl = on"}), dir_(data_directory() + "/authority") {
    const auto log = dir_ + "/log";
    std::filesystem::create_directory(dir_);
    for (const auto* name : {"ca", "other"})
      openssl({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", std::string("/CN=") + name,
               "-keyout", dir_ + "/" + name + ".key", "-out", dir_ + "/" + name + ".crt"},
              log);
    openssl({"req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", dir_ + "/server.key", "-out",
             dir_ + "/server.csr"},
            log);
    write_file(dir_ + "/names", "subjectAltName=DNS:localhost\n");
    openssl({"x509", "-req", "-in", dir_ + "/server.csr", "-CA", dir_ + "/ca.crt", "-CAkey", dir_ + "/ca.key",
             "-CAcreateserial", "-days", "2", "-extfile", dir_ + "/names", "-out", dir_ + "/server.crt"},
            log);
    port_ = std::string{gained(server_.connect().query("SHOW port")).at(0, 0)};
    succeeds(server_.connect().execute(citus_catalogs(0)));
    succeeds(server_.connect().execute("INSERT INTO pg_catalog.pg_dist_node(nodeid, groupid, nodename, nodeport) "
                                       "SELECT g, g, 'localhost', current_setting('port')::int FROM "
                                       "generate_series(0, 1) AS g"));
    const auto data = data_directory();
    server_.stop("fast");
    // Into the files that are there: the server refuses keys of other owners.
    write_file(data + "/server.crt", read_file(dir_ + "/server.crt"));
    write_file(data + "/server.key", read_file(dir_ + "/server.key"));
    write_file(data + "/pg_hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n");
    server_.start();
    passfile_ = file("pgpass", "*:*:*:weir:right\n");
    ::chmod(passfile_.c_str(), 0600);
  }

  std::string file(const std::string& name) const { return dir_ + "/" + name; }
  std::string file(const std::string& name, const std::string& text) const {
    write_file(file(name), text);
    return file(name);
  }
  /// The role weir, with a passfile, but for host and TLS.
  std::string base() const { return "hostaddr=127.0.0.1 port=" + port_ + " dbname=postgres user=weir"; }
  std::string verified() const {
    return base() + " host=localhost sslmode=verify-full sslrootcert=" + file("ca.crt") + " passfile=" + passfile_;
  }
  const std::string& passfile() const { return passfile_; }

private:
  std::string data_directory() { return std::string{gained(server_.connect().query("SHOW data_directory")).at(0, 0)}; }

  source_server server_;
  std::string dir_;
  std::string port_;
  std::string passfile_;
};

tls_server& shared() {
  static tls_server server;
  return server;
}

bool is_encrypted(connection& sql) {
  return gained(sql.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).at(0, 0) == "t";
}

error refusal(const std::string& conninfo) { return failure_of(connection::open(conninfo, {})); }

} // namespace

TEST_CASE("verify-full with one's own authority, for both kinds of connection", "[postgres]") {
  auto sql = gained(connection::open(shared().verified(), {}));
  CHECK(is_encrypted(sql));
  auto replication = gained(connection::open(shared().verified(), {.replication = true}));
  CHECK_FALSE(gained(identify(replication)).system_id.empty());
}

TEST_CASE("a certificate that does not fit is refused for good, and says why", "[postgres]") {
  const auto& s = shared();
  const auto passfile = " passfile=" + s.passfile();
  SECTION("another host name") {
    const auto e =
        refusal(s.base() + passfile + " host=db.example sslmode=verify-full sslrootcert=" + s.file("ca.crt"));
    CHECK(e.code == errc::authentication_failed);
    CHECK_THAT(e.message, WEIR_CONTAINS("does not match host name \"db.example\""));
    CHECK_THAT(e.hint, WEIR_CONTAINS("subjectAltName"));
    CHECK(kind_of(e.code) == failure_kind::fatal);
  }
  SECTION("another authority") {
    const auto e =
        refusal(s.base() + passfile + " host=localhost sslmode=verify-ca sslrootcert=" + s.file("other.crt"));
    CHECK(e.code == errc::authentication_failed);
    CHECK_THAT(e.message, WEIR_CONTAINS("certificate verify failed"));
    CHECK_THAT(e.hint, WEIR_CONTAINS("sslrootcert"));
  }
  SECTION("no authority") {
    const auto e = refusal(s.base() + passfile + " host=localhost sslmode=verify-full sslrootcert=/nowhere/ca.crt");
    CHECK(e.code == errc::authentication_failed);
    CHECK_THAT(e.message, WEIR_CONTAINS("root certificate file \"/nowhere/ca.crt\""));
  }
  SECTION("no TLS where the server asks for it") {
    const auto e = refusal(s.base() + passfile + " host=localhost sslmode=disable");
    CHECK(e.code == errc::authentication_failed);
    CHECK_THAT(e.message, WEIR_CONTAINS("no encryption"));
  }
  SECTION("TLS where the server has none") {
    const auto e = refusal(source_server::shared().conninfo() + " sslmode=require");
    CHECK(e.code == errc::authentication_failed);
    CHECK_THAT(e.message, WEIR_CONTAINS("does not support SSL"));
  }
}

TEST_CASE("a password from a passfile; a wrong one never shows", "[postgres]") {
  const auto& s = shared();
  const auto wrong = s.file("wrong", "*:*:*:weir:hunter2\n");
  ::chmod(wrong.c_str(), 0600);
  const auto e = refusal(s.base() + " host=localhost sslmode=require passfile=" + wrong);
  CHECK(e.code == errc::authentication_failed);
  CHECK_THAT(e.message, WEIR_CONTAINS("password authentication failed"));
  CHECK_THAT(e.hint, WEIR_CONTAINS("password"));
  CHECK((e.message + e.hint).find("hunter2") == std::string::npos);
  auto sql = gained(connection::open(s.base() + " host=localhost sslmode=require passfile=" + s.passfile(), {}));
  CHECK(is_encrypted(sql));
}

TEST_CASE("a service file says everything; discovered nodes take it over", "[postgres]") {
  const auto& s = shared();
  std::string section = "[shop]\n";
  for (const char c : s.verified()) section += c == ' ' ? '\n' : c;
  ::setenv("PGSERVICEFILE", s.file("services", section + "\n").c_str(), 1);
  auto sql = gained(connection::open("service=shop", {}));
  CHECK(is_encrypted(sql));
  const auto nodes = gained(cluster_nodes(sql, "service=shop"));
  REQUIRE(nodes.size() == 2);
  auto node = connection::open(nodes[1].conninfo, {});
  ::unsetenv("PGSERVICEFILE");
  auto reached = gained(std::move(node));
  CHECK(is_encrypted(reached));
}

TEST_CASE("nodes are reached as their coordinator is, but for what is said of one", "[postgres]") {
  const auto& s = shared();
  auto coordinator = gained(connection::open(s.verified(), {}));
  for (const auto& node : gained(cluster_nodes(coordinator, s.verified()))) {
    auto sql = gained(connection::open(node.conninfo, {}));
    CHECK(is_encrypted(sql));
  }
  const auto special = gained(cluster_nodes(coordinator, s.verified(), {{"g1", "sslrootcert=" + s.file("other.crt")}}));
  REQUIRE(special.size() == 2);
  gained(connection::open(special[0].conninfo, {}));
  CHECK(refusal(special[1].conninfo).code == errc::authentication_failed);
  const auto relaxed =
      gained(cluster_nodes(coordinator, s.verified(), {{"g1", "sslmode=require sslrootcert='' host=127.0.0.1"}}));
  gained(connection::open(relaxed[1].conninfo, {}));
  const auto unreadable = failure_of(cluster_nodes(coordinator, s.verified(), {{"g1", "hunter2"}}));
  CHECK(unreadable.code == errc::config_invalid);
  CHECK_THAT(unreadable.message, WEIR_CONTAINS("node g1") && !WEIR_CONTAINS("hunter2"));
}
