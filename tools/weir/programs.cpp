#include "tools/weir/programs.hpp"

#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "dsl/read_directory.hpp"
#include "tools/weir/definition.hpp"

namespace weir::program {
namespace {

void append(program_list& to, dsl::directory_text more) {
  const auto shift = static_cast<std::uint32_t>(to.text.files.size());
  for (auto& file : more.text.files) to.text.files.push_back(std::move(file));
  for (auto& d : more.found) {
    if (d.where) d.where->file += shift;
    to.found.push_back(std::move(d));
  }
  for (auto& path : more.programs) to.programs.push_back({std::move(path)});
}

} // namespace

program_list programs_of(const std::vector<std::string>& named) {
  program_list out;
  std::vector<std::string> files;
  for (const auto& path : named) {
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed)) {
      out.several = true;
      append(out, dsl::read_directory(path));
    } else {
      files.push_back(path);
    }
  }
  if (!files.empty()) out.programs.insert(out.programs.begin(), std::move(files));
  return out;
}

std::vector<std::vector<std::string>> programs_or_findings(const std::vector<std::string>& named, int& code) {
  auto list = programs_of(named);
  if (!list.found.empty()) fmt::print(stderr, "{}", dsl::render(list.text, list.found));
  if (dsl::has_errors(list.found)) code = bad_definition;
  return std::move(list.programs);
}

} // namespace weir::program
