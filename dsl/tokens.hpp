#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.hpp"

namespace weir::dsl {

enum class token_kind : std::uint8_t {
  word,          ///< a keyword or a name without quotes; $1 and ${NAME} too
  quoted,        ///< between double quotes: a name or a connection string
  string,        ///< between single quotes, with its prefix: e'…', u&'…'
  number,        ///< also one with letters behind it, which the parser refuses
  mark,          ///< an operator, or one of , ; . : ( ) [ ] { }
  line_comment,  ///< without the end of its line
  block_comment, ///< with all that is nested in it
};

struct token {
  token_kind kind = token_kind::mark;
  std::string_view text; ///< of the text that was read
  std::size_t begin = 0;
  std::size_t newlines = 0; ///< ends of lines between the token before it (or the beginning) and this one

  bool is_comment() const { return kind == token_kind::line_comment || kind == token_kind::block_comment; }
};

/// Splits a definition into its tokens and comments, whatever its grammar: by the rules of PostgreSQL's scanner, which
/// dsl/lexical.hpp follows. For the formatter, and for schema files.
///
/// Input    any bytes; `file` is the number that findings carry
/// Output   views into `text`; empty if something is wrong, which is then in `found`
/// Errors   W0103 a comment, a string or a quoted name that does not end
/// Cost     O(text)
std::optional<std::vector<token>> read_tokens(std::uint32_t file, std::string_view text, diagnostics& found);

/// How many bytes the token that `text` begins with has; 0 if it begins with space, nothing, or what does not end.
std::size_t first_token_length(std::string_view text) noexcept;

} // namespace weir::dsl
