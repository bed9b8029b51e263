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

/// Reads the files of a program. One that cannot be read, or is larger than `most_bytes`, is a diagnostic, and its
/// text stays empty and is not read.
loaded_text read_files(const std::vector<std::string>& paths, std::size_t most_bytes = max_file_bytes);

struct parsed {
  syntax program;
  diagnostics found;
};

/// Text to syntax tree. Reports all errors of all files: after one it goes on behind the next ';' or '}'.
///
/// Input    anything: empty, binary and too large files, and expressions nested too deep, have diagnostics of their
/// own. Cost     O(text); stack bounded by the limits on nesting.
parsed parse(const source_text& text);

/// The parse tree of one file as text, without places, blanks and comments: two files of one shape mean the same. Empty
/// if the file does not parse. For tests of what rewrites files.
std::string shape_of(const std::string& text);

/// 0 if PEGTL's analysis of the grammar finds no rule that can loop without consuming.
std::size_t grammar_problems();

} // namespace weir::dsl
