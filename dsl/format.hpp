#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dsl/diagnostic.hpp"

namespace weir::dsl {

struct formatted {
  std::optional<std::string> text; ///< empty if the input is no text, or does not split into tokens
  diagnostics found;
};

/// A definition in its canonical form. It knows tokens, statements and clauses, not the grammar: what does not parse,
/// or is in the language only later, is laid out all the same.
///
/// Input    any bytes; `file` is the number that findings carry
/// Law      the tokens and comments are the same before and after, but for the case of keywords, blanks at the end of
///          comments and a byte order mark; format(format(x)) == format(x)
/// Errors   W0003, W0004, W0005, W0103 (in `found`)
/// Cost     O(text)
formatted format(std::uint32_t file, std::string_view text);

/// Are these the same tokens and comments, as the law above has it?
bool same_tokens(std::string_view before, std::string_view after);

} // namespace weir::dsl
