#pragma once

#include <cstdint>
#include <string>

#include "dsl/diagnostic.hpp"
#include "dsl/source_text.hpp"
#include "dsl/syntax.hpp"

namespace weir::dsl {

struct parsed {
  syntax program;
  diagnostics found;
};

/// Text to syntax tree. Reports all errors of all files: after one it goes on behind the next ';' or '}'. What the
/// files include is not looked for: read_program does.
///
/// Input    anything: empty, binary and too large files, and expressions nested too deep, have diagnostics of their
/// own. Cost     O(text); stack bounded by the limits on nesting.
parsed parse(const source_text& text);

/// The same for one file of a text, number `file`: its statements and findings, behind those that `out` has.
void parse_file(std::uint32_t file, const std::string& text, parsed& out);

/// The parse tree of one file as text, without places, blanks and comments: two files of one shape mean the same. Empty
/// if the file does not parse. For tests of what rewrites files.
std::string shape_of(const std::string& text);

/// 0 if PEGTL's analysis of the grammar finds no rule that can loop without consuming.
std::size_t grammar_problems();

} // namespace weir::dsl
