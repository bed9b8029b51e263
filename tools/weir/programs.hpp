#pragma once

#include <string>
#include <vector>

#include "dsl/diagnostic.hpp"
#include "dsl/source_text.hpp"

namespace weir::program {

/// What FILE… on a command line comes down to: the files named one by one are one program, and each directory holds
/// programs of its own (dsl/read_directory.hpp).
struct program_list {
  std::vector<std::vector<std::string>> programs; ///< the files of each
  bool several = false;                           ///< a directory was named, even if it holds one only
  dsl::source_text text;                          ///< of the directories
  dsl::diagnostics found;                         ///< in the directories, beside what their programs say
};

program_list programs_of(const std::vector<std::string>& named);

/// The programs, what is found in the directories being printed to standard error. `code` becomes bad_definition if
/// that has errors.
std::vector<std::vector<std::string>> programs_or_findings(const std::vector<std::string>& named, int& code);

/// Calls `each` with the files of one program after the other.
/// Output   the first exit code that is not success
template <class Each>
int for_each_program(const std::vector<std::string>& named, Each each) {
  int first = 0;
  for (const auto& files : programs_or_findings(named, first))
    if (const int code = each(files); first == 0) first = code;
  return first;
}

} // namespace weir::program
