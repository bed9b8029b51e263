#include "tests/property/postgres_source_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "tests/support/child_process.hpp"

namespace weir::test {
namespace {

/// PostgreSQL refuses to run as root.
const std::string& server_user() {
  static const std::string user = ::geteuid() == 0 ? "postgres" : "";
  return user;
}

std::string newest_bindir() {
  std::vector<std::filesystem::path> found;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql"))
    if (std::filesystem::exists(version.path() / "bin" / "initdb")) found.push_back(version.path() / "bin");
  if (found.empty()) throw std::runtime_error("no PostgreSQL server is installed");
  return *std::max_element(found.begin(), found.end());
}

void run(std::vector<std::string> command, const std::string& log, bool as_server = true) {
  if (as_server && !server_user().empty()) command.insert(command.begin(), {"runuser", "-u", server_user(), "--"});
  if (child_process(command, log, log).wait(std::chrono::seconds(120)) != 0)
    throw std::runtime_error(command.back() + " failed:\n" + read_file(log));
}

int free_port() {
  const int s = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(s, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(s, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(s);
  if (!bound) throw std::runtime_error("no port is free");
  return ntohs(address.sin_port);
}

std::string fresh_directory() {
  auto path = (std::filesystem::temp_directory_path() / "weir-source-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("cannot make " + path);
  return path;
}

/// initdb takes seconds; each server starts from a copy of one.
const std::string& pristine() {
  struct made {
    std::string dir = fresh_directory();
    made() {
      if (!server_user().empty()) run({"chown", server_user(), dir}, dir + ".log", false);
      run({newest_bindir() + "/initdb", "-D", dir + "/data", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8",
           "--locale=C"},
          dir + ".log");
    }
    ~made() {
      std::error_code ignored;
      std::filesystem::remove_all(dir, ignored);
      std::filesystem::remove(dir + ".log", ignored);
    }
  };
  static const made one;
  return one.dir;
}

} // namespace

source_server::source_server(const std::vector<std::string>& settings, const std::string& hba)
    : dir_(fresh_directory()), port_(free_port()) {
  std::filesystem::remove(dir_);
  run({"cp", "-a", pristine(), dir_}, dir_ + ".log", false);
  std::string conf = "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\nwal_level = logical\n"
                     "max_prepared_transactions = 10\nmax_connections = 40\nshared_buffers = 32MB\nport = " +
                     std::to_string(port_) + "\n";
  for (const auto& line : settings) conf += line + "\n";
  write_file(dir_ + "/data/postgresql.auto.conf", conf);
  if (std::find(settings.begin(), settings.end(), "ssl = on") != settings.end())
    run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout",
         dir_ + "/data/server.key", "-out", dir_ + "/data/server.crt"},
        dir_ + ".log");
  start();
  succeeds(connect().execute("CREATE ROLE weir LOGIN REPLICATION PASSWORD 'right'"));
  if (hba.empty()) return;
  write_file(dir_ + "/data/pg_hba.conf", hba);
  pg_ctl({"reload"});
}

source_server::~source_server() {
  try {
    if (running_) stop("immediate");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
  }
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
  std::filesystem::remove(dir_ + ".log", ignored);
}

source_server& source_server::shared() {
  static source_server server;
  return server;
}

void source_server::pg_ctl(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{newest_bindir() + "/pg_ctl", "-D", dir_ + "/data", "-w", "-l", dir_ + "/server.log"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  run(command, dir_ + ".log");
}

void source_server::start() {
  pg_ctl({"start"});
  running_ = true;
}

void source_server::stop(const std::string& mode) {
  pg_ctl({"-m", mode, "stop"});
  running_ = false;
}

void source_server::become_standby() {
  stop("fast");
  write_file(dir_ + "/data/standby.signal", "");
  start();
}

std::string source_server::conninfo(const std::string& user, const std::string& database) const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " user=" + user + " dbname=" + database;
}

std::string source_server::fresh_database() {
  auto name = "source_" + std::to_string(++databases_);
  succeeds(connect().execute("CREATE DATABASE " + name));
  return name;
}

postgres::connection source_server::connect(const std::string& database, const std::string& user) const {
  return gained(postgres::connection::open(conninfo(user, database), {}));
}

postgres::connection source_server::replicate(const std::string& database, const std::string& user) const {
  return gained(
      postgres::connection::open(conninfo(user, database), {.application_name = "weir test", .replication = true}));
}

} // namespace weir::test
