#pragma once

#include <string>
#include <vector>

#include "dsl/diagnostic.hpp"
#include "dsl/source_text.hpp"

namespace weir::dsl {

/// The programs that a directory holds: each of its .pipe files that has a `pipeline` statement is one.
struct directory_text {
  std::vector<std::string> programs; ///< paths, in order of their names; also those of files with errors of their own
  source_text text;                  ///< of what was found
  diagnostics found;
};

/// Looks into the .pipe files of a directory, not into directories inside it.
///
/// Errors   (in `found`) W0001 the directory cannot be read, or has no program · W0212 two pipelines of one name: the
///          first is a program · W0211 (a warning) a file that is no program and that none includes
directory_text read_directory(const std::string& path);

} // namespace weir::dsl
