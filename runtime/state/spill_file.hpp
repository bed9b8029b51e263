#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "runtime/base/result.hpp"

namespace weir {

/// A temporary file that is appended to and read by position.
///
/// It has no name any more once it is made: nothing is left behind by a crash, and its space is free again when the
/// last one lets go of it.
class spill_file {
public:
  /// Errors   `errc::io_failed` naming the directory
  static result<std::shared_ptr<spill_file>> make(const std::string& directory);

  spill_file(const spill_file&) = delete;
  spill_file& operator=(const spill_file&) = delete;
  ~spill_file();

  /// Returns where the bytes begin. After an error the file is as it was.
  result<std::uint64_t> append(std::span<const std::byte> bytes);
  /// Errors   `errc::scratch_damaged` so much is not there, or cannot be read
  status read(std::uint64_t from, std::span<std::byte> to) const;
  /// What was read is not what was written.
  error damaged(std::uint64_t from) const;
  std::uint64_t size() const noexcept { return size_; }

private:
  spill_file(int fd, std::string directory) : fd_(fd), directory_(std::move(directory)) {}

  int fd_;
  std::string directory_; ///< for errors
  std::uint64_t size_ = 0;
};

} // namespace weir
