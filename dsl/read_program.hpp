#pragma once

#include <string>
#include <vector>

#include "dsl/diagnostic.hpp"
#include "dsl/source_text.hpp"
#include "dsl/syntax.hpp"

namespace weir::dsl {

struct loaded_text {
  source_text text;
  diagnostics found;
};

/// Reads these files and no others. One that cannot be read, or is larger than `most_bytes`, is a diagnostic; its text
/// stays empty. Of a large one no more than that is ever in memory.
loaded_text read_files(const std::vector<std::string>& paths, std::size_t most_bytes = max_file_bytes);

/// A program has no more files than this.
inline constexpr std::size_t max_program_files = 100;

/// A program as it is on disk.
struct program_text {
  source_text text; ///< the files named, and behind each those that it includes
  syntax program;
  diagnostics found;
};

/// Reads the files of a program and those that they include, and parses them. A file counts once, however often and by
/// whatever path it is named.
///
/// Errors   (in `found`) those of read_files and parse; and at the `include`: W0110 the file cannot be read · W0111 it
///          includes, perhaps by others, the file that includes it · W0112 max_program_files
program_text read_program(const std::vector<std::string>& paths);

/// What tells a file from others, by whatever path it is reached.
std::string file_identity(const std::string& path);

} // namespace weir::dsl
