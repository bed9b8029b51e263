#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "dsl/parse.hpp"

namespace weir::dsl {
namespace {

/// Reads at most one byte more than is allowed, so that a large file costs nothing.
bool read_file(const std::string& path, std::size_t most_bytes, std::string& text) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return false;
  text.resize(most_bytes + 1);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return !in.bad();
}

} // namespace

loaded_text read_files(const std::vector<std::string>& paths, std::size_t most_bytes) {
  loaded_text out;
  for (const auto& path : paths) {
    const auto file = static_cast<std::uint32_t>(out.text.files.size());
    auto& entry = out.text.files.emplace_back(source_file{path, {}, true});
    const auto refuse = [&](code c, std::string message, std::string hint) {
      out.found.push_back({severity::error, c, span{file, 0, 0}, std::move(message), std::move(hint)});
      entry.text.clear();
      entry.read = false;
    };
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed)) {
      refuse(code::unreadable_file, "this is a directory", "name the .pipe files in it");
    } else if (errno = 0; !read_file(path, most_bytes, entry.text)) {
      refuse(code::unreadable_file,
             fmt::format("cannot read this file: {}", errno != 0 ? std::strerror(errno) : "input error"), {});
    } else if (entry.text.size() > most_bytes) {
      refuse(code::file_too_large, "this file is too large",
             fmt::format("at most {} MiB are read; is it the right one?", most_bytes >> 20));
    }
  }
  return out;
}

} // namespace weir::dsl
