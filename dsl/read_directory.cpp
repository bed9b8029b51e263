#include "dsl/read_directory.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "dsl/read_program.hpp"

namespace weir::dsl {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> pipe_files(const std::string& directory, std::error_code& failed) {
  std::vector<std::string> paths;
  for (auto at = fs::directory_iterator(directory, failed); !failed && at != fs::directory_iterator();
       at.increment(failed))
    if (std::error_code unknown; at->path().extension() == ".pipe" && !at->is_directory(unknown))
      paths.push_back(at->path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

class directory_reader {
public:
  directory_text run(const std::string& path) {
    std::error_code failed;
    const auto paths = pipe_files(path, failed);
    for (const auto& one : paths) look_into(one);
    for (const auto& file : files_) classify(file);
    if (failed)
      unfit(path, fmt::format("cannot look into this directory: {}", failed.message()), {});
    else if (out_.programs.empty() && !has_errors(out_.found))
      unfit(path, "no .pipe file of this directory has a pipeline statement", "begin one with: pipeline NAME;");
    sort(out_.found);
    return std::move(out_);
  }

private:
  struct one_file {
    std::string path;
    std::uint32_t number = 0; ///< in out_.text
    std::optional<name> pipeline;
    bool faulty = false;
  };

  void look_into(const std::string& path) {
    const auto program = read_program({path});
    one_file file{path, add(program.text.files.front()), {}, false};
    for (const auto& p : program.program.pipelines)
      if (p.pipeline.where.file == 0 && !file.pipeline) file.pipeline = p.pipeline;
    file.faulty = std::any_of(program.found.begin(), program.found.end(), [](const diagnostic& d) {
      return d.severity == severity::error && d.where && d.where->file == 0;
    });
    for (std::size_t i = 1; i < program.text.files.size(); ++i)
      included_.insert(file_identity(program.text.files[i].name));
    files_.push_back(std::move(file));
  }

  void classify(const one_file& file) {
    if (!file.pipeline) {
      const bool included = included_.contains(file_identity(file.path));
      if (!included && file.faulty)
        out_.programs.push_back(file.path); // whoever checks it tells why it is none
      else if (!included)
        out_.found.push_back({severity::warning, code::not_included, span{file.number, 0, 0},
                              "this file has no pipeline statement, and none includes it",
                              "begin it with: pipeline NAME; or include it in a file that does"});
      return;
    }
    const auto [known, is_new] = pipelines_.emplace(file.pipeline->text, file.path);
    if (is_new) {
      out_.programs.push_back(file.path);
      return;
    }
    auto where = file.pipeline->where;
    where.file = file.number;
    out_.found.push_back({severity::error, code::pipeline_taken, where,
                          fmt::format("pipeline \"{}\" is that of {} already", file.pipeline->text, known->second),
                          "slots, publications and tables carry the name: give each pipeline one of its own"});
  }

  void unfit(const std::string& path, std::string message, std::string hint) {
    out_.found.push_back({severity::error, code::unreadable_file, span{add({path, {}, false}), 0, 0},
                          std::move(message), std::move(hint)});
  }

  std::uint32_t add(source_file file) {
    out_.text.files.push_back(std::move(file));
    return static_cast<std::uint32_t>(out_.text.files.size() - 1);
  }

  directory_text out_;
  std::vector<one_file> files_;
  std::set<std::string> included_;               ///< identities
  std::map<std::string, std::string> pipelines_; ///< name to path
};

} // namespace

directory_text read_directory(const std::string& path) { return directory_reader().run(path); }

} // namespace weir::dsl
