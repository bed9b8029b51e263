#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace weir::sim {

/// Virtual time: what the actors' clock shows.
using instant = std::chrono::steady_clock::time_point;

/// The last things that happened, for people: a ring, so that a run of any length costs the same.
class chronicle {
public:
  static constexpr std::size_t kept = 40;

  template <class... Args>
  void tell(instant at, std::uint64_t step, fmt::format_string<Args...> what, Args&&... args) {
    auto& line = lines_[told_++ % kept];
    line.clear();
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
    fmt::format_to(std::back_inserter(line), "{:>8} {:>12.3f} ms  ", step, static_cast<double>(us) / 1000);
    fmt::format_to(std::back_inserter(line), what, std::forward<Args>(args)...);
    if (echo_) fmt::print("{}\n", line);
  }

  /// Also prints every line as it comes.
  void echo(bool on) { echo_ = on; }

  /// Oldest first.
  std::vector<std::string> last() const {
    std::vector<std::string> out;
    for (auto i = told_ < kept ? 0 : told_ - kept; i < told_; ++i) out.push_back(lines_[i % kept]);
    return out;
  }

private:
  std::array<std::string, kept> lines_;
  std::size_t told_ = 0;
  bool echo_ = false;
};

} // namespace weir::sim
