#pragma once

#include <cstddef>
#include <string_view>

namespace weir::dsl {

/// The length of the comment that `text` begins with: /* … */, nested; 0 if it is none or does not end.
std::size_t comment_length(std::string_view text) noexcept;

/// How much of a file to leave out after an error. `text` begins where the faulty statement or item began.
///
/// Output   at least 1 if `text` is not empty. Behind the next ';', or the '}' that closes a block begun in it, or
///          before a line that begins like a statement; for `in_block` also before the block's own '}'.
///          Strings and comments are passed over, strings at most to the end of their line.
/// Cost     O(output)
std::size_t skip_length(std::string_view text, bool in_block) noexcept;

/// The words that begin a statement.
inline constexpr std::string_view statement_words[] = {"pipeline",  "cluster", "source", "view", "sink",
                                                       "supervise", "include", "memory", "test"};

} // namespace weir::dsl
