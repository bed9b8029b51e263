#include "tests/sim/world/scratch_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weir::sim {
namespace fs = std::filesystem;

scratch_files::scratch_files(environment& env) : env_(env) {
  const char* parent = std::getenv("TMPDIR");
  directory_ = fs::canonical(parent != nullptr ? parent : "/tmp").string() + "/weir-sim-XXXXXX";
  if (mkdtemp(directory_.data()) == nullptr) directory_.clear();
}

scratch_files::~scratch_files() {
  std::error_code ignored;
  if (!directory_.empty()) fs::remove_all(directory_, ignored);
}

int scratch_files::some_file() {
  std::vector<int> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd", ignored)) {
    const auto target = fs::read_symlink(entry.path(), ignored).string();
    if (!directory_.empty() && target.starts_with(directory_))
      found.push_back(std::atoi(entry.path().filename().c_str()));
  }
  std::sort(found.begin(), found.end());
  return found.empty() ? -1 : found[env_.random.below(found.size())];
}

void scratch_files::tear() {
  const int fd = some_file();
  struct stat about {};
  if (fd < 0 || fstat(fd, &about) != 0 || about.st_size == 0) return;
  const auto at = static_cast<off_t>(env_.random.below(static_cast<std::uint64_t>(about.st_size)));
  char byte = 0;
  if (pread(fd, &byte, 1, at) != 1) return;
  byte = static_cast<char>(byte ^ static_cast<char>(1U << env_.random.below(8)));
  if (pwrite(fd, &byte, 1, at) == 1) env_.tell("byte {} of a scratch file of {} is another", at, about.st_size);
}

void scratch_files::lose() {
  const int fd = some_file();
  struct stat about {};
  if (fd < 0 || fstat(fd, &about) != 0 || about.st_size == 0) return;
  const auto left = static_cast<off_t>(env_.random.below(static_cast<std::uint64_t>(about.st_size)));
  if (ftruncate(fd, left) == 0) env_.tell("of {} bytes of a scratch file {} are left", about.st_size, left);
}

} // namespace weir::sim
