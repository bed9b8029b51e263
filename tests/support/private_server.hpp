#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::test {

/// A real PostgreSQL server of a test's own: a fresh data directory under /tmp, on loopback and a free port.
///
/// Runs as the user postgres (or nobody) where the test runs as root, which PostgreSQL refuses. Superuser `postgres`,
/// no password. fsync is off: what was committed outlives a kill -9 of the server, not of the machine. Stopped and
/// removed at the end, also where the test is killed: a watchdog of its own waits for the end of the test. Errors
/// std::runtime_error with the server's log.
class private_server {
public:
  struct options {
    std::vector<std::string> settings = {}; ///< lines of postgresql.conf: "wal_level = logical"
    int first_port = 56100;
    int last_port = 56199;
  };

  private_server() : private_server(options{}) {}

  explicit private_server(options with) : options_(std::move(with)), bin_(server_programs()) {
    std::array<char, 32> name{"/tmp/weir-server-XXXXXX"};
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory under /tmp");
    dir_ = name.data();
    hand_over(dir_);
    watchdog_.emplace(dir_);
    run(bin_ + "/initdb -D " + data() + " -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null 2>&1");
    std::ofstream conf(data() + "/postgresql.conf", std::ios::app);
    conf << "listen_addresses = '127.0.0.1'\nunix_socket_directories = '" << dir_ << "'\nfsync = off\n"
         << "full_page_writes = off\n";
    for (const auto& line : options_.settings) conf << line << '\n';
    conf.close();
    start();
  }

  private_server(const private_server&) = delete;
  private_server& operator=(const private_server&) = delete;

  int port() const noexcept { return port_; }
  const std::string& directory() const noexcept { return dir_; }

  std::string conninfo(const std::string& database = "postgres") const {
    return "host=127.0.0.1 port=" + std::to_string(port_) + " user=postgres dbname=" + database;
  }

  /// Starts the server, on the same port as before if it ran already, and returns when it answers.
  void start() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (true) {
      const bool first_time = port_ == 0;
      if (first_time) port_ = free_port();
      try {
        // The server keeps no descriptor of the test's: a pipe's reader would wait for it.
        return run(bin_ + "/pg_ctl start -w -s -D " + data() + " -l " + log() + " -o '-p " + std::to_string(port_) +
                   "' >/dev/null 2>&1 </dev/null");
      } catch (const std::runtime_error&) {
        // Another program took the port, or what the killed server left behind is not gone yet.
        if (std::chrono::steady_clock::now() > until) throw;
        if (first_time) port_ = 0;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
  }

  /// Stops the server: quickly but cleanly, or, with `kill9`, as a crash does.
  void stop(bool kill9 = false) {
    if (!kill9) return run(bin_ + "/pg_ctl stop -w -s -m fast -D " + data() + " >/dev/null 2>&1");
    pid_t postmaster = 0;
    std::ifstream(data() + "/postmaster.pid") >> postmaster;
    if (postmaster > 0) ::kill(postmaster, SIGKILL); // its children notice and end
    while (postmaster > 0 && ::kill(postmaster, 0) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

private:
  /// A shell that waits for the end of a pipe which only this process holds open for writing, then stops the server
  /// and removes its directory.
  class watchdog {
  public:
    explicit watchdog(const std::string& dir) {
      std::array<int, 2> ends{};
      if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
      const std::string script = "trap '' INT TERM HUP; cat >/dev/null; pid=$(head -n 1 " + dir +
                                 "/data/postmaster.pid 2>/dev/null); [ -n \"$pid\" ] && kill -QUIT $pid 2>/dev/null && "
                                 "while kill -0 $pid 2>/dev/null; do sleep 0.02; done; rm -rf " +
                                 dir;
      pid_ = ::fork();
      if (pid_ < 0) throw std::runtime_error("fork failed");
      if (pid_ == 0) {
        ::dup2(ends[0], 0);
        ::execl("/bin/sh", "sh", "-c", script.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
      }
      ::close(ends[0]);
      alive_ = ends[1];
    }
    ~watchdog() {
      ::close(alive_);
      ::waitpid(pid_, nullptr, 0);
    }
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

  private:
    int alive_ = -1;
    pid_t pid_ = -1;
  };

  std::string data() const { return dir_ + "/data"; }
  std::string log() const { return dir_ + "/log"; }

  static std::string server_programs() {
    std::vector<std::string> found;
    for (const char* base : {"/usr/lib/postgresql", "/usr/local/pgsql", "/usr"}) {
      std::error_code ignored;
      for (const auto& entry : std::filesystem::directory_iterator(base, ignored)) {
        const auto bin = entry.path() / "bin";
        if (std::filesystem::exists(bin / "initdb")) found.push_back(bin.string());
      }
      if (!found.empty()) return *std::max_element(found.begin(), found.end());
    }
    throw std::runtime_error("no PostgreSQL server is installed: apt install postgresql");
  }

  static const passwd* server_user() {
    if (::geteuid() != 0) return nullptr;
    const auto* user = ::getpwnam("postgres");
    return user != nullptr ? user : ::getpwnam("nobody");
  }

  static void hand_over(const std::string& path) {
    const auto* user = server_user();
    if (user != nullptr && ::chown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("cannot give " + path + " to " + user->pw_name);
    }
  }

  void run(const std::string& command) const {
    const auto* user = server_user();
    const auto as_user = user == nullptr ? std::string()
                                         : "setpriv --reuid " + std::to_string(user->pw_uid) + " --regid " +
                                               std::to_string(user->pw_gid) + " --clear-groups ";
    if (std::system(("cd / && " + as_user + command).c_str()) == 0) return;
    std::ifstream in(log());
    throw std::runtime_error("failed: " + command + "\n" +
                             std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()));
  }

  int free_port() const {
    const int count = options_.last_port - options_.first_port + 1;
    const int offset = static_cast<int>(::getpid()) % count; // programs at the same time try in different orders
    for (int i = 0; i < count; ++i) {
      const int port = options_.first_port + (offset + i) % count;
      const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<std::uint16_t>(port));
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      const bool is_free = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
      ::close(probe);
      if (is_free) return port;
    }
    throw std::runtime_error("no free port from " + std::to_string(options_.first_port) + " to " +
                             std::to_string(options_.last_port));
  }

  options options_;
  std::string bin_;
  std::string dir_;
  int port_ = 0;
  std::optional<watchdog> watchdog_;
};

} // namespace weir::test
