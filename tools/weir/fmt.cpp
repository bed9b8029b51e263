#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dsl/format.hpp"
#include "dsl/read_program.hpp"
#include "runtime/base/result.hpp"
#include "tools/weir/commands.hpp"
#include "tools/weir/definition.hpp"

namespace weir::program {
namespace {

namespace fs = std::filesystem;

/// The files named, and the .pipe files in the directories named, in order of their names.
result<std::vector<std::string>> files_of(const std::vector<std::string>& named) {
  std::vector<std::string> out;
  for (const auto& name : named) {
    std::error_code failed;
    if (name == "-" || !fs::is_directory(name, failed)) {
      out.push_back(name);
      continue;
    }
    std::vector<std::string> found;
    for (auto at = fs::recursive_directory_iterator(name, failed); !failed && at != fs::recursive_directory_iterator();
         at.increment(failed))
      if (std::error_code unknown; at->path().extension() == ".pipe" && !at->is_directory(unknown))
        found.push_back(at->path().string());
    if (failed) return error{errc::io_failed, fmt::format("cannot look into {}: {}", name, failed.message())};
    if (found.empty()) return error{errc::io_failed, fmt::format("there is no .pipe file in {}", name)};
    std::sort(found.begin(), found.end());
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

dsl::loaded_text read_input(const std::string& name) {
  if (name != "-") return dsl::read_files({name});
  std::string text(dsl::max_file_bytes + 1, '\0'); // a byte more than is allowed: format() says so
  text.resize(std::fread(text.data(), 1, text.size(), stdin));
  return {dsl::text_of("<standard input>", std::move(text)), {}};
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return fsync(file) == 0;
}

/// Another file takes the place of this one, whole, with its permissions; a symbolic link stays one.
weir::status replace_file(const std::string& name, const std::string& text) {
  const auto fault = [&](int why) {
    return error{errc::io_failed, fmt::format("cannot write {}: {}", name, std::strerror(why))};
  };
  std::error_code failed;
  const auto path = fs::canonical(name, failed).string();
  struct stat about {};
  if (failed || stat(path.c_str(), &about) != 0) return fault(failed ? failed.value() : errno);
  std::string scratch = path + ".XXXXXX";
  const int file = mkstemp(scratch.data());
  if (file < 0) return fault(errno);
  const bool written = write_all(file, text) && fchmod(file, about.st_mode & 07777) == 0;
  const int why = errno;
  const bool closed = close(file) == 0;
  if (written && closed && rename(scratch.c_str(), path.c_str()) == 0) return {};
  const int last = written ? errno : why;
  unlink(scratch.c_str());
  return fault(last);
}

class formatter {
public:
  explicit formatter(bool check) : check_(check) {}

  void format(const std::string& name) {
    auto loaded = read_input(name);
    if (!loaded.found.empty()) return refuse(loaded.text, loaded.found);
    const auto& text = loaded.text.files.front().text;
    auto done = dsl::format(0, text);
    if (!done.text) return refuse(loaded.text, done.found);
    // it must never cost anyone a token
    if (!dsl::same_tokens(text, *done.text)) {
      print_error({errc::internal, fmt::format("{} would lose something and is left alone", name),
                   "this is a fault of weir: please report it with the file"});
      return end_with(failed);
    }
    if (check_)
      compare(loaded.text.files.front().name, text, *done.text);
    else if (name == "-")
      fmt::print("{}", *done.text);
    else if (*done.text != text)
      rewrite(name, *done.text);
  }

  int exit_code() const { return code_; }

private:
  void end_with(int code) { code_ = std::max(code_, code); }

  void refuse(const dsl::source_text& text, const dsl::diagnostics& found) {
    fmt::print(stderr, "{}", dsl::render(text, found));
    end_with(bad_definition);
  }

  void compare(const std::string& name, const std::string& text, const std::string& canonical) {
    if (text == canonical) return;
    fmt::print("{}\n", name);
    end_with(failed);
  }

  void rewrite(const std::string& name, const std::string& text) {
    if (const auto done = replace_file(name, text); !done) {
      print_error(done.error());
      return end_with(failed);
    }
    fmt::print("formatted {}\n", name);
  }

  bool check_;
  int code_ = success;
};

} // namespace

int format(const command_line& line) {
  const auto files = files_of(line.files);
  if (!files) {
    print_error(files.error());
    return failed;
  }
  formatter f(line.check);
  for (const auto& file : *files) f.format(file);
  return f.exit_code();
}

} // namespace weir::program
