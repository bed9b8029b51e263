#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weir::test {

/// Asks `question` every 20 ms until it is true; false if it never was within `patience`.
template <class Question>
bool eventually(std::chrono::milliseconds patience, Question question) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!question()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

inline std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline void write_file(const std::string& path, const std::string& text) {
  if (!(std::ofstream(path, std::ios::binary) << text)) throw std::runtime_error("cannot write " + path);
}

/// A program a test started. It does not outlive the test, whatever happens to either.
class child_process {
public:
  /// `argv[0]` is looked up in PATH; what the program says is appended to the two files (they may be one).
  child_process(std::vector<std::string> argv, const std::string& out_path, const std::string& err_path) {
    std::vector<char*> words;
    for (auto& word : argv) words.push_back(word.data());
    words.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) { // nothing here may allocate: other threads may hold the allocator's locks
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(126);
      ::dup2(::open("/dev/null", O_RDONLY), 0);
      ::dup2(::open(out_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644), 1);
      ::dup2(::open(err_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644), 2);
      ::execvp(words[0], words.data());
      ::_exit(127);
    }
  }
  child_process(child_process&& other) noexcept : pid_(std::exchange(other.pid_, -1)), exit_code_(other.exit_code_) {}
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  child_process& operator=(child_process&&) = delete;
  ~child_process() {
    if (pid_ > 0) kill();
  }

  pid_t pid() const { return pid_; }
  void signal(int number) const {
    if (pid_ > 0 && !exit_code_) ::kill(pid_, number);
  }

  /// What it exited with, 128 + signal if one ended it; empty while it runs.
  std::optional<int> exit_code() {
    int state = 0;
    if (!exit_code_ && pid_ > 0 && ::waitpid(pid_, &state, WNOHANG) == pid_)
      exit_code_ = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    return exit_code_;
  }
  /// The exit code, once it has ended; -1 if it has not within `patience`.
  int wait(std::chrono::milliseconds patience) {
    (void)eventually(patience, [this] { return exit_code().has_value(); });
    return exit_code_.value_or(-1);
  }
  /// kill -9, and wait until it is gone.
  void kill() {
    signal(SIGKILL);
    while (!exit_code()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  /// The most memory it ever had resident, in KiB (VmHWM); 0 once it has ended.
  long peak_memory_kib() const {
    std::ifstream lines("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
    return 0;
  }

private:
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

} // namespace weir::test
