#pragma once

#include <string>

#include "tests/sim/world/environment.hpp"

namespace weir::sim {

/// The directory of a program's scratch files. They have no names any more once they are made, but this process holds
/// them open: what happens to a disk can happen to them.
class scratch_files {
public:
  explicit scratch_files(environment& env);
  scratch_files(const scratch_files&) = delete;
  scratch_files& operator=(const scratch_files&) = delete;
  ~scratch_files();

  const std::string& directory() const { return directory_; }
  /// Some bytes of some file become others.
  void tear();
  /// The end of some file is gone.
  void lose();

private:
  /// One that is open; -1 if there is none.
  int some_file();

  environment& env_;
  std::string directory_;
};

} // namespace weir::sim
