#include "dsl/read_program.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "dsl/parse.hpp"

namespace weir::dsl {
namespace {

namespace fs = std::filesystem;

/// Why a file is not read.
struct refusal {
  code about;
  std::string message;
  std::string hint;
};

refusal too_large(std::size_t most_bytes) {
  return {code::file_too_large, "this file is too large",
          fmt::format("at most {} MiB are read; is it the right one?", most_bytes >> 20)};
}

/// A large file is refused by its size, unread; what has no size beforehand (a pipe) is read as far as is allowed.
std::optional<refusal> read_file(const std::string& path, std::string& text, std::size_t most_bytes = max_file_bytes) {
  std::error_code failed;
  const auto about = fs::status(path, failed);
  if (fs::is_directory(about))
    return refusal{code::unreadable_file, "this is a directory", "name the .pipe files in it"};
  if (fs::is_regular_file(about))
    if (const auto size = fs::file_size(path, failed); !failed && size > most_bytes) return too_large(most_bytes);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (in) {
    constexpr std::size_t step = std::size_t{64} << 10;
    while (in && text.size() <= most_bytes) {
      const auto before = text.size();
      text.resize(before + step);
      in.read(text.data() + before, static_cast<std::streamsize>(step));
      text.resize(before + static_cast<std::size_t>(in.gcount()));
    }
  }
  if (in.bad() || (!in && !in.eof()))
    return refusal{code::unreadable_file,
                   fmt::format("cannot read this file: {}", errno != 0 ? std::strerror(errno) : "input error"),
                   {}};
  if (text.size() > most_bytes) return too_large(most_bytes);
  return std::nullopt;
}

class program_reader {
public:
  void add(const std::string& path) {
    if (!begun_.insert(file_identity(path)).second) return;
    const auto file = new_file(path);
    if (auto why = read_file(path, out_.text.files[file].text))
      refuse(file, *std::move(why));
    else
      parse(file);
  }

  program_text take() {
    sort(out_.found);
    const bool unread =
        std::any_of(out_.text.files.begin(), out_.text.files.end(), [](const source_file& f) { return !f.read; });
    out_.program.broken = unread || has_errors(out_.found);
    return std::move(out_);
  }

private:
  std::uint32_t new_file(const std::string& path) {
    out_.text.files.push_back({path, {}, true});
    return static_cast<std::uint32_t>(out_.text.files.size() - 1);
  }

  void refuse(std::uint32_t file, refusal why) {
    out_.found.push_back({severity::error, why.about, span{file, 0, 0}, std::move(why.message), std::move(why.hint)});
    out_.text.files[file].text.clear();
    out_.text.files[file].read = false;
  }

  void parse(std::uint32_t file) {
    parsed own;
    // A copy: what this file includes moves the files' texts about.
    const auto path = out_.text.files[file].name;
    parse_file(file, out_.text.files[file].text, own);
    const auto includes = own.program.includes;
    append(out_.program, std::move(own.program));
    out_.found.insert(out_.found.end(), own.found.begin(), own.found.end());
    open_.push_back(path);
    for (const auto& include : includes) follow(path, include);
    open_.pop_back();
  }

  /// `from` has the statement.
  void follow(const std::string& from, const include_declaration& include) {
    const auto path = (fs::path(from).parent_path() / include.file).lexically_normal().string();
    const auto identity = file_identity(path);
    const auto report = [&](code c, std::string message, std::string hint) {
      out_.found.push_back({severity::error, c, include.where, std::move(message), std::move(hint)});
    };
    const auto same =
        std::find_if(open_.begin(), open_.end(), [&](const auto& o) { return file_identity(o) == identity; });
    if (same != open_.end()) {
      std::vector<std::string> circle(same, open_.end());
      circle.push_back(path);
      return report(code::include_circle, fmt::format("this closes a circle: {}", fmt::join(circle, " includes ")),
                    "take out one of these statements; what both need can stand in a third file");
    }
    if (begun_.contains(identity)) return;
    if (out_.text.files.size() >= max_program_files)
      return report(code::too_many_files, fmt::format("a program has at most {} files", max_program_files),
                    "put several into one");
    begun_.insert(identity);
    std::string text;
    if (auto why = unfit(path, text))
      return report(code::unreadable_include, fmt::format("cannot include {}: {}", path, why->message),
                    why->hint.empty() ? "the name is relative to the file that includes it" : why->hint);
    const auto file = new_file(path);
    out_.text.files[file].text = std::move(text);
    parse(file);
  }

  /// Nobody waits for a pipe or a device that a definition names.
  static std::optional<refusal> unfit(const std::string& path, std::string& text) {
    std::error_code failed;
    const auto about = fs::status(path, failed);
    if (fs::exists(about) && !fs::is_regular_file(about) && !fs::is_directory(about))
      return refusal{code::unreadable_file, "this is no regular file", {}};
    auto why = read_file(path, text);
    constexpr std::string_view prefix = "cannot read this file: ";
    if (why && why->message.starts_with(prefix)) why->message.erase(0, prefix.size());
    return why;
  }

  program_text out_;
  std::set<std::string> begun_;   ///< identities
  std::vector<std::string> open_; ///< paths of the files whose includes are being followed, outermost first
};

} // namespace

std::string file_identity(const std::string& path) {
  std::error_code failed;
  const auto real = fs::canonical(path, failed);
  return failed ? fs::path(path).lexically_normal().string() : real.string();
}

loaded_text read_files(const std::vector<std::string>& paths, std::size_t most_bytes) {
  loaded_text out;
  for (const auto& path : paths) {
    const auto file = static_cast<std::uint32_t>(out.text.files.size());
    auto& entry = out.text.files.emplace_back(source_file{path, {}, true});
    auto why = read_file(path, entry.text, most_bytes);
    if (!why) continue;
    out.found.push_back({severity::error, why->about, span{file, 0, 0}, std::move(why->message), std::move(why->hint)});
    entry.text.clear();
    entry.read = false;
  }
  return out;
}

program_text read_program(const std::vector<std::string>& paths) {
  program_reader reader;
  for (const auto& path : paths) reader.add(path);
  return reader.take();
}

} // namespace weir::dsl
