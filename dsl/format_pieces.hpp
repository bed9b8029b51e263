#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/tokens.hpp"

namespace weir::dsl {

/// A comment on a line of its own (several, if they share it).
struct comment_line {
  std::string text;
  bool blank_before = false; ///< an empty line stands before it
};

/// A token as the formatter writes it, with the comments that go with it.
struct piece {
  token_kind kind = token_kind::mark;
  std::string text;
  bool gap = true;                  ///< a blank before it, where it follows its predecessor on a line
  bool blank_before = false;        ///< an empty line stood right before it
  bool prefix = false;              ///< a sign: what follows stands close to it
  std::vector<comment_line> before; ///< on lines of their own
  std::vector<std::string> behind;  ///< block comments on its line
  std::string line_comment;         ///< ends its line; "" if there is none
};

struct pieces {
  std::vector<piece> all;
  std::vector<comment_line> last; ///< comments behind the last token, on lines of their own
};

/// Gives every comment to a token: one on the line of a token goes with it, others with the token that follows.
pieces pieces_of(const std::vector<token>& tokens);

/// Does the word in lower case at `i` count as a keyword here? Behind '.' and `as` no word does.
bool is_keyword_at(const std::vector<piece>& all, std::size_t first, std::size_t i, std::string_view word);

/// Puts the keywords of the statement, or item of a block, all[first, end) into lower case, and says where blanks go.
void spell(std::vector<piece>& all, std::size_t first, std::size_t end);

} // namespace weir::dsl
