#include "runtime/state/spill_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace weir {
namespace {

error io_error(const char* doing, const std::string& directory, int cause) {
  return {errc::io_failed, fmt::format("{} in {}: {}", doing, directory, std::strerror(cause)),
          "free space there, or set TMPDIR to a directory with more"};
}

} // namespace

result<std::shared_ptr<spill_file>> spill_file::make(const std::string& directory) {
  std::string path = directory + "/weir-spill-XXXXXX";
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return io_error("cannot make a spill file", directory, errno);
  unlink(path.c_str());
  return std::shared_ptr<spill_file>(new spill_file(fd, directory));
}

spill_file::~spill_file() { close(fd_); }

result<std::uint64_t> spill_file::append(std::span<const std::byte> bytes) {
  const auto from = size_;
  auto at = from;
  while (!bytes.empty()) {
    const auto written = pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error("cannot write to a spill file", directory_, errno);
    at += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  size_ = at;
  return from;
}

status spill_file::read(std::uint64_t from, std::span<std::byte> to) const {
  while (!to.empty()) {
    const auto got = pread(fd_, to.data(), to.size(), static_cast<off_t>(from));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return damaged(from);
    from += static_cast<std::uint64_t>(got);
    to = to.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

error spill_file::damaged(std::uint64_t from) const {
  return {errc::scratch_damaged,
          fmt::format("a spill file in {} does not hold at byte {} what was written to it", directory_, from),
          "the transactions are read again from their slots; if it comes again, look at that disk"};
}

} // namespace weir
