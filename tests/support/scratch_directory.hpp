#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace weir::test {

/// A directory that goes with the test, and is the current one meanwhile: names in findings are then the same
/// everywhere.
class scratch_directory {
public:
  scratch_directory() : before_(std::filesystem::current_path()) {
    static int number = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("weir-scratch-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    std::filesystem::create_directories(path_);
    std::filesystem::current_path(path_);
  }
  ~scratch_directory() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(path_);
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Makes the directories of the file's path, too.
  void write(const std::string& name, const std::string& text) const {
    const auto path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

private:
  std::filesystem::path before_;
  std::filesystem::path path_;
};

} // namespace weir::test
