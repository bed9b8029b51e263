#include "tools/weir/available_memory.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include <unistd.h>

namespace weir::program {
namespace {

/// The number in a file of /sys/fs/cgroup; none where there is no such file, or it says "max".
std::uint64_t limit_in(const std::string& path) {
  std::ifstream in(path);
  std::uint64_t bytes = 0;
  return in >> bytes ? bytes : std::numeric_limits<std::uint64_t>::max();
}

/// The least limit of this process' control group (version 2) and those around it.
std::uint64_t group_limit() {
  const std::string root = "/sys/fs/cgroup";
  auto least = limit_in(root + "/memory.max"); // of a container that sees its own group as the root
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (!line.starts_with("0::/")) continue;
    for (auto path = line.substr(3); path.size() > 1; path.resize(path.rfind('/')))
      least = std::min(least, limit_in(root + path + "/memory.max"));
  }
  return least;
}

} // namespace

std::uint64_t available_memory() {
  const auto pages = sysconf(_SC_PHYS_PAGES);
  const auto page = sysconf(_SC_PAGESIZE);
  const auto machine = pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page)
                                             : std::numeric_limits<std::uint64_t>::max();
  return std::min(machine, group_limit());
}

} // namespace weir::program
